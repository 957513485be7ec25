"""One hop of the simulated network: a lower node that sends, a broker that forgets, an upper node that applies.

`Store` is what survives a crash of its node; everything else is volatile.
"""

import copy
from collections import deque
from typing import TYPE_CHECKING

from bus.replication import (
    START,
    Apply,
    Batch,
    Compare,
    Confirm,
    Duplicate,
    Effect,
    Fork,
    Forked,
    Gap,
    LogId,
    PackedBatch,
    Position,
    Record,
    Scope,
    Send,
    Trim,
    Verdict,
    chain,
    compared_at,
    pack,
    unpack,
)

if TYPE_CHECKING:
    from tests.bus.replication.world import World

LOG = LogId("koroszczyn", 7, "facts")
Answer = tuple[str, int, int] | tuple[str, Position, Scope]


class Crashed(Exception):  # noqa: N818 - what happened
    """The node died in the middle of a change."""


class Store:
    """The database of a node."""

    def __init__(self) -> None:
        self.rows: list[Record] = []
        self.hashes: dict[int, bytes] = {0: START.hash}
        self.watermark = START
        self.receiver = START
        self.centre = START
        self.gone = 0

    def append(self, record: Record) -> None:
        (after,) = chain(self.watermark.hash, [record])
        self.insert([record], [after])
        self.advance(Position(self.watermark.seq + 1, after))

    def apply(self, records: list[Record], hashes: list[bytes], watermark: Position) -> None:
        """One transaction."""
        self.insert(records, hashes)
        self.advance(watermark)

    def insert(self, records: list[Record], hashes: list[bytes]) -> None:
        self.rows += records
        self.hashes.update(enumerate(hashes, self.watermark.seq + 1))

    def advance(self, watermark: Position) -> None:
        self.watermark = watermark

    def copy(self) -> "Store":
        twin = copy.copy(self)
        twin.rows, twin.hashes = list(self.rows), dict(self.hashes)
        return twin


class Hop:
    """A lower node that sends, a broker, and an upper node that applies."""

    def __init__(self, world: "World", number: int) -> None:
        self.world = world
        self.number = number
        self.effects: deque[Effect] = deque()
        self.flying: list[PackedBatch] = []
        self.outcomes: list[tuple[bool, PackedBatch]] = []
        self.broker: list[PackedBatch] = []
        self.known_ids: set[str] = set()
        self.synced = self.cursor = 0
        self.answers: list[Answer] = []
        self.forks: list[int] = []
        self.restart()

    @property
    def lower(self) -> Store:
        return self.world.stores[self.number]

    @property
    def upper(self) -> Store:
        return self.world.stores[self.number + 1]

    @property
    def unread(self) -> bool:
        return self.cursor < len(self.broker)

    def restart(self) -> None:
        """The sending process died and is back."""
        self.world.starts += 1
        store = self.lower
        self.sender = self.world.sender_type(
            LOG,
            head=store.watermark.seq,
            receiver=store.receiver,
            centre=store.centre,
            generation=self.world.starts * 1000,
        )
        self.heard = store.centre
        self.effects.clear()
        self.outcomes.clear()
        self.connect()

    def cut(self) -> None:
        self.effects += self.sender.link_down()

    def connect(self) -> None:
        self.effects += self.sender.link_up()

    def carry_out(self, most: int) -> None:
        """Carry out the oldest effect; a batch takes at most `most` records."""
        effect = self.effects.popleft()
        match effect:
            case Send():
                self._send(effect, most)
            case Compare(scope, position):
                equal = self.lower.hashes.get(position.seq) == position.hash
                self.effects += self.sender.compared(position, scope, equal=equal)
            case Confirm(position):
                self.lower.receiver = position
            case Trim(position):
                self._trim(position)
            case Forked(at):
                self.forks.append(at)

    def _send(self, effect: Send, most: int) -> None:
        store = self.lower
        rows = store.rows[effect.first - 1 : effect.first - 1 + min(effect.limit, most)]
        if effect.first <= store.gone or not rows:
            self.effects += self.sender.failed(effect.generation, self.world.now)
            return
        batch = pack(LOG, effect.first, store.hashes[effect.first - 1], rows, effect.generation)
        self.effects += self.sender.packed(batch.header)
        self.flying.append(batch)

    def _trim(self, up_to: Position) -> None:
        for store, owner in ((self.world.stores[-1], "the centre"), (self.lower, "the sender")):
            if up_to.seq > store.watermark.seq or store.hashes.get(up_to.seq) != up_to.hash:
                self.world.violations.add(f"trimmed what {owner} does not hold")
        self.lower.centre = up_to
        if self.number == 0 and not self.world.retains:
            self.lower.gone = up_to.seq

    def arrive(self, pick: int, *, answered: bool = True) -> None:
        """A published batch reaches the broker, whose answer may be lost."""
        batch = self.flying.pop(pick % len(self.flying))
        if batch.header.message_id not in self.known_ids:
            self.known_ids.add(batch.header.message_id)
            self.broker.append(batch)
        self.outcomes.append((answered, batch))

    def drop(self, pick: int) -> None:
        self.outcomes.append((False, self.flying.pop(pick % len(self.flying))))

    def repeat(self, pick: int) -> None:
        self.flying.append(self.flying[pick % len(self.flying)])

    def learn(self, pick: int) -> None:
        """The sender hears from the broker, or its request times out."""
        success, batch = self.outcomes.pop(pick % len(self.outcomes))
        if success:
            self.effects += self.sender.published(batch.header)
        else:
            self.effects += self.sender.failed(batch.header.generation, self.world.now)

    def power_failure(self, *, ahead: bool) -> None:
        """The broker loses what it had not synced; the consumer's place may survive, ahead of the stream."""
        del self.broker[self.synced :]
        if not ahead:
            self.cursor = min(self.cursor, self.synced)

    def sync(self) -> None:
        self.synced = len(self.broker)

    def jump(self, by: int) -> None:
        self.cursor = max(0, min(len(self.broker), self.cursor + by))

    def consume(self, *, crash: bool = False) -> None:
        """The upper node takes a batch; a crash comes after the commit and before anybody is told."""
        batch = unpack(self.broker[self.cursor].data)
        try:
            verdict = self._apply(batch)
        except Crashed:
            return
        if crash:
            return
        self.cursor += 1
        match verdict:
            case Apply() | Duplicate():
                self.beacon()
            case Gap(expected):
                self.answers.append(("gap", expected, batch.header.generation))
            case Fork(at):
                self.answers.append(("fork", at, 0))

    def _apply(self, batch: Batch) -> Verdict:
        store = self.upper
        at = compared_at(store.watermark, batch.header)
        verdict = self.world.judge(store.watermark, batch, None if at is None else store.hashes.get(at))
        if isinstance(verdict, Apply):
            store.apply(batch.records[verdict.skip :], verdict.hashes, verdict.watermark)
            self.world.appended(self.number + 1)
        return verdict

    def beacon(self) -> None:
        """The upper node tells what it and the centre have committed."""
        relays = self.number + 1 < len(self.world.hops)
        centre = self.world.hops[self.number + 1].heard if relays else self.upper.watermark
        self.answers.append(("confirmed", self.upper.watermark, Scope.RECEIVER))
        self.answers.append(("confirmed", centre, Scope.CENTRE))

    def hear(self, pick: int) -> None:
        match self.answers.pop(pick % len(self.answers)):
            case ("confirmed", Position() as position, Scope() as scope):
                if scope is Scope.CENTRE:
                    self.heard = position
                elif self.number == 0 and position.seq > self.lower.watermark.seq:
                    self.forks.append(position.seq)
                self.effects += self.sender.confirmed(LOG.epoch, position, scope)
            case ("gap", int(expected), int(generation)):
                self.effects += self.sender.gap(LOG.epoch, expected, generation)
            case (_, int(at), _):
                self.effects += self.sender.fork(LOG.epoch, at)

    def settle(self) -> None:
        """Everything under way happens, in order."""
        while self.effects or self.flying or self.outcomes or self.answers or self.unread:
            while self.effects:
                self.carry_out(5)
            if self.flying:
                self.arrive(0)
            if self.outcomes:
                self.learn(0)
            if self.unread:
                self.consume()
            if self.answers:
                self.hear(0)
