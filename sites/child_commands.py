"""The commands ``caifs site`` and ``caifs region``: they run the node, or take it below a parent."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from sites.joining import NotJoined, join, move
from sites.keys.invitation import ChildRole, Invitation, InvitationUnreadable
from sites.keys.membership import MEMBERSHIP_FILE
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
        _start_first(joined.child, state, within)


@region.command("join")
def join_region(invitation: _File) -> None:
    """Make the state folder (CAIFS_STATE, CAIFS_NODE) that of a new region below the parent that invites it."""
    _join("region", invitation)


@site.command("move")
def move_site(invitation: _File) -> None:
    """Take a site, with its data, below the parent that invites it, or give it its parent's new key."""
    _move("site", invitation)


@region.command("move")
def move_region(invitation: _File) -> None:
    """Take a region, with its data, below the parent that invites it, or give it its parent's new key."""
    _move("region", invitation)


def _join(role: ChildRole, file: Path) -> tuple[Invitation, Path]:
    invitation, state = _read(role, file)
    try:
        join(state, invitation, role, now=datetime.now(UTC))
    except (NotJoined, StateInUse) as refusal:
        _refuse(str(refusal))
    _tell(role, invitation, state)
    return invitation, state


def _start_first(code: str, state: Path, within: float) -> None:
    from sites.first_start import NotLive, run_until_live  # noqa: PLC0415 - each command loads only what it needs
    from sites.running import RunningNode  # noqa: PLC0415 - as above

    try:
        run_until_live(RunningNode(code=code, state=state), ["site"], typer.echo, within=within)
    except NotLive as reason:
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
