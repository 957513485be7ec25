"""A process of a node in the simulation: all that a crash ends. It climbs to the parent and serves the children."""

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from bus.link.messages import (
    NOT_NOW,
    Confirmations,
    Confirmed,
    Diverged,
    Hello,
    Missing,
    NotTaken,
    RangeWanted,
    Ruling,
    Standing,
    Welcome,
)
from bus.link.recent import RecentBatches
from bus.link.shares import Shares
from bus.replication import (
    START,
    Apply,
    Batch,
    Corrupt,
    Duplicate,
    Fork,
    Gap,
    LogId,
    PackedBatch,
    Position,
    pack,
    unpack,
)
from bus.replication.clock import HybridClock
from bus.replication.ports import Applied, HeldLog, NotThisWay
from bus.replication.presence import SILENT_AFTER
from bus.replication.seal import KEY_BYTES, Seal
from tests.bus.replication.climbing import Climb
from tests.bus.replication.following import Follower, is_feed
from tests.bus.replication.lines import (
    Answer,
    Broadcast,
    Broker,
    Delivery,
    GivenBack,
    Request,
    Stream,
    Task,
    Unreachable,
)
from tests.bus.replication.ports import Asking, StoreLogs, Unheard, time_is
from tests.bus.replication.store import Crashed, Store

SEAL = Seal(bytes(KEY_BYTES))

if TYPE_CHECKING:
    from tests.bus.replication.world import World


class Process:
    """A process that speaks for a node.

    Attributes:
        ready: work that may go on.
    """

    def __init__(self, world: "World", store: Store, parent: str | None, children: tuple[str, ...]) -> None:
        self.world = world
        self.store = store
        self.parent = parent or ""
        self.children = children
        self.number = world.rng.randrange(2**62)
        self.is_dead = False
        self.ready: list[Task] = []
        self.recent = RecentBatches()
        self.climbs = {} if parent is None else {stream: Climb(self, stream) for stream in Stream}
        self.follower = Follower(self)
        self.answering: list[Request] = []
        logs: Any = StoreLogs(self)
        tasks: Any = Unheard()
        asking = Asking(self)
        self._returns = world.parts.returns(store.node, SEAL, logs, tasks, asking.pass_up)
        self.clock = HybridClock(store.newest_stamp())
        self._presence = world.parts.presence()
        self._shares: defaultdict[tuple[str, str], Shares] = defaultdict(lambda: Shares(world.share))
        self._receiver: dict[LogId, Position] = {}
        self._centre: dict[LogId, Position] = {}
        for climb in self.climbs.values():
            self.start(climb.begin())

    def __str__(self) -> str:
        return f"{self.store.node}#{self.number % 1000}"

    def start(self, task: Task) -> None:
        self.ready.append(task)

    def go_on(self, pick: int) -> None:
        self.resume(self.ready.pop(pick % len(self.ready)))

    def resume(self, task: Task, value: Any = None, failure: Exception | None = None) -> None:
        """Let a task go on to where others may; it ends by itself."""
        if self.is_dead:
            return
        try:
            with time_is(self.world.now):
                request = task.send(value) if failure is None else task.throw(failure)
        except StopIteration:
            return
        if request is None:
            self.ready.append(task)
        else:
            request.task = task
            self.world.lines[self.store.node].moving.append(request)

    def answered(self, answer: Answer) -> None:
        """What was asked or published has an end."""
        task = answer.request.task
        if task is not None:
            failure = answer.what if isinstance(answer.what, Unreachable) else None
            self.resume(task, None if failure else answer.what, failure)

    # What concerns the parent.

    def greet(self) -> None:
        for climb in self.climbs.values():
            if not climb.busy:
                self.start(climb.greet())

    def tick(self) -> None:
        for climb in self.climbs.values():
            climb.tick(self.world.now)

    def hear(self, words: Confirmations) -> None:
        for climb in self.climbs.values():
            climb.hear(words)

    def confirmed_by_parent(self, log: LogId, position: Position) -> None:
        if not self.world.books.has_held(self.parent, log, position):
            self.world.books.violated("confirmed what the parent never held", (str(self), log, position.seq))
        self._receiver[log] = position

    def trimmed(self, log: LogId, position: Position) -> None:
        self.world.check_trim(self.store, log, position)
        known = self._centre.get(log)
        if known is None or known.seq < position.seq:
            self._centre[log] = position

    def write_ledger(self) -> None:
        self.store.confirm(self._receiver, self._centre)
        self._receiver, self._centre = {}, {}

    def relay(self, child: str, word: Confirmed) -> None:
        if child in self.children:
            self.world.lines[child].moving.append(Confirmations([word]))

    def give_way(self, log: LogId, seq: int) -> None:
        books = self.world.books
        books.trace(self, "gives way in", log, "behind", seq)
        if log.origin != self.store.node:
            self.world.set_aside(log.origin, self.store.logs[log].records[seq:])
        self.recent.forget(log)
        self.store.give_way(log, seq, self.world.rng)

    def recall(self, batch: Batch) -> Applied:
        applied = self.store.recall(batch)
        self.world.books.trace(self, "takes back", batch.header.log, "up to", applied.held.head.seq)
        return applied

    # What concerns the children.

    def acknowledged(self, log: LogId, seq: int) -> None:
        """A user was told that an event is on record."""
        self._returns.recorded(log, seq)
        self.recorded(log, seq)

    def recorded(self, log: LogId, seq: int) -> None:
        if is_feed(log):
            self.feed_grew(log, seq, seq)
        for climb in self.climbs.values():
            climb.appended(log, seq, None)

    def feed_grew(self, log: LogId, first: int, last: int) -> None:
        if self.children:
            self.start(self._say(log, first, last))

    def consume(self, broker: Broker, most: int) -> None:
        """Take batches of one child and apply them."""
        deliveries = broker.take(most)
        if not deliveries:
            return
        child = deliveries[0].child
        batches = [unpack(one.batch.data) for one in deliveries]
        try:
            applied = self.store.apply(batches, child)
        except Crashed:
            self.world.crash(self)
        except NotThisWay as refusal:
            for one, batch in zip(deliveries, batches, strict=True):
                self._alone(child, one, batch, refusal)
        else:
            self.start(self._conclude(child, deliveries, batches, applied))

    def asked(self, child: str, request: Request, *, is_answered: bool) -> None:
        """Answer a child; one that waits hears of it when this process dies before."""
        if is_answered:
            self.answering.append(request)
        self.start(self._respond(child, request, is_answered=is_answered))

    def _respond(self, child: str, request: Request, *, is_answered: bool) -> Task:
        match request.what:
            case Hello() as hello:
                answer: Any = self._welcome(child, hello)
            case RangeWanted() as wanted:
                answer = self._range(child, wanted)
            case GivenBack(data=data):
                answer = yield from self._taken_back(child, data)
        if is_answered:
            self.answering.remove(request)
            self.world.lines[child].moving.append(Answer(request, answer))

    def _taken_back(self, child: str, data: bytes) -> Task:
        try:
            return (yield from self._returns.take(child, data, lambda _: True).__await__())
        except (LookupError, ValueError, NotThisWay) as refusal:
            self.world.books.trace(self, "cannot take back", refusal)
            return NOT_NOW

    def _say(self, log: LogId, first: int, last: int) -> Task:
        yield None
        try:
            before, records = self.store.read(log, first, last - first + 1)
            batch = pack(log, first, before, records)
        except (LookupError, ValueError):
            return
        for child in self.children:
            self.world.lines[child].moving.append(Broadcast(batch))

    def _alone(self, child: str, delivery: Delivery, batch: Batch, refusal: NotThisWay) -> None:
        try:
            self.start(self._conclude(child, [delivery], [batch], self.store.apply([batch], child)))
        except NotThisWay:
            if self._redirected(child, batch.header.log):
                self._alone(child, delivery, batch, refusal)
                return
            self.world.books.trace(self, "cannot take", batch.header.log, refusal)
            delivery.settled = True
            refused = Confirmations(not_taken=[NotTaken(batch.header.log, batch.header.first, str(refusal))])
            self.world.lines[child].moving.append(refused)

    def _redirected(self, child: str, log: LogId) -> bool:
        """Have a log arrive through the child that may send it; a child with children passes on for others."""
        held = self.store.find(log)
        if held is None or held.via == child:
            return False
        if child != log.origin and held.via in self.children and not self.world.passes_on(held.via):
            return False
        self.world.books.trace(self, "has", log, "arrive through", child)
        return self.store.redirect(log, child)

    def _conclude(self, child: str, deliveries: list[Delivery], batches: list[Batch], applied: list[Applied]) -> Task:
        yield None
        confirmed: dict[LogId, Confirmed] = {}
        missing: dict[LogId, Missing] = {}
        diverged: dict[LogId, Diverged] = {}
        for delivery, batch, outcome in zip(deliveries, batches, applied, strict=True):
            log = batch.header.log
            match outcome.verdict:
                case Apply(skip=skip):
                    if skip == 0:
                        self.recent.add(delivery.batch)
                    for climb in self.climbs.values():
                        climb.appended(log, outcome.held.head.seq, child)
                    confirmed[log] = Confirmed(log, outcome.held.head, outcome.held.centre)
                case Duplicate():
                    confirmed[log] = Confirmed(log, outcome.held.head, outcome.held.centre)
                case Gap(expected):
                    missing[log] = Missing(log, expected, batch.header.generation)
                case Fork(at):
                    diverged[log] = Diverged(log, at)
                    self.world.books.trace(self, "finds another history of", log, "at", at, "from", child)
                case Corrupt():
                    self.world.books.violated("corrupt", log)
        yield None
        for delivery in deliveries:
            delivery.settled = True
        yield None
        words = Confirmations(list(confirmed.values()), list(missing.values()), list(diverged.values()))
        self.world.lines[child].moving.append(words)

    def _welcome(self, child: str, hello: Hello) -> Welcome:
        world, identity = self.world, hello.identity
        assert identity is not None
        if not self._presence.serves(child, identity.process, world.now):
            return Welcome([], ruling=Ruling(0, refused=True))
        world.books.served(self.store.node, child, identity.process, world.now, SILENT_AFTER)
        held, channel = self.store.held(), hello.channels[0]
        listed = [
            Confirmed(one.log, one.head, one.centre) for one in held if one.via == child and one.log.channel == channel
        ]
        return Welcome(
            self._shares[child, channel].next(listed),
            self._heads(held, child, hello.held) if channel == Stream.BULK else [],
            ruling=Ruling(max((one.log.epoch for one in held if one.log.origin == child), default=0)),
        )

    def _heads(self, held: list[HeldLog], child: str, there: list[Standing]) -> list[Standing]:
        known = {one.log: one for one in there}
        heads = [
            Standing(one.log, one.head, one.arrived)
            for one in held
            if self._may_have(child, one) and _differs(one, known.get(one.log))
        ]
        lost = known.keys() - {one.log for one in held}
        return heads + [Standing(log, START, arrived=False) for log in sorted(lost, key=str) if log.origin != child]

    def _may_have(self, child: str, held: HeldLog) -> bool:
        is_wanted = is_feed(held.log) or self.world.passes_on(child)
        is_free = child not in (held.via, held.log.origin)
        return is_wanted and is_free

    def _range(self, child: str, wanted: RangeWanted) -> PackedBatch | None:
        held = self.store.find(wanted.log)
        if held is None or wanted.first > held.head.seq:
            return None
        if not (self._may_have(child, held) or child in (held.via, held.log.origin)):
            return None
        try:
            before, records = self.store.read(wanted.log, wanted.first, wanted.limit)
            return pack(wanted.log, wanted.first, before, records)
        except (LookupError, ValueError):
            return None


def _differs(held: HeldLog, there: Standing | None) -> bool:
    return there is None or there.position != held.head or (held.arrived and not there.arrived)
