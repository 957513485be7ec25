"""Programs that ended without having been killed, and the faults that hit their nodes then."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

REFUSED: Final = 2
"""Exit status of a node that tells, without a trace, what keeps it from starting."""
AFTERMATH: Final = 10.0
"""Seconds after its end for which a fault may still explain something: what begins under it may take as long."""


class Standing:
    """Which faults stand, or stood a moment ago."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Begin without any."""
        self._now = now
        self._ended_at: dict[tuple[str, str, float], float | None] = {}

    @contextmanager
    def stands(self, kind: str, code: str) -> Iterator[None]:
        """Have a fault stand at a node as long as the block."""
        fault = kind, code, self._now()
        self._ended_at[fault] = None
        try:
            yield
        finally:
            self._ended_at[fault] = self._now()

    def at(self, code: str) -> frozenset[str]:
        """Return the kinds of the faults that stand at a node, or stood there a moment ago."""
        past = self._now() - AFTERMATH
        return frozenset(kind for (kind, of, _), at in self._ended_at.items() if of == code and (at or past) >= past)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a program may end by itself.

    Attributes:
        kind: of program: ``node``, ``nats`` or ``postgres``.
        under: faults at its node, of which one is enough.
        says: what is among its last lines.
        status: its exit status; None: any.
    """

    kind: str
    under: frozenset[str]
    says: str = ""
    status: int | None = None


EXPLANATIONS: Final = (
    Explanation(kind="nats", under=frozenset({"fill_brokers_disk"})),
    Explanation(
        kind="node",
        under=frozenset({"kill_postgres", "freeze_postgres", "restore_postgres"}),
        says="is out of reach",
        status=REFUSED,
    ),
    Explanation(kind="node", under=frozenset({"fill_disk"}), says="cannot be used: ", status=REFUSED),
)
"""A nats-server may end on a full disk; a node that begins without its PostgreSQL, or on one, says so and ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A program that ended by itself.

    Attributes:
        part: which one, such as ``nats:lublin``.
        status: its exit status, negative for a signal.
        said: the last lines it printed.
        under: kinds of the faults that stood at its node, or had stood there a moment ago.
    """

    part: str
    status: int | None
    said: str
    under: frozenset[str]

    @property
    def is_explained(self) -> bool:
        """Whether a fault explains it; else it is a defect."""
        kind, _, _ = self.part.partition(":")
        return any(
            one.kind == kind and one.says in self.said and one.under & self.under and one.status in {None, self.status}
            for one in EXPLANATIONS
        )

    def __str__(self) -> str:
        """Name the program, and say what it said last."""
        under = f" under {', '.join(sorted(self.under))}" if self.under else ""
        return f"{self.part}, status {self.status}{under}: {self.said.rpartition(chr(10))[2]}"
