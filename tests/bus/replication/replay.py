"""Tells what happens in one schedule of the simulation: `python -m tests.bus.replication.replay CAMPAIGN SEED`."""

import sys
from functools import partial

from tests.bus.findings import replay
from tests.bus.replication.schedule import CAMPAIGNS, run

COMMAND = ".venv/bin/python -m tests.bus.replication.replay {campaign} {seed}"
main = partial(replay, COMMAND, CAMPAIGNS, run)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
