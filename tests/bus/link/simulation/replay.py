"""Tells what happens in one schedule of the whole link: `python -m tests.bus.link.simulation.replay CAMPAIGN SEED`."""

import sys
from collections.abc import Sequence

from tests.bus.link.simulation.schedule import CAMPAIGNS, run

COMMAND = ".venv/bin/python -m tests.bus.link.simulation.replay {campaign} {seed}"


def main(arguments: Sequence[str]) -> int:
    """Replay a schedule; 1: something is wrong in it."""
    if len(arguments) != 2 or arguments[0] not in CAMPAIGNS:
        sys.stderr.write(f"{COMMAND.format(campaign='|'.join(CAMPAIGNS), seed='SEED')}\n")
        return 2
    books = run(CAMPAIGNS[arguments[0]], int(arguments[1]), is_traced=True).books
    sys.stdout.write("\n".join(books.lines or ()) + "\n")
    sys.stdout.write(f"{'wrong: ' + ', '.join(books.wrong) if books.wrong else 'healed'}\n")
    return 1 if books.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
