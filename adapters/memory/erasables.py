"""What can be erased, in memory."""

from datetime import datetime

from adapters.memory.records import recorded
from adapters.memory.tables import Tables
from bus.erasure import gathered, is_erased, is_id
from bus.recorded import Recorded
from domain.erasure.model import Erasable
from domain.erasure.ports import Erasables


class MemoryErasables(Erasables):
    """What is on record and can be erased."""

    def __init__(self, tables: Tables, now: datetime) -> None:
        """Read from ``tables``, at the time ``now``."""
        self._tables = tables
        self._now = now

    async def find(self, of_id: str) -> Erasable | None:
        """Return all that is on record about an object, or about what an event is about; None when there is nothing."""
        return await gathered(of_id, self._naming, self._now) if is_id(of_id) else None

    async def _naming(self, of_id: str) -> list[Recorded]:
        wanted = frozenset({of_id})
        return [one for one in recorded(self._tables.events.items()) if is_erased(one.id, one.event, wanted)]
