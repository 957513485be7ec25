"""A node as ``caifs`` runs it, but for its clock, which can be set; and traced or without a safeguard where asked.

python -m tests.chaos.node site|region|central
"""

import os
from functools import partial
from importlib import import_module
from pathlib import Path

from adapters.system import SystemIds
from sites import cli, parts
from tests.chaos.clock import SetClock
from tests.chaos.mutants import MUTANTS
from tests.chaos.trace import Trace, traced

CLOCK, TRACE, MUTANT = "CHAOS_CLOCK", "CHAOS_TRACE", "CHAOS_MUTANT"
CORE = (
    ("bus.link.ascending", "Sender"),
    ("bus.link.ascending", "Ascent"),
    ("bus.link.feeds", "Presence"),
    ("adapters.database.arrivals", "judge"),
)
"""Where the link and the database look up the replication core: what of it is traced."""


def main() -> None:
    """Run a node of the role that stands on the command line, and end as ``caifs`` does."""
    environment = os.environ
    clock = SetClock(Path(environment[CLOCK]))
    parts.SystemClock = lambda: clock  # type: ignore[assignment,misc] - what this program is for
    parts.SystemIds = partial(SystemIds, clock.milliseconds)  # type: ignore[assignment,misc] - as above
    if mutant := environment.get(MUTANT):
        MUTANTS[mutant]()
    if folder := environment.get(TRACE):
        trace = Trace(Path(folder) / f"{environment['CAIFS_NODE']}.{os.getpid()}.jsonl")
        for module_name, name in CORE:
            module = import_module(module_name)
            setattr(module, name, traced(getattr(module, name), trace))
    cli.main()


if __name__ == "__main__":
    main()
