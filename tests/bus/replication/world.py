"""The nodes of the simulation: two sites below a region and below the centre, their lines, brokers and databases.

No clock, no I/O: each call is one step, so that a list of calls is one schedule.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bus.codec import encode
from bus.link.messages import Confirmations
from bus.link.returns import Returns
from bus.replication import Ascent, LogId, Position, Presence, Record, Sender, chain
from domain.watchlist.events import EntryWithdrawn
from tests.bus.replication.books import Books
from tests.bus.replication.following import is_feed
from tests.bus.replication.lines import (
    Answer,
    Broadcast,
    Broker,
    Item,
    Line,
    Request,
    Sent,
    Stream,
    Unreachable,
)
from tests.bus.replication.losses import Losses
from tests.bus.replication.process import SEAL, Process
from tests.bus.replication.store import STEP, Store
from tests.samples import MORNING

CENTRE, REGION, SITE, POST = "central", "lublin", "koroszczyn", "dorohusk"
FEED = "watchlist.pl"
BODY = encode(
    EntryWithdrawn(entry_id="x", scope="pl", was_active=True, reason="x", withdrawn_by="x", withdrawn_at=MORNING),
    MORNING,
)
PARENTS = {CENTRE: None, REGION: CENTRE, SITE: REGION, POST: CENTRE}
CHILDREN: dict[str, tuple[str, ...]] = {CENTRE: (REGION, POST), REGION: (SITE,), SITE: (), POST: ()}
ABOVE = {CENTRE: (), REGION: (CENTRE,), SITE: (REGION, CENTRE), POST: (CENTRE,)}
LATE_ENOUGH = 10_000.0
"""Seconds: how late it is when a schedule begins, so that a clock can be put back."""
HEALED_WITHIN = 40
"""Rounds of one second."""
QUIET_WITHIN = 4_000
WHOLE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What is simulated: the shipped classes, or mutants of them."""

    sender: type[Sender] = Sender
    ascent: type[Ascent] = Ascent
    presence: Callable[[], Presence] = Presence
    store: type[Store] = Store
    returns: type[Returns] = Returns


SHIPPED = Parts()


class World:
    """All nodes."""

    def __init__(self, seed: int, parts: Parts = SHIPPED, *, is_traced: bool = False) -> None:
        self.parts = parts
        self.rng = random.Random(seed)  # noqa: S311 - a schedule, no secret
        self.books = Books(is_traced=is_traced)
        self.losses = Losses()
        self.now = LATE_ENOUGH
        self.ahead = dict.fromkeys(PARENTS, 0.0)
        self.pace = self.rng.choice((1.0, 0.5, 0.1))
        self.share = self.rng.choice((2, WHOLE, WHOLE))
        self.lines = {child: Line(child, parent) for child, parent in PARENTS.items() if parent is not None}
        self.brokers = {(node, stream): Broker() for node, below in CHILDREN.items() if below for stream in Stream}
        self.restored: set[str] = set()
        self._written = self._starts = 0
        self.processes = {node: [self._process(node, self._empty(node))] for node in PARENTS}
        self.backups = {node: [self.processes[node][0].store.copy()] for node in PARENTS}

    def passes_on(self, node: str) -> bool:
        """Tell whether a node holds everything, and passes on what is of others."""
        return bool(CHILDREN[node])

    def sources_of(self, log: LogId) -> tuple[str, ...]:
        """Return from whom the others get a log again: all who hold it, unless a restored centre forgot it."""
        if CENTRE not in self.restored or is_feed(log):
            return holders_of(log)
        return log.origin, *ABOVE[log.origin]

    def generation(self) -> int:
        """Return a number of an attempt that is later than all before: the time in milliseconds."""
        self._starts += 1
        return self._starts * 1000

    def everybody(self) -> Iterator[Process]:
        return (process for processes in self.processes.values() for process in processes)

    def write(self, node: str, channel: str, events: int) -> None:
        """Events happen at a node; with a clone, at one of both."""
        process = self.rng.choice(self.processes[node])
        for _ in range(events):
            self._written += 1
            name, stamp = self._written.to_bytes(16), process.clock.tick(self.wall(node))
            at = process.store.record(channel, Record(name, stamp, SEAL.salt(name, stamp, BODY), BODY))
            self.books.trace(process, "records", self._written, "as", at.seq, "of", channel, process.store.epoch)
            log = LogId(node, process.store.epoch, channel)
            self.books.acknowledged(name, log)
            process.acknowledged(log, at.seq)

    def wall(self, node: str) -> int:
        """Return what the clock of a node shows, in milliseconds."""
        return int((self.now + self.ahead[node]) * 1000)

    def set_clock(self, node: str, ahead: float) -> None:
        """The clock of a node is set to so many seconds ahead."""
        self.ahead[node] = ahead
        self.losses.clock_set(node)

    def tick(self, seconds: float) -> None:
        self.now += seconds
        for process in self.everybody():
            process.tick()

    # What goes on by itself.

    def move(self, line: Line, pick: int, *, repeated: bool = False) -> None:
        """One of the things on a line gets to its other end; a repeated one may do so again."""
        at = pick % len(line.moving)
        item = line.moving[at]
        is_repeated = repeated and not line.is_cut and isinstance(item, Confirmations | Broadcast | Request)
        if not is_repeated:
            del line.moving[at]
        if line.is_cut:
            _lose(item)
        else:
            self._deliver(line, item, is_answered=not is_repeated)

    def lose(self, line: Line, pick: int, *, arrives: bool) -> None:
        """One of the things on a line, or the answer to it, is lost."""
        item = line.moving.pop(pick % len(line.moving))
        if arrives and not line.is_cut and isinstance(item, Request):
            self._deliver(line, item, is_answered=False)
        _lose(item)

    def _deliver(self, line: Line, item: Item, *, is_answered: bool) -> None:
        match item:
            case Request(what=Sent(stream, batch)):
                self.brokers[line.parent, stream].put(line.child, batch)
                if is_answered:
                    line.moving.append(Answer(item, True))  # noqa: FBT003 - an answer
            case Request():
                parent = self.processes[line.parent][0]
                parent.asked(line.child, item, is_answered=is_answered)
            case Answer(request):
                request.process.answered(item)
            case Confirmations():
                for process in self.processes[line.child]:
                    process.hear(item)
            case Broadcast(batch):
                for process in self.processes[line.child]:
                    process.follower.hear(batch)

    # What harms.

    def crash(self, process: Process) -> None:
        """A process dies and another takes its place."""
        self._start_on(process, process.store)

    def restore(self, process: Process, backup: Store) -> None:
        """A node's database goes back to a backup."""
        self.books.trace(process, "is restored", {log: held.head.seq for log, held in backup.logs.items()})
        self._replace(process, backup.copy())

    def wipe(self, process: Process) -> None:
        """A node begins with an empty database."""
        self.books.trace(process, "is wiped")
        self._replace(process, self._empty(process.store.node))

    def clone(self, node: str) -> None:
        """A copy of a node begins to run beside it."""
        if len(self.processes[node]) == 1:
            twin = self._process(node, self.processes[node][0].store.copy())
            self.books.trace(twin, "is a clone")
            self.losses.cloned(node)
            self.processes[node].append(twin)

    def end_clone(self, node: str) -> None:
        """One of a node and its clone ends, and its database is gone."""
        if len(self.processes[node]) > 1:
            ended = self.processes[node].pop(self.rng.randrange(2))
            self.books.trace(ended, "is ended")
            ended.is_dead = True
            self.restored.add(node)
            self._count_losses()

    def _replace(self, process: Process, store: Store) -> None:
        node, before = store.node, process.store
        own = (one for one, log in self.books.alive.items() if log.origin == node)
        self.losses.lost(node, {one for one in own if before.standing[one] and not store.standing[one]})
        self._start_on(process, store)
        if store.epoch < before.epoch:
            self.losses.set_back(node, is_owner=node == CENTRE)
        self.restored.add(node)
        self._count_losses()

    def _start_on(self, process: Process, store: Store) -> None:
        node = store.node
        process.is_dead = True
        for request in process.answering:
            request.process.answered(Answer(request, Unreachable()))
        following = self._process(node, store)
        self.books.trace(process, "dies;", following, "follows")
        self.processes[node][self.processes[node].index(process)] = following
        self.books.forgets(node)
        self.losses.died(node)
        for stream in Stream:
            if (node, stream) in self.brokers:
                self.brokers[node, stream].redeliver()

    def _count_losses(self) -> None:
        left: set[bytes] = set()
        for process in self.everybody():
            for log, held in process.store.logs.items():
                if process.store.node in self.sources_of(log):
                    left.update(record.id for record in held.records)
        self.books.lost(left)

    def _process(self, node: str, store: Store) -> Process:
        return Process(self, store, PARENTS[node], CHILDREN[node])

    def _empty(self, node: str) -> Store:
        when = self.wall(node) if node == CENTRE else self.rng.choice((0, self.wall(node)))
        epoch = (when << 20) + self.rng.randrange(STEP)
        return self.parts.store(node, epoch, self.books, parent=PARENTS[node])

    # What is checked.

    def check_trim(self, store: Store, log: LogId, position: Position) -> None:
        """A node believes that the centre holds all up to here."""
        centre = self.processes[CENTRE][0].store
        if store.hash_at(log, position.seq) != position.hash:
            self.books.violated("trimmed what the sender does not hold", (store.node, log, position.seq))
        is_there = centre.hash_at(log, position.seq) == position.hash
        if not is_there and not (CENTRE in self.restored and self.books.has_held(CENTRE, log, position)):
            self.books.violated("trimmed what the centre does not hold", (store.node, log, position.seq))

    def check_order(self, process: Process, log: LogId) -> None:
        """A node is about to send its own events: the parent said that it has those of earlier epochs."""
        if log.origin != process.store.node:
            return
        told = process.climbs[Stream(log.channel)].told
        for one, held in process.store.logs.items():
            is_earlier = (one.origin, one.channel) == (log.origin, log.channel) and one.epoch < log.epoch
            if is_earlier and one in told and told[one].seq < held.head.seq:
                self.books.violated("overtakes an earlier epoch", (str(process), log))

    def set_aside(self, origin: str, records: Sequence[Record]) -> None:
        """Events of another give way to a parent's history. They come again from their origin, if that has them yet."""
        stores = [process.store for process in self.processes[origin]]
        self.books.aside.update(one.id for one in records if not any(store.standing[one.id] for store in stores))

    def settle(self) -> None:
        """Everything under way happens, in order."""
        for _ in range(QUIET_WITHIN):
            if not self._one_turn():
                return
        self.books.violated("never quiet")

    def _one_turn(self) -> bool:
        is_busy = False
        for process in self.everybody():
            for _ in range(len(process.ready)):
                process.go_on(0)
                is_busy = True
        for line in self.lines.values():
            for _ in range(len(line.moving)):
                self.move(line, 0)
                is_busy = True
        for (node, _), broker in self.brokers.items():
            while broker.unread:
                self.processes[node][0].consume(broker, 3)
                is_busy = True
        return is_busy

    def heal(self) -> None:
        """Let the faults end: all must be level within so many rounds."""
        for node in PARENTS:
            self.end_clone(node)
        for line in self.lines.values():
            line.is_cut = False
        for broker in self.brokers.values():
            broker.redeliver()
        self.books.trace("--- healing")
        for _ in range(HEALED_WITHIN):
            self.tick(1.0)
            for process in self.everybody():
                process.greet()
            self.settle()
            for process in self.everybody():
                process.write_ledger()
            if self.is_level():
                break
        else:
            self.books.violated("did not heal", self.unlevel())
        self.check_shown()

    def is_level(self) -> bool:
        return not self.unlevel()

    def unlevel(self) -> list[object]:
        """Return the logs that some node does not hold as another does."""
        stores = {node: processes[0].store for node, processes in self.processes.items()}
        logs = {log: held.head for store in stores.values() for log, held in store.logs.items() if held.head.seq}
        found: list[object] = []
        logs = {
            log: head
            for log, head in logs.items()
            if any(log in stores[node].logs and stores[node].logs[log].head.seq for node in self.sources_of(log))
        }
        for log in logs:
            holders = self.sources_of(log)
            heads = {node: held.head for node in holders if (held := stores[node].logs.get(log)) is not None}
            way = (log.origin, *ABOVE[log.origin])
            centre = [stores[node].confirmed(log) for node in heads if node in way]
            is_up = is_feed(log) or log.origin == CENTRE or set(centre) == set(heads.values())
            if len(heads) < len(holders) or len(set(heads.values())) > 1 or not is_up:
                found.append((log, {node: head.seq for node, head in heads.items()}, [one.seq for one in centre]))
        return found

    def check_shown(self) -> None:
        """What is alive is shown once by everybody who should show it, and nothing twice."""
        for node, processes in self.processes.items():
            store = processes[0].store
            for log, held in store.logs.items():
                if held.hashes[1:] != chain(held.hashes[0], held.records):
                    self.books.violated("a chain is broken", (node, log))
            self._check_sequence(node, store)
            twice = [event_id for event_id, times in store.shown.items() if times > 1]
            if twice:
                self.books.violated("shown twice", (node, [int.from_bytes(one) for one in twice]))
            lost = [
                event_id
                for event_id, log in self.books.alive.items()
                if store.shown[event_id] == 0 and node in self.sources_of(log) and event_id not in self.books.aside
            ]
            if lost:
                self.books.violated("lost", (node, [int.from_bytes(one) for one in lost]))

    def _check_sequence(self, node: str, store: Store) -> None:
        """What was recorded behind another event stands behind it everywhere, through all epochs."""
        places: dict[bytes, int] = {}
        for log in sorted(store.logs, key=lambda log: log.epoch):
            for record in store.logs[log].records:
                places.setdefault(record.id, len(places))
        for later, earlier in self.books.behind.items():
            if places.get(later, len(places)) < places.get(earlier, 0):
                self.books.violated("reordered", (node, int.from_bytes(earlier), int.from_bytes(later)))
        self._check_acknowledged(node, places)

    def _check_acknowledged(self, node: str, places: Mapping[bytes, int]) -> None:
        """What a node never lost stands behind all that it acknowledged before, even what came back to it later."""
        newest: dict[tuple[str, str], int] = {}
        for event_id, log in self.books.alive.items():
            at, before = places.get(event_id), newest.get((log.origin, log.channel), 0)
            if at is None or event_id in self.books.aside:
                continue
            if at < before and self.losses.has_stayed(event_id, log.origin):
                self.books.violated("out of order", (node, log, int.from_bytes(event_id)))
            newest[log.origin, log.channel] = max(at, before)


def holders_of(log: LogId) -> tuple[str, ...]:
    """Return who has to hold a log, and show what is in it."""
    return tuple(PARENTS) if is_feed(log) else tuple({log.origin, *ABOVE[log.origin], CENTRE, REGION})


def _lose(item: Item) -> None:
    """The line's end waits for an answer in vain."""
    request = item.request if isinstance(item, Answer) else item
    if isinstance(request, Request):
        failure = False if isinstance(request.what, Sent) else Unreachable()
        request.process.answered(Answer(request, failure))
