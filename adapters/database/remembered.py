"""What a file said of tables that are seldom written, remembered from one transaction to the next until they are.

The one writer of a file remembers: it sees all that is written.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Final, TypeVar

from sqlalchemy import Table

T = TypeVar("T")

ANSWERS_MAX: Final = 1_000
"""Of one table; when there are more they are asked for anew."""


class Remembered:
    """Answers that hold as long as nobody writes the tables from which they came."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._answers: defaultdict[Table, dict[Hashable, Any]] = defaultdict(dict)
        self._version = 0

    async def answer(self, table: Table, key: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """Return what is remembered of a table, or what ``ask`` reads from it."""
        answers = self._answers[table]
        if key in answers:
            known: T = answers[key]
            return known
        answer = await ask()
        if len(answers) >= ANSWERS_MAX:
            answers.clear()
        answers[key] = answer
        return answer

    def forget(self, table: Table | None = None) -> None:
        """Forget what came from a table; from all where it is not known which was written."""
        if table is None:
            self._answers.clear()
        else:
            self._answers.pop(table, None)

    def as_of(self, version: int) -> None:
        """Forget everything when another connection has written: then the file's ``data_version`` is another."""
        if version != self._version:
            self._version = version
            self.forget()
