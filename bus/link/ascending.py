"""The logs of one stream on their way to the parent: carries out what `Ascent` decides."""

from collections import defaultdict
from collections.abc import Sequence
from functools import partial

from bus.link.epochs import Epochs
from bus.link.messages import Confirmed, Floor, NotTaken
from bus.link.recalling import NotSupplied, Recalling
from bus.link.sending import Outlet, Sending
from bus.link.shares import SHARE
from bus.link.wire import CHANNELS, Stream
from bus.replication import (
    START,
    Admit,
    Ascent,
    AscentEffect,
    Ask,
    Batch,
    GiveWay,
    Hold,
    LogId,
    LookUp,
    Open,
    Position,
    Recover,
    Recovered,
    Sender,
    Step,
    Take,
)
from domain.shared.ports import Clock


class Ascending:
    """The logs of one stream, each with its own `Sending`."""

    def __init__(
        self,
        stream: Stream,
        outlet: Outlet,
        recalling: Recalling,
        epochs: Epochs,
        *,
        node: str,
        parent: str,
        clock: Clock,
    ) -> None:
        """Send logs of ``node`` to ``parent``, whose other histories are taken over by ``recalling``."""
        self._stream = stream
        self._outlet = outlet
        self._node = node
        self._parent = parent
        self._clock = clock
        self._recalling = recalling
        self._epochs = epochs
        self._ascent = Ascent(node, 0)
        self._sendings: dict[LogId, Sending] = {}
        self._fetched: dict[LogId, Batch] = {}
        self._noted: dict[LogId, tuple[int, str | None]] = {}
        self._from_above: set[LogId] = set()
        self._begun = False
        self._gave_way = 0
        epochs.concern(self)

    @property
    def epoch(self) -> int:
        """Under which the node records, as far as is known here."""
        return self._ascent.epoch

    @property
    def differing(self) -> tuple[LogId, ...]:
        """The logs of which the parent has another history."""
        return self._ascent.differing

    @property
    def lacking(self) -> list[Floor]:
        """Where logs begin here of which the parent lacks what lies before, as many as one message holds."""
        return [floor for sending in self._sendings.values() if (floor := sending.lacking)][:SHARE]

    def sends(self, log: LogId, seq: int) -> bool:
        """Tell whether an event is to be sent from here, as far as is known."""
        return not self._begun or (log in self._sendings and self._sendings[log].head >= seq)

    def end(self) -> None:
        """Send nothing more, until `again`: logs are about to become others."""
        self._begun = False
        self._ascent = Ascent(self._node, self._ascent.epoch)
        for sending in self._sendings.values():
            sending.end()
        self._sendings.clear()
        self._fetched.clear()

    async def again(self) -> None:
        """Begin anew with what is held now; nothing is sent until the parent answers."""
        self.end()
        self._ascent = Ascent(self._node, await self._outlet.logs.epoch())
        known = await self._outlet.logs.held()
        self._from_above = {held.log for held in known if held.via == self._parent}
        for held in known:
            if held.log.channel in CHANNELS[self._stream] and held.via != self._parent:
                self._add(
                    held.log, held.head.seq, held.via, receiver=held.receiver, centre=held.centre, floor=held.floor
                )
        self._begun = True
        for log, (last, via) in self._noted.items():
            self.appended(log, last, via)
        self._noted.clear()

    async def begin(self) -> None:
        """Begin with what is held."""
        async with self._epochs.turn:
            await self.again()

    async def look(self) -> None:
        """Learn of events that are on record and that nobody told of: the database's answer may have been lost."""
        if not self._begun or await self._outlet.logs.epoch() != self._ascent.epoch:
            await self.begin()
            return
        gave_way, ascent = self._gave_way, self._ascent
        ascent.looks()
        known = await self._outlet.logs.held()
        if gave_way == self._gave_way and ascent is self._ascent:
            self._from_above = {held.log for held in known if held.via == self._parent}
            for held in known:
                if held.log in self._from_above:
                    self._leave(held.log)
                else:
                    self._appended(held.log, held.head.seq, held.via)
                    self._floored(held.log, held.floor)
                    self._act(ascent.found(held.log))

    def appended(self, log: LogId, last: int, via: str | None = None) -> None:
        """Events of a log up to ``last`` are committed here; ``via`` is the child they came through.

        What was told of an earlier epoch of this node's came late, and may have been recorded anew since.
        """
        if not self._begun:
            self._noted[log] = last, via
        elif log.origin != self._node or log.epoch >= self._ascent.epoch:
            self._appended(log, last, via)

    def _appended(self, log: LogId, last: int, via: str | None) -> None:
        if log.channel not in CHANNELS[self._stream]:
            return
        if log in self._sendings:
            self._act(self._ascent.held(log, last))
            self._sendings[log].appended(last)
        elif self._ascent.differs(log):
            self._act(self._ascent.held(log, last))
        else:
            self._add(log, last, via)

    def _floored(self, log: LogId, floor: Position) -> None:
        if log in self._sendings:
            self._sendings[log].floored(floor)

    def _leave(self, log: LogId) -> None:
        """A log that was sent comes from the parent by now, as when its site has moved away: it is sent no more."""
        if log in self._sendings and not self._ascent.differs(log):
            self._sendings.pop(log).end()
            self._act(self._ascent.left(log))

    def up(self) -> None:
        """The parent answers."""
        self._act(self._ascent.link_up())

    def down(self) -> None:
        """The parent does not answer."""
        self._act(self._ascent.link_down())

    def tick(self, now: float) -> None:
        """Time passes; ``now`` in monotonic seconds."""
        for sending in tuple(self._sendings.values()):
            sending.tick(now)

    def ruling(self, newest: int) -> None:
        """The parent knows epochs of this node up to ``newest``."""
        self._act(self._ascent.ruling(newest))

    def unlisted(self, listed: Sequence[Confirmed], *, is_whole: bool) -> list[Confirmed]:
        """Return, as words, the logs of which the parent holds nothing any more."""
        logs = self._ascent.unlisted([word.log for word in listed], is_whole=is_whole)
        return [Confirmed(log, START, None) for log in logs]

    def confirmed(self, words: Sequence[Confirmed]) -> dict[str, list[Confirmed]]:
        """Take what the parent says is committed; return what children have to hear of the centre, by child.

        While it is not known what is held here, nothing can be done about it: the next hello says it again.
        """
        relayed: defaultdict[str, list[Confirmed]] = defaultdict(list)
        if not self._begun:
            return relayed
        for word in words:
            if word.log.channel not in CHANNELS[self._stream] or word.log in self._from_above:
                continue
            if word.receiver is not None:
                self._act(self._ascent.told(word.log, word.receiver))
            sending = self._sendings.get(word.log)
            if sending is None or self._ascent.differs(word.log):
                continue
            if sending.via is not None and word.centre not in (None, sending.centre):
                relayed[sending.via].append(Confirmed(word.log, None, word.centre))
            sending.confirmed(word)
        return relayed

    def missing(self, log: LogId, expected: int, generation: int) -> None:
        """The parent misses the event ``expected``."""
        if log in self._sendings:
            self._sendings[log].missing(expected, generation)

    def diverged(self, log: LogId, at: int) -> None:
        """The parent's history is another one at ``at``."""
        if log in self._sendings:
            self._sendings[log].diverged(at)

    def not_taken(self, word: NotTaken) -> bool:
        """The parent cannot take the next event of a log; False when it is none of these."""
        if word.log not in self._sendings:
            return False
        self._sendings[word.log].not_taken(word.at)
        return True

    def _add(
        self,
        log: LogId,
        head: int,
        via: str | None,
        *,
        receiver: Position = START,
        centre: Position = START,
        floor: Position = START,
    ) -> None:
        sender = Sender(log, head=head, receiver=receiver, centre=centre, generation=self._generation())
        self._sendings[log] = Sending(sender, via, self._outlet, self._forked)
        self._floored(log, floor)
        self._act(self._ascent.held(log, head, receiver))
        if self._ascent.admits(log):
            self._sendings[log].up()

    def _generation(self) -> int:
        return int(self._clock.now().timestamp() * 1000)

    def _forked(self, log: LogId) -> None:
        if log in self._sendings:
            self._act(self._ascent.forked(log))

    def _act(self, effects: Sequence[AscentEffect]) -> None:
        tasks = self._outlet.tasks
        for effect in effects:
            match effect:
                case Open(above):
                    tasks.once("new epoch", partial(self._epochs.go_on, above))
                case Admit(log):
                    if log in self._sendings:
                        self._sendings[log].up()
                case Hold(log):
                    if log in self._sendings:
                        self._sendings[log].down()
                case Recover(log, step):
                    tasks.once("recovery", partial(self._recover, self._ascent, log, step))
                case Recovered(log, position):
                    tasks.once("recovered", partial(self._recovered, self._ascent, log, position))

    async def _recover(self, ascent: Ascent, log: LogId, step: Step) -> None:
        """Take a step of a log's recovery, unless all began anew meanwhile."""
        if ascent is not self._ascent:
            return
        try:
            effects = await self._taken(ascent, log, step)
        except NotSupplied as refusal:
            ascent.failed(log)
            self._outlet.tasks.note("recovery_waits", origin=log.origin, channel=log.channel, error=repr(refusal))
            return
        except Exception:
            ascent.failed(log)
            raise
        if ascent is self._ascent:
            self._act(effects)

    async def _taken(self, ascent: Ascent, log: LogId, step: Step) -> Sequence[AscentEffect]:
        match step:
            case LookUp(seq):
                return ascent.looked_up(log, seq, await self._outlet.logs.hash_at(log, seq))
            case Ask(first, limit):
                batch = self._fetched[log] = await self._recalling.ask(log, first, limit)
                return ascent.answered(log, first, batch.header.before)
            case GiveWay(seq):
                await self._give_way(log, seq)
                return ascent.gave_way(log)
            case Take():
                return ascent.took(log, await self._recalling.take(self._fetched.pop(log)))

    async def _give_way(self, log: LogId, seq: int) -> None:
        """Give way in a log; where it is one's own, others may change with it."""
        self._outlet.recent.forget(log)
        if log.origin != self._node:
            self._gave_way += 1
            await self._recalling.give_way(log, seq)
            self._gave_way += 1
            return
        async with self._epochs.turn:
            self.end()
            try:
                await self._recalling.give_way(log, seq)
            finally:
                await self.again()

    async def _recovered(self, ascent: Ascent, log: LogId, position: Position) -> None:
        """Begin to send anew what follows; a log that was not here is here now."""
        held = await self._outlet.logs.find(log)
        if ascent is not self._ascent or held is None or held.via == self._parent or ascent.differs(log):
            return
        self._outlet.tasks.note("log_recovered", origin=log.origin, channel=log.channel, at=position.seq)
        self._outlet.ledger.parent_has(log, position)
        self._add(log, held.head.seq, held.via, receiver=position, centre=held.centre, floor=held.floor)
