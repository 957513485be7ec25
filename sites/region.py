"""The role between sites and centre: holds what they hold, on PostgreSQL, and passes it on."""

from sites.on_postgres import run_on_postgres
from sites.settings import read


def run() -> None:
    """Run a region as its environment says, until a signal says stop."""
    run_on_postgres(read("region"))
