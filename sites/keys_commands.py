"""The commands ``caifs keys``: a parent gives its children keys, and takes them away."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

import typer

from domain.watchlist.scopes import is_scope
from sites.gate_address import client_url, leaf_url
from sites.keys.authority import Authority, AuthorityDamaged
from sites.keys.expiry import SERVER_FILE
from sites.keys.invitation import ChildRole, Invitation, InvitationUnreadable
from sites.keys.issuing import Issuer
from sites.keys.node_key import draw
from sites.keys.register import ChildUnfit, Register, RegisterDamaged, RegisteredChild
from sites.servers.folders import write_private
from sites.settings import ANY_SCOPE, NodeSettings, read

ParentRole = Literal["region", "central"]

keys = typer.Typer(help="Keys of the children of this node.", no_args_is_help=True)

_Role = Annotated[ParentRole, typer.Argument(help="What this node, the parent, is.")]
_Child = Annotated[str, typer.Argument(help="Code of the child.")]
_Output = Annotated[Path, typer.Option("--output", "-o", help="File for the invitation; must not exist.")]
_Folder = Annotated[Path, typer.Option("--output", "-o", help="Folder for the files.")]
_Days = Annotated[float, typer.Option(min=0.01, max=3650, help="How long the certificate lasts.")]


@keys.command()
def invite(
    role: _Role,
    child: _Child,
    scopes: Annotated[str, typer.Option(help="Whose lists it follows: `pl,lublin,koroszczyn`; `*` for all.")],
    output: _Output,
    *,
    child_role: Annotated[ChildRole, typer.Option("--as", help="What the child is.")] = "site",
    days: _Days = 365,
) -> None:
    """Give a new child its key, in one file to be handed over as a key is."""
    with _refusals():
        settings = read(role)
        wanted = tuple(filter(None, scopes.split(",")))
        _check(settings, child, wanted, child_role)
        _issuer(settings).invite(child, child_role, wanted, output, now=_now(), lasts=timedelta(days=days))
    typer.echo(f"{output}: whoever has this file is {child}. There: `caifs {child_role} join {output.name}`")


@keys.command()
def rotate(
    role: _Role,
    child: _Child,
    output: _Output,
    grace: Annotated[float, typer.Option(min=0, max=8760, help="Hours that the old key is good.")] = 168,
    days: _Days = 365,
) -> None:
    """Give a child another key; the old one is good until the new one is used, or the time of grace ends."""
    with _refusals():
        settings = read(role)
        issuer = _issuer(settings)
        invitation = issuer.rotate(child, output, now=_now(), lasts=timedelta(days=days), grace=timedelta(hours=grace))
    typer.echo(f"{output}: whoever has this file is {child}. There: `caifs {invitation.role} move {output.name}`")
    _remind(settings)


@keys.command()
def revoke(role: _Role, child: _Child) -> None:
    """Take all keys from a child; its connections are cut within seconds."""
    with _refusals():
        settings = read(role)
        Register(settings.state).revoke(child)
    typer.echo(f"{child} has no key any more.")
    if child in settings.link.children:
        typer.echo(f"It still has a password: {child} stands in CAIFS_CHILDREN.")
    _remind(settings)


@keys.command("list")
def list_(role: _Role) -> None:
    """List the keys of all children: state, fingerprint, end of the certificate, when it was seen last."""
    with _refusals():
        settings = read(role)
        register = Register(settings.state)
        children, seen = register.read(), register.seen()
    for child in (*children, *(code for code in settings.link.children if code not in children)):
        for line in _described(child, children.get(child), seen):
            typer.echo("\t".join(line))


@keys.command()
def certify(role: _Role, folder: _Folder, days: _Days = 365) -> None:
    """Write what the operator's nats-server of this node shows to children: server.crt, server.key, authority.crt."""
    with _refusals():
        settings = read(role)
        now, key = _now(), draw()
        authority = Authority.of(settings.state, settings.code, now)
        hosts = (settings.link.gate.name,)
        certificate = authority.certify(key, settings.code, now + timedelta(days=days), hosts=hosts)
        write_private(settings.state / SERVER_FILE, certificate)
        _write(folder, {"server.crt": certificate, "server.key": key.pem, "authority.crt": authority.certificate})


@keys.command()
def unpack(invitation: Annotated[Path, typer.Argument(help="What the parent has written.")], folder: _Folder) -> None:
    """Write what the operator's nats-server of a child shows to the parent's: its key, certificates and address."""
    with _refusals():
        read_one = Invitation.read(invitation)
        shown = read_one.credentials
        remote = {"CAIFS_PARENT_LEAF_URL": read_one.leaf_url, "CAIFS_PARENT_SEED": shown.seed}
        _write(
            folder,
            {
                "parent.crt": shown.certificate,
                "parent.key": shown.key,
                "parent-authority.crt": shown.authority,
                "parent.env": "".join(f"{name}={value}\n" for name, value in remote.items()),
            },
        )


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        write_private(folder / name, text)
    typer.echo(f"{folder}: {', '.join(texts)}; for the nats-server alone to read.")


def _described(code: str, child: RegisteredChild | None, seen: Mapping[str, datetime]) -> Iterator[tuple[str, ...]]:
    if child is None:
        yield code, "password"
        return
    if not child.keys:
        yield code, "revoked"
    now = _now()
    for key in child.keys:
        state = "expired" if now >= key.not_after else "good" if key.is_good(now) else "replaced"
        if key.until is not None and state == "good":
            state = f"good until {_text(key.until)}"
        last = f"seen {_text(seen[key.nkey])}" if key.nkey in seen else "never seen"
        yield code, state, key.fingerprint[:16], f"not after {_text(key.not_after)}", ",".join(child.scopes), last


def _text(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def _check(settings: NodeSettings, child: str, scopes: tuple[str, ...], role: ChildRole) -> None:
    if not is_scope(child) or child == settings.code:
        raise ChildUnfit(f"{child!r} is no code of a child of {settings.code}")
    for scope in scopes:
        if scope != ANY_SCOPE and not is_scope(scope):
            raise ChildUnfit(f"{scope!r} is no scope")
    if not scopes or (role == "site" and ANY_SCOPE in scopes):
        raise ChildUnfit("name the scopes of the child; a site must name each")


def _issuer(settings: NodeSettings) -> Issuer:
    return Issuer(
        code=settings.code, state=settings.state, leaf_url=leaf_url(settings), client_url=client_url(settings)
    )


def _remind(settings: NodeSettings) -> None:
    if settings.link.nats_url is not None:
        typer.echo("The nats-server is the operator's: `caifs users` tells it anew.")


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (ChildUnfit, InvitationUnreadable, RegisterDamaged, AuthorityDamaged, OSError) as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(2) from refusal
