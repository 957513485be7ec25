"""The commands ``caifs site`` and ``caifs region``: they run the node, or take it below a parent."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from sites.joining import NotJoined, join, move, owner_of
from sites.keys.invitation import ChildRole, Invitation, InvitationUnreadable
from sites.keys.membership import MEMBERSHIP_FILE, drop_membership
from sites.occupancy import StateInUse
from sites.settings import code_of, state_of

_File = Annotated[Path, typer.Argument(help="What `caifs keys invite` or `rotate` at the parent has written.")]

site = typer.Typer(invoke_without_command=True, help="Run a site, or have it join a parent or move to another.")
region = typer.Typer(invoke_without_command=True, help="Run a region, or have it join a parent or move to another.")


@site.callback()
def run_site(context: typer.Context) -> None:
    """Run a site: registers, matches and alarms, alone if it must."""
    if context.invoked_subcommand is None:
        from sites.site import run  # noqa: PLC0415 - each role loads only what it needs

        run()


@region.callback()
def run_region(context: typer.Context) -> None:
    """Run a region: holds its sites' data and passes it on."""
    if context.invoked_subcommand is None:
        from sites.region import run  # noqa: PLC0415 - as above

        run()


@site.command("join")
def join_site(
    invitation: _File,
    within: Annotated[float, typer.Option(min=0, help="Seconds to wait for the lists; 0: don't start it.")] = 3600,
) -> None:
    """Make a new site below the parent that invites it (CAIFS_STATE, CAIFS_NODE), and have all its lists come.

    It runs until none is missing, and is then ended; a service that runs `caifs site` goes on from there.
    Exit code 1: it has joined, and its lists are not all there yet; they come when it runs.
    """
    joined, state = _join("site", invitation)
    if within > 0:
        _start_first(joined, state, within)


@region.command("join")
def join_region(
    invitation: _File,
    within: Annotated[float, typer.Option(min=0, help="Seconds to wait for all that comes; 0: don't start it.")] = 3600,
) -> None:
    """Make a new region below the parent that invites it (CAIFS_STATE, CAIFS_NODE), and have all that is its come.

    It runs until it holds what its parent does, and is then ended; a service that runs `caifs region` goes on from
    there. Exit code 1: it has joined, and not all is there yet; that comes when it runs.
    """
    joined, state = _join("region", invitation)
    if within > 0:
        _start_first(joined, state, within)


@site.command("move")
def move_site(invitation: _File) -> None:
    """Take a site, with its data, below the parent that invites it, or give it its parent's new key."""
    _move("site", invitation)


@region.command("move")
def move_region(invitation: _File) -> None:
    """Take a region, with its data, below the parent that invites it, or give it its parent's new key."""
    _move("region", invitation)


@site.command("leave")
def leave_site(
    within: Annotated[float, typer.Option(min=1, help="Seconds to wait for the centre.")] = 3600,
) -> None:
    """Take a site, stopped, out of service (CAIFS_STATE): hand over all that it has on record, and drop its key.

    It runs until the centre holds all of it. Exit code 1: not all is handed over, and nothing has changed.
    """
    from sites.last_run import hand_over  # noqa: PLC0415 - each command loads only what it needs
    from sites.running import RunningNode  # noqa: PLC0415 - as above
    from sites.short_run import NotReached  # noqa: PLC0415 - as above

    code, state = _own("site")
    try:
        hand_over(RunningNode(code=code, state=state), typer.echo, within=within)
    except (NotReached, StateInUse) as reason:
        typer.echo(str(reason), err=True)
        raise typer.Exit(1) from reason
    drop_membership(state)
    typer.echo(
        f"{code} is out of service: the centre holds all that it has on record, and {state} may go.\n"
        f"Next, at its parent: `caifs keys revoke region {code}` (or central); a child with a password goes from "
        "CAIFS_CHILDREN there."
    )


def _own(role: ChildRole) -> tuple[str, Path]:
    """Return code and state folder of a node that is here."""
    state = state_of(role=role)
    if state is None:
        _refuse("CAIFS_STATE is missing: the state folder of the node")
    code = owner_of(state, None)
    if code is None:
        _refuse(f"there is no node in {state}")
    return code, state


def _join(role: ChildRole, file: Path) -> tuple[Invitation, Path]:
    invitation, state = _read(role, file)
    try:
        join(state, invitation, role, now=datetime.now(UTC))
    except (NotJoined, StateInUse) as refusal:
        _refuse(str(refusal))
    _tell(role, invitation, state)
    return invitation, state


def _start_first(joined: Invitation, state: Path, within: float) -> None:
    from sites.first_start import first_start  # noqa: PLC0415 - each command loads only what it needs
    from sites.running import RunningNode  # noqa: PLC0415 - as above
    from sites.short_run import NotReached, run_until_done  # noqa: PLC0415 - as above

    node, role = RunningNode(code=joined.child, state=state), joined.role
    try:
        run_until_done(node, role, first_start(role), typer.echo, within=within)
    except NotReached as reason:
        typer.echo(str(reason), err=True)
        raise typer.Exit(1) from reason


def _move(role: ChildRole, file: Path) -> None:
    invitation, state = _read(role, file)
    try:
        move(state, invitation, role, code=code_of(), now=datetime.now(UTC))
    except (NotJoined, StateInUse) as refusal:
        _refuse(str(refusal))
    _tell(role, invitation, state)


def _read(role: ChildRole, file: Path) -> tuple[Invitation, Path]:
    try:
        invitation = Invitation.read(file)
    except InvitationUnreadable as fault:
        _refuse(str(fault))
    code = code_of()
    if code not in (None, invitation.child):
        _refuse(f"the invitation is for {invitation.child}, and CAIFS_NODE says {code}")
    return invitation, state_of(role=role) or Path(".state", invitation.child).absolute()


def _tell(role: ChildRole, invitation: Invitation, state: Path) -> None:
    typer.echo(
        f"{invitation.child} is a child of {invitation.parent}: {state / MEMBERSHIP_FILE}.\n"
        f"Next: `CAIFS_STATE={state} caifs {role}`. The file with the invitation is needed no more; delete it.\n"
        "CAIFS_PARENT, CAIFS_PARENT_URL, CAIFS_PARENT_LEAF_URL and CAIFS_SCOPES go before it where they are set."
    )


def _refuse(why: str) -> NoReturn:
    typer.echo(why, err=True)
    raise typer.Exit(2)
