"""What the erasure asks of others."""

from collections.abc import Mapping
from typing import Protocol

from domain.erasure.model import Erasable, LogHead
from domain.shared.ports import Change


class Erasables(Protocol):
    """What is on record and can be erased."""

    async def heads(self) -> Mapping[str, tuple[LogHead, ...]]:
        """Return how far the logs are in which events may be erased that others have recorded, by their origin.

        What `find` does not return, asked afterwards, stands behind these, if anywhere.
        """
        ...

    async def find(self, of_id: str) -> Erasable | None:
        """Return all that is on record about an object, or about what an event is about.

        With a registration go its readings and the alarms for it. None when there is nothing, when it is erased
        already, or when events of this kind are not erased.
        """
        ...


class ErasureChange(Change, Protocol):
    """A change as the erasure needs it."""

    @property
    def erasables(self) -> Erasables:
        """What can be erased."""
        ...
