"""Tells what happens in one schedule of the whole link: `python -m tests.bus.link.simulation.replay CAMPAIGN SEED`."""

import sys
from functools import partial

from tests.bus.findings import replay
from tests.bus.link.simulation.schedule import CAMPAIGNS, run

COMMAND = ".venv/bin/python -m tests.bus.link.simulation.replay {campaign} {seed}"
main = partial(replay, COMMAND, CAMPAIGNS, run)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
