"""What every simulation keeps of a schedule: what was wrong, what happened, and how that is told again."""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any


class Findings:
    """What was found in one schedule.

    Attributes:
        wrong: each kind of violation, and what it was the first time.
        lines: what happened, if it is being traced.
    """

    def __init__(self, *, is_traced: bool = False) -> None:
        self.wrong: dict[str, str] = {}
        self.lines: list[str] | None = [] if is_traced else None

    def violated(self, what: str, detail: object = "") -> None:
        if what not in self.wrong:
            self.wrong[what] = str(detail)
            self.trace("WRONG:", what, detail)

    def trace(self, *words: object) -> None:
        if self.lines is not None:
            self.lines.append(" ".join(str(word) for word in words))


def replay(command: str, campaigns: Mapping[str, Any], run: Callable[..., Any], arguments: Sequence[str]) -> int:
    """Run the schedule of a campaign and a seed again, and tell what happens in it; 1: something is wrong in it."""
    if len(arguments) != 2 or arguments[0] not in campaigns:
        sys.stderr.write(f"{command.format(campaign='|'.join(campaigns), seed='SEED')}\n")
        return 2
    found: Findings = run(campaigns[arguments[0]], int(arguments[1]), is_traced=True).books
    sys.stdout.write("\n".join(found.lines or ()) + "\n")
    sys.stdout.write(f"{'wrong: ' + ', '.join(found.wrong) if found.wrong else 'healed'}\n")
    return 1 if found.wrong else 0
