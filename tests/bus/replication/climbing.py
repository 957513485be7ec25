"""A node's logs of one stream on their way to the parent: the shipped `Ascent` and `Sender`s, wired as the link does.

Mirrors `bus.link.uplink`, `ascending` and `sending`: what is awaited there is yielded here.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bus.link.messages import Confirmations, Confirmed, Hello, Identity, RangeWanted
from bus.replication import (
    START,
    Admit,
    Apply,
    Ascent,
    AscentEffect,
    Ask,
    Batch,
    Compare,
    Confirm,
    Duplicate,
    Effect,
    Forked,
    GiveWay,
    Header,
    Hold,
    LogId,
    LookUp,
    Open,
    PackedBatch,
    Position,
    Recover,
    Recovered,
    Scope,
    Send,
    Step,
    Take,
    Trim,
    another_attempt,
    pack,
    unpack,
)
from bus.replication.ports import NotThisWay
from tests.bus.replication.lines import Request, Sent, Stream, Task, Unreachable

if TYPE_CHECKING:
    from tests.bus.replication.process import Process

MISSES_MAX = 2


class NotSupplied(Exception):  # noqa: N818 - a state of the parent
    """The parent does not give what it said it holds."""


class Sending:
    """One log towards the parent."""

    def __init__(
        self, climb: "Climb", log: LogId, head: int, via: str | None, *, receiver: Position, centre: Position
    ) -> None:
        self.climb = climb
        self.log = log
        self.via = via
        self.centre: Position | None = None
        self.sender = climb.process.world.parts.sender(
            log, head=head, receiver=receiver, centre=centre, generation=climb.process.world.generation()
        )
        self.marks: dict[int, bytes] = {}
        self._has_ended = False

    def end(self) -> None:
        self.act(self.sender.link_down())
        self._has_ended = True

    def act(self, effects: Sequence[Effect]) -> None:
        if self._has_ended:
            return
        process = self.climb.process
        for effect in effects:
            match effect:
                case Send():
                    process.start(self._send(effect))
                case Compare(scope, position):
                    self._compare(scope, position)
                case Confirm(position):
                    process.confirmed_by_parent(self.log, position)
                case Trim(position):
                    process.trimmed(self.log, position)
                case Forked():
                    self.climb.act(self.climb.ascent.forked(self.log))

    def heard(self, word: Confirmed) -> None:
        if word.receiver is not None:
            self.act(self.sender.confirmed(self.log.epoch, word.receiver, Scope.RECEIVER))
        if word.centre is not None:
            self.centre = word.centre
            self.act(self.sender.confirmed(self.log.epoch, word.centre, Scope.CENTRE))

    def _compare(self, scope: Scope, position: Position) -> None:
        if position.seq in self.marks:
            self._compared(scope, position, self.marks[position.seq])
        else:
            self.climb.process.start(self._look_up(scope, position))

    def _look_up(self, scope: Scope, position: Position) -> Task:
        own = self.climb.process.store.hash_at(self.log, position.seq)
        yield None
        self._compared(scope, position, own)

    def _compared(self, scope: Scope, position: Position, own: bytes | None) -> None:
        self.act(self.sender.compared(position, scope, equal=own == position.hash))

    def _send(self, order: Send) -> Task:
        process, sender = self.climb.process, self.sender
        yield None
        if order.generation != sender.generation:
            return
        try:
            batch = self._packed(order)
        except (LookupError, ValueError):
            self.act(sender.failed(order.generation, process.world.now))
            return
        yield None
        if order.generation != sender.generation:
            return
        self.marks[batch.header.last] = batch.header.after
        process.world.check_order(process, self.log)
        self.act(sender.packed(batch.header))
        is_taken = yield Request(Sent(self.climb.stream, batch), process)
        self._published(batch.header, is_taken=is_taken)

    def _published(self, header: Header, *, is_taken: bool) -> None:
        sender = self.sender
        if is_taken:
            self.act(sender.published(header))
        else:
            self.act(sender.failed(header.generation, self.climb.process.world.now))

    def _packed(self, order: Send) -> PackedBatch:
        process = self.climb.process
        recent = process.recent
        found = recent.find(self.log, order.first, order.limit)
        if found is not None:
            return another_attempt(found, order.generation)
        limit = min(order.limit, process.world.rng.randrange(1, 6))
        before, records = process.store.read(self.log, order.first, limit)
        return pack(self.log, order.first, before, records, order.generation)


class Climb:
    """The logs of one stream, each with its own `Sending`.

    Attributes:
        told: the last that the parent said of each log.
    """

    def __init__(self, process: "Process", stream: Stream) -> None:
        self.process = process
        self.stream = stream
        self.ascent = process.world.parts.ascent(process.store.node, 0)
        self.sendings: dict[LogId, Sending] = {}
        self.told: dict[LogId, Position] = {}
        self.busy = True
        self._fetched: dict[LogId, Batch] = {}
        self._noted: dict[LogId, tuple[int, str | None]] = {}
        self._begun = False
        self._gave_way = 0
        self._up = False
        self._misses = 0

    def end(self) -> None:
        self._begun = False
        self.ascent = self.process.world.parts.ascent(self.process.store.node, self.ascent.epoch)
        for sending in self.sendings.values():
            sending.end()
        self.sendings.clear()
        self._fetched.clear()

    def begin(self) -> Task:
        self.end()
        store = self.process.store
        epoch, held = store.epoch, store.held()
        yield None
        self.ascent = self.process.world.parts.ascent(store.node, epoch)
        for one in held:
            if one.log.channel == self.stream and one.via != self.process.parent:
                self._add(one.log, one.head.seq, one.via, receiver=one.receiver, centre=one.centre)
        self._begun = True
        for log, (last, via) in self._noted.items():
            self.appended(log, last, via)
        self._noted.clear()
        self.busy = False

    def greet(self) -> Task:
        """Look for what nobody told of, then say hello; called while not busy."""
        self.busy = True
        yield from self._look()
        process = self.process
        identity = Identity(self.ascent.epoch, process.number)
        feeds = process.follower.held() if self.stream is Stream.BULK else []
        try:
            welcome = yield Request(Hello([self.stream.value], held=feeds, identity=identity), process)
        except Unreachable:
            self._missed()
            return
        finally:
            self.busy = False
        if welcome.ruling.refused:
            self._missed()
            return
        self.act(self.ascent.ruling(welcome.ruling.newest))
        is_whole = len(welcome.confirmed) < process.world.share
        unlisted = self.ascent.unlisted([word.log for word in welcome.confirmed], is_whole=is_whole)
        self._confirmed([*welcome.confirmed, *(Confirmed(log, START, None) for log in unlisted)])
        self._answered()
        if self.stream is Stream.BULK:
            process.follower.see(welcome.heads)

    def hear(self, words: Confirmations) -> None:
        self._confirmed(words.confirmed)
        for missing in words.missing:
            sending = self.sendings.get(missing.log)
            if sending is not None:
                sending.act(sending.sender.gap(missing.log.epoch, missing.expected, missing.generation))
        for diverged in words.diverged:
            sending = self.sendings.get(diverged.log)
            if sending is not None:
                sending.act(sending.sender.fork(diverged.log.epoch, diverged.at))
        for refusal in words.not_taken:
            sending = self.sendings.get(refusal.log)
            if sending is not None:
                sending.act(sending.sender.refused(refusal.log.epoch, refusal.at, self.process.world.now))

    def tick(self, now: float) -> None:
        for sending in tuple(self.sendings.values()):
            sending.act(sending.sender.tick(now))

    def appended(self, log: LogId, last: int, via: str | None) -> None:
        if log.channel != self.stream:
            return
        if not self._begun:
            self._noted[log] = last, via
        elif log in self.sendings:
            self.act(self.ascent.held(log, last))
            self.sendings[log].act(self.sendings[log].sender.appended(last))
        elif self.ascent.differs(log):
            self.act(self.ascent.held(log, last))
        else:
            self._add(log, last, via)

    def act(self, effects: Sequence[AscentEffect]) -> None:
        for effect in effects:
            match effect:
                case Open(above):
                    self.process.start(self._open(above))
                case Admit(log):
                    if log in self.sendings:
                        self.sendings[log].act(self.sendings[log].sender.link_up())
                case Hold(log):
                    if log in self.sendings:
                        self.sendings[log].act(self.sendings[log].sender.link_down())
                case Recover(log, step):
                    self.process.start(self._recover(self.ascent, log, step))
                case Recovered(log, position):
                    self.process.start(self._recovered(self.ascent, log, position))

    def _add(
        self, log: LogId, head: int, via: str | None, *, receiver: Position = START, centre: Position = START
    ) -> None:
        self.sendings[log] = Sending(self, log, head, via, receiver=receiver, centre=centre)
        self.act(self.ascent.held(log, head, receiver))
        if self.ascent.admits(log):
            self.sendings[log].act(self.sendings[log].sender.link_up())

    def _look(self) -> Task:
        epoch = self.process.store.epoch
        yield None
        if not self._begun or epoch != self.ascent.epoch:
            yield from self.begin()
            return
        gave_way, ascent = self._gave_way, self.ascent
        ascent.looks()
        known = self.process.store.held()
        yield None
        if gave_way == self._gave_way and ascent is self.ascent:
            for one in known:
                if one.via != self.process.parent:
                    self.appended(one.log, one.head.seq, one.via)
                    self.act(self.ascent.found(one.log))

    def _answered(self) -> None:
        self._misses = 0
        self._up = True
        self.act(self.ascent.link_up())

    def _missed(self) -> None:
        self._misses += 1
        if self._up and self._misses == MISSES_MAX:
            self._up = False
            self.act(self.ascent.link_down())

    def _confirmed(self, words: Sequence[Confirmed]) -> None:
        if not self._begun:
            return
        for word in words:
            if word.log.channel != self.stream:
                continue
            if word.receiver is not None:
                self.told[word.log] = word.receiver
                self.act(self.ascent.told(word.log, word.receiver))
            sending = self.sendings.get(word.log)
            if sending is None or self.ascent.differs(word.log):
                continue
            if sending.via is not None and word.centre not in (None, sending.centre):
                self.process.relay(sending.via, Confirmed(word.log, None, word.centre))
            sending.heard(word)

    def _open(self, above: int) -> Task:
        yield None
        climbs = tuple(self.process.climbs.values())
        for climb in climbs:
            climb.end()
        epoch = self.process.store.go_on(above, self.process.world.rng)
        self.process.world.books.trace(self.process, "goes on under epoch", epoch)
        for climb in climbs:
            yield from climb.begin()

    def _recover(self, ascent: Ascent, log: LogId, step: Step) -> Task:
        yield None
        if ascent is not self.ascent:
            return
        try:
            effects = yield from self._taken(ascent, log, step)
        except (LookupError, ValueError, NotThisWay, NotSupplied, Unreachable) as failure:
            self.process.world.books.trace(self.process, "cannot recover", log, step, repr(failure))
            effects = ascent.failed(log)
        if ascent is self.ascent:
            self.act(effects)

    def _taken(self, ascent: Ascent, log: LogId, step: Step) -> "Task":
        store = self.process.store
        match step:
            case LookUp(seq):
                own = store.hash_at(log, seq)
                yield None
                return ascent.looked_up(log, seq, own)
            case Ask(first, limit):
                limit = min(limit, self.process.world.rng.randrange(1, 8))
                data = yield Request(RangeWanted(log, first, limit), self.process)
                batch = self._fetched[log] = self._supplied(data, log, first)
                return ascent.answered(log, first, batch.header.before)
            case GiveWay(seq):
                self._gave_way += 1
                if log.origin == store.node:
                    self.end()
                self.process.give_way(log, seq)
                yield None
                self._gave_way += 1
                if log.origin == store.node:
                    yield from self.begin()
                return ascent.gave_way(log)
            case Take():
                applied = self.process.recall(self._fetched.pop(log))
                yield None
                if not isinstance(applied.verdict, Apply | Duplicate):
                    raise NotSupplied(f"{log}: {applied.verdict}")
                return ascent.took(log, applied.held.head.seq)

    def _supplied(self, data: PackedBatch | None, log: LogId, first: int) -> Batch:
        if data is None:
            raise NotSupplied(f"{log} from {first}")
        batch = unpack(data.data)
        if (batch.header.log, batch.header.first) != (log, first):
            raise NotSupplied(f"{batch.header.log} is not what was asked for")
        return batch

    def _recovered(self, ascent: Ascent, log: LogId, position: Position) -> Task:
        held = self.process.store.find(log)
        yield None
        if ascent is not self.ascent or held is None or held.via == self.process.parent or ascent.differs(log):
            return
        self.process.world.books.trace(self.process, "has recovered", log, "at", position.seq)
        self.process.confirmed_by_parent(log, position)
        self._add(log, held.head.seq, held.via, receiver=position, centre=held.centre)
