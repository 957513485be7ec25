"""``caifs quarantine``: what a node of this machine could not show or take, tried again or set aside."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

PURPOSE = "caifs quarantine"

quarantine = typer.Typer(
    help="What a node could not show in its tables, or take of its neighbours.", no_args_is_help=True
)
State = Annotated[
    Path, typer.Option(envvar="CAIFS_STATE", exists=True, file_okay=False, help="State folder of the node.")
]
Purpose = Annotated[str, typer.Option(help="Why, for the audit trail.")]


@quarantine.command("list")
def list_(
    state: State,
    *,
    every: Annotated[bool, typer.Option("--all", help="Also what was replayed or set aside.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many of each at most.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="Print what the node says, as JSON.")] = False,
) -> None:
    """List events that cannot be shown, and batches that could not be taken, newest first."""
    from sites.quarantine import show  # noqa: PLC0415 - a node does not load it

    raise typer.Exit(show(state, limit=limit, every=every, as_json=as_json))


@quarantine.command()
def replay(
    state: State,
    ids: Annotated[list[UUID] | None, typer.Argument(help="Ids of events or batches, as listed.")] = None,
    log: Annotated[str | None, typer.Option(help="All held events of a log instead: ORIGIN/EPOCH/CHANNEL.")] = None,
    purpose: Purpose = PURPOSE,
) -> None:
    """Show events again, or take batches in again.

    Exit code 0: done; 1: the node refused something; 2: the node does not answer.
    """
    from sites import quarantine as work  # noqa: PLC0415 - as above

    if bool(ids) == bool(log):
        raise typer.BadParameter("name either ids or a log")
    if ids:
        raise typer.Exit(work.replay(state, ids, purpose))
    parts = str(log).split("/")
    if len(parts) != len(("origin", "epoch", "channel")):
        raise typer.BadParameter(f"{log} is not ORIGIN/EPOCH/CHANNEL", param_hint="--log")
    raise typer.Exit(work.replay_log(state, (parts[0], parts[1], parts[2]), purpose))


@quarantine.command("set-aside")
def set_aside(
    state: State,
    ids: Annotated[list[UUID], typer.Argument(help="Ids of events or batches, as listed.")],
    reason: Annotated[str, typer.Option(help="Why they are given up.")],
    purpose: Purpose = PURPOSE,
) -> None:
    """Give up showing events, or taking batches. They are kept, and no longer count as held."""
    from sites import quarantine as work  # noqa: PLC0415 - as above

    raise typer.Exit(work.set_aside(state, ids, reason, purpose))
