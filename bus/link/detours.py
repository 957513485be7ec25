"""Logs that a child holds and sends though they arrive here another way, as after a site has moved."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from bus.link.messages import EVERY_FEED, Confirmed
from bus.replication import START, Header, LogId, Position
from bus.replication.ports import HeldLog, Logs


class Detours:
    """Who sends what is here already. Such a child is told how far that is, else it would begin anew for ever.

    It is told no more than it has sent: what came later is not its to bring, and may not be its to have.
    """

    def __init__(self, children: Mapping[str, Sequence[str]], logs: Logs) -> None:
        """Watch ``children`` (with the scopes of each)."""
        self._children = children
        self._logs = logs
        self._sent: defaultdict[str, dict[LogId, Position]] = defaultdict(dict)

    def of(self, child: str, held: Sequence[HeldLog]) -> list[Confirmed]:
        """Return how far a child has sent such logs, of all those that are held; its own it is told of anyway."""
        sent = self._sent[child]
        return [
            _told(one, sent[one.log])
            for one in held
            if one.log in sent and child not in (one.via, one.log.origin) and sent[one.log].seq <= one.head.seq
        ]

    def may_begin(self, child: str, held: HeldLog) -> bool:
        """Tell whether a log may arrive through a child instead of the way it does.

        That is so when the origin itself is a child now, and when the former way is one that passes on for others, or
        no child any more.
        """
        if held.via in (None, child):
            return False
        return child == held.log.origin or EVERY_FEED in self._children.get(held.via or "", (EVERY_FEED,))

    def begin(self, held: HeldLog) -> None:
        """A log will arrive another way than it has until now: who sent it has sent all that is held."""
        if held.via is not None:
            self._sent[held.via][held.log] = held.head

    async def held(self, child: str, header: Header) -> Confirmed | None:
        """Return how far a child has sent a log that arrives another way, if that is all here; else None.

        A log of the child's own is to arrive through the child, and through a child that passes nothing on only that.

        Raises:
            Unavailable: the database does not answer.
        """
        log = header.log
        if log.origin == child or EVERY_FEED not in self._children.get(child, ()):
            return None
        held = await self._logs.find(log)
        if held is None or held.via is None or held.head.seq < header.last:
            return None
        if await self._logs.hash_at(log, header.last) != header.after:
            return None
        before = self._sent[child].get(log, START)
        furthest = self._sent[child][log] = max(before, Position(header.last, header.after), key=lambda one: one.seq)
        return _told(held, furthest)


def _told(held: HeldLog, sent: Position) -> Confirmed:
    return Confirmed(held.log, sent, sent if sent.seq <= held.centre.seq else held.centre)
