"""The role at the top: holds everything, owns watchlist and organisation, on PostgreSQL."""

from sites.on_postgres import run_on_postgres
from sites.settings import read


def run() -> None:
    """Run the centre as its environment says, until a signal says stop."""
    run_on_postgres(read("central"))
