"""What can be erased, in memory."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from adapters.memory.records import recorded
from adapters.memory.tables import Tables
from bus.catalogue import ALARMS, FACTS
from bus.erasure import gathered, is_erased, is_id
from bus.recorded import Recorded
from domain.erasure.model import Erasable, LogHead
from domain.erasure.ports import Erasables


class MemoryErasables(Erasables):
    """What is on record and can be erased."""

    def __init__(self, tables: Tables, now: datetime) -> None:
        """Read from ``tables``, at the time ``now``."""
        self._tables = tables
        self._now = now

    async def heads(self) -> Mapping[str, tuple[LogHead, ...]]:
        """Return how far the logs of facts and alarms are, by their origin."""
        found: defaultdict[str, tuple[LogHead, ...]] = defaultdict(tuple)
        for held in self._tables.logs.all():
            if held.log.channel in (FACTS, ALARMS):
                head = LogHead(channel=held.log.channel, epoch=held.log.epoch, seq=held.head.seq)
                found[held.log.origin] += (head,)
        return found

    async def find(self, of_id: str) -> Erasable | None:
        """Return all that is on record about an object, or about what an event is about; None when there is nothing."""
        return await gathered(of_id, self._naming, self._now) if is_id(of_id) else None

    async def _naming(self, of_id: str) -> list[Recorded]:
        wanted = frozenset({of_id})
        return [one for one in recorded(self._tables.events.items()) if is_erased(one.id, one.event, wanted)]
