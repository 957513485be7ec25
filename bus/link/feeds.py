"""Serves feeds to the children: answers what each one asks, as far as it may have it."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Final

from bus.catalogue import ALARMS, COPIED, UP, feeds_of, is_feed
from bus.link.detours import Detours
from bus.link.digests import DigestAnswers
from bus.link.floors import Floors
from bus.link.heartbeats import ChildStatus, Heartbeats, Say, milliseconds
from bus.link.messages import (
    EVERY_FEED,
    KEPT,
    MAX_ITEMS,
    Confirmed,
    Floor,
    Hello,
    MessageUnreadable,
    RangeWanted,
    Refused,
    Ruling,
    Standing,
    Welcome,
    decode,
    encode,
)
from bus.link.packing import packed
from bus.link.returns import Returns
from bus.link.shares import Shares
from bus.link.snapshots import SnapshotAnswers, SnapshotParts
from bus.link.tasks import Tasks
from bus.link.wire import ChildrenWire, Question
from bus.replication import MAX_RECORDS, START, LogId, Presence
from bus.replication.ports import HeldLog, Logs
from bus.verification.ports import Holdings
from domain.shared.ports import Clock

NOTHING: Final = b""
HandBack = Callable[[str, bytes, str], Awaitable[bool]]
"""Told (child, bytes, reason) what a child cannot take; tells whether it is kept."""
BEGUN_MAX: Final = 500
"""Feeds that one child may have begun by naming them; those of a whole country's border are less than half."""
RANGE_BODIES: Final = 128 * 1024
"""Bytes of bodies in a range, unless one event alone has more: even a line of 0.5 Mbit/s carries them in 2.1 s, and
whoever asked waits for 3."""


class Feeds:
    """The feeds of a parent.

    Attributes:
        heartbeats: what each child said last of itself.
    """

    def __init__(
        self,
        wire: ChildrenWire,
        scopes: Mapping[str, Sequence[str]],
        *,
        logs: Logs,
        clock: Clock,
        tasks: Tasks,
        is_owner: bool,
        say: Say,
        holdings: Holdings | None,
        hand_back: HandBack,
        detours: Detours,
        returns: Returns,
        snapshots: SnapshotParts | None,
        floors: Floors,
    ) -> None:
        """Serve the children in ``scopes``, each the feeds of its scopes; nobody else, nothing else.

        Children come and go in ``scopes`` while they are served.
        ``is_owner``: the feeds are this node's own, so it begins those for which there is no event yet.
        ``say`` tells how this node is, ``holdings`` what it holds, of which ``snapshots`` are made; ``hand_back`` keeps
        what a child cannot take, ``returns`` what it gives back. ``detours`` tells of logs that a child is told of
        though they arrive another way, ``floors`` hears where they begin at a child.
        """
        self._floors = floors
        self._wire = wire
        self._scopes = scopes
        self._logs = logs
        self._clock = clock
        self._tasks = tasks
        self._is_owner = is_owner
        self._say_health = say
        self._digests = None if holdings is None else DigestAnswers(holdings, logs, self._may_fetch)
        self._hand_back = hand_back
        self._detours = detours
        self._snapshots = (
            None
            if snapshots is None
            else SnapshotAnswers(snapshots, logs=logs, clock=clock, tasks=tasks, allows=self._allows)
        )
        self._begun: defaultdict[str, set[str]] = defaultdict(set)
        self._confirmations: defaultdict[tuple[str, bool], Shares] = defaultdict(Shares)
        self._heads: defaultdict[str, Shares] = defaultdict(Shares)
        self._presence = Presence()
        self._returns = returns
        self.heartbeats = Heartbeats()

    @property
    def children(self) -> Mapping[str, ChildStatus]:
        """What each child of now said last of itself."""
        return self.heartbeats.look(tuple(self._scopes), self._clock.now())

    async def answer(self, child: str, question: Question, data: bytes) -> bytes:
        """Answer a child; `NOTHING` when it is none of this node's, or asks for what it may not have."""
        if child not in self._scopes:
            self._tasks.note("stranger_refused", child=child, question=question)
            return NOTHING
        try:
            return await self._answer(child, question, data)
        except MessageUnreadable as error:
            self._tasks.note("question_unreadable", child=child, question=question, error=str(error))
            return NOTHING

    async def _answer(self, child: str, question: Question, data: bytes) -> bytes:
        match question:
            case Question.HELLO:
                return encode(await self._welcome(child, decode(Hello, data)))
            case Question.RANGE:
                return await self._range(child, decode(RangeWanted, data))
            case Question.REFUSED:
                return await self._keep(child, decode(Refused, data))
            case Question.RETURN:
                return await self._returns.take(child, data, partial(self._allows, child))
            case Question.DIGEST:
                return NOTHING if self._digests is None else await self._digests.answer(child, data)
            case Question.SNAPSHOT:
                return NOTHING if self._snapshots is None else await self._snapshots.answer(child, data)

    async def _welcome(self, child: str, hello: Hello) -> Welcome:
        if not self._serves(child, hello):
            return Welcome([], ruling=Ruling(0, refused=True))
        self.heartbeats.hear(child, hello, self._clock.now())
        await self._begin(child, hello)
        self._floors.hear(child, hello.floors)
        held = await self._logs.held()
        there = {one.log: one for one in hello.held}
        confirmed = [
            Confirmed(one.log, one.head, one.centre)
            for one in held
            if child in (one.via, one.log.origin) and one.log.channel in hello.channels
        ]
        confirmed += [one for one in self._detours.of(child, held) if one.log.channel in hello.channels]
        heads = [
            Standing(one.log, one.head, one.arrived)
            for one in held
            if self._wanted(one.log, hello) and self._may_have(child, one) and _differs(one, there.get(one.log))
        ]
        heads += self._lost(child, there, held)
        told = self._heads[child].next(heads)
        begins = {one.log: one.floor for one in held if one.floor.seq and not is_feed(one.log.channel)}
        health = self._say_health()
        return Welcome(
            self._confirmations[child, ALARMS in hello.channels].next(confirmed),
            told,
            now=milliseconds(self._clock.now()),
            version="" if health is None else health.version,
            ruling=Ruling(max((one.log.epoch for one in held if one.log.origin == child), default=0)),
            refused=self._refused(child, hello),
            floors=[Floor(one.log, begins[one.log]) for one in told if one.log in begins],
        )

    def _lost(self, child: str, there: Mapping[LogId, Standing], held: Sequence[HeldLog]) -> list[Standing]:
        """Return, as standing at their beginning, the logs that a child holds and this node does not."""
        unknown = there.keys() - {one.log for one in held}
        return [
            Standing(log, START, arrived=False)
            for log in unknown
            if log.origin != child and self._allows(child, log.channel)
        ]

    def _serves(self, child: str, hello: Hello) -> bool:
        """Tell whether this process of a child is served: one at a time is."""
        if hello.identity is None:
            return True
        is_served = self._presence.serves(child, hello.identity.process, asyncio.get_running_loop().time())
        if not is_served:
            self.heartbeats.refuse(child, self._clock.now())
            self._tasks.note("process_refused", child=child, epoch=hello.identity.epoch)
        return is_served

    async def _begin(self, child: str, hello: Hello) -> None:
        """Begin what a child names: an empty feed that it holds is told from one that never arrived."""
        if not self._is_owner:
            return
        begun = self._begun[child]
        named = sorted({name for name in hello.feeds if is_feed(name) and self._allows(child, name)} - begun)
        room = BEGUN_MAX - len(begun)
        if len(named) > room:
            self._tasks.note("feeds_not_begun", child=child, feeds=len(named) - room)
        for name in named[:room]:
            await self._logs.begin(name)
            begun.add(name)

    async def _range(self, child: str, wanted: RangeWanted) -> bytes:
        held = await self._logs.find(wanted.log)
        if held is None or not self._may_fetch(child, held) or wanted.first > held.head.seq:
            return NOTHING
        try:
            limit = min(wanted.limit, MAX_RECORDS)
            return (await packed(self._logs, wanted.log, wanted.first, limit, RANGE_BODIES)).data
        except LookupError:
            return NOTHING

    async def _keep(self, child: str, refused: Refused) -> bytes:
        """Keep what a child cannot take, beside what this node cannot take of the child's."""
        is_kept = await self._hand_back(child, refused.data, f"{child} cannot take it: {refused.reason}")
        return KEPT if is_kept else NOTHING

    def _wanted(self, log: LogId, hello: Hello) -> bool:
        """Tell whether a child asks for a log. Those before 0.2.0 mean feeds alone when they ask for every one."""
        is_asked = EVERY_FEED in hello.feeds or log.channel in hello.feeds
        return is_asked and (log.channel not in UP or hello.identity is not None)

    def _may_have(self, child: str, held: HeldLog) -> bool:
        """Tell whether a log comes down to a child: its feeds; to one that holds everything, others' facts as well."""
        return child not in (held.via, held.log.origin) and self._allows(child, held.log.channel)

    def _may_fetch(self, child: str, held: HeldLog) -> bool:
        """Tell whether a child may ask for ranges: of its feeds, and of what it brought here or is the origin of."""
        return self._may_have(child, held) or child in (held.via, held.log.origin)

    def _refused(self, child: str, hello: Hello) -> list[str] | None:
        """Return the feeds that a child asks for or holds and may not have."""
        if self._snapshots is None:
            return None
        known = {*hello.feeds, *(one.log.channel for one in hello.held)}
        return sorted(name for name in known if is_feed(name) and not self._allows(child, name))[:MAX_ITEMS]

    def _allows(self, child: str, channel: str) -> bool:
        scopes = self._scopes.get(child, ())
        if EVERY_FEED in scopes:
            return channel not in UP or channel in COPIED
        return channel in feeds_of(tuple(scopes))


def _differs(held: HeldLog, there: Standing | None) -> bool:
    """Tell whether a child has something to hear of a log: where it is, or that this is all."""
    return there is None or there.position != held.head or (held.arrived and not there.arrived)
