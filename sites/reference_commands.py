"""``caifs reference``: the organisation of the eastern border as it is publicly known, into the running centre."""

from pathlib import Path
from typing import Annotated

import typer

reference = typer.Typer(
    help="Units, posts and permitted traffic of the eastern border, as publicly known.", no_args_is_help=True
)


@reference.callback()
def _group() -> None:
    """Keep ``load`` a command of its own while there is no other."""


@reference.command()
def load(
    state: Annotated[
        Path, typer.Option(envvar="CAIFS_STATE", exists=True, file_okay=False, help="State folder of the centre.")
    ],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be done.")] = False,
) -> None:
    """Have the running centre hold the reference data. Repeated, it changes nothing.

    Exit code 0: done; 1: the node refused something, or is not the centre; 2: it does not answer.
    """
    from sites.reference.load import load as perform  # noqa: PLC0415 - a node does not load it

    raise typer.Exit(perform(state, dry_run=dry_run))
