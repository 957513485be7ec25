"""Each safeguard switched off in turn: the simulation has to find that, or it would prove nothing."""

from collections.abc import Collection, Sequence

import pytest

from bus.link.returns import Returns
from bus.replication import (
    Apply,
    Ascent,
    Batch,
    Confirm,
    Duplicate,
    Effect,
    Fork,
    Gap,
    Header,
    LogId,
    Position,
    Presence,
    Record,
    Scope,
    Sender,
    Trim,
    Verdict,
    chain,
    judge,
)
from bus.replication.ascent import Effect as AscentEffect
from tests.bus.replication.schedule import CAMPAIGNS, run
from tests.bus.replication.store import Crashed, Log, Store
from tests.bus.replication.world import Parts

FOUND_WITHIN = 800


class TrimsOnBrokerAck(Sender):
    def published(self, header: Header) -> list[Effect]:
        position = Position(header.last, header.after)
        return [Confirm(position), Trim(position), *super().published(header)]


class TrimsOnNextNodesCommit(Sender):
    def compared(self, position: Position, scope: Scope, *, equal: bool) -> list[Effect]:
        effects = super().compared(position, scope, equal=equal)
        return effects + super().compared(position, Scope.CENTRE, equal=equal)


class NeverResends(Sender):
    def _waited_too_long(self, now: float) -> bool:
        return now < 0


class RepeatsMessageIds(Sender):
    def _go_back(self, to: int) -> None:
        super()._go_back(to)
        self.generation -= 1


class ComparesNothing(Sender):
    def confirmed(self, epoch: int, position: Position, scope: Scope) -> list[Effect]:
        return self.compared(position, scope, equal=True) if epoch == self.log.epoch else []


class AppliesAcrossGaps(Store):
    def judge(self, watermark: Position, batch: Batch, hash_at: bytes | None) -> Verdict:  # type: ignore[override] # a mutant
        verdict = judge(watermark, batch, hash_at)
        return _blind_apply(batch, 0) if isinstance(verdict, Gap) else verdict


class AppliesWholeBatches(Store):
    def judge(self, watermark: Position, batch: Batch, hash_at: bytes | None) -> Verdict:  # type: ignore[override] # a mutant
        verdict = judge(watermark, batch, hash_at)
        return _blind_apply(batch, 0) if isinstance(verdict, Apply) else verdict


class ChainsOntoAnything(Store):
    def judge(self, watermark: Position, batch: Batch, hash_at: bytes | None) -> Verdict:  # type: ignore[override] # a mutant
        verdict = judge(watermark, batch, hash_at)
        if not isinstance(verdict, Fork):
            return verdict
        skip = watermark.seq + 1 - batch.header.first
        return _blind_apply(batch, skip) if skip < batch.header.n else Duplicate()


def _blind_apply(batch: Batch, skip: int) -> Verdict:
    hashes = chain(batch.header.before, batch.records)[skip:]
    return Apply(skip, hashes, Position(batch.header.last, batch.header.after))


class WatermarkApart(Store):
    """Rows and watermark in two transactions, and every tenth time the node dies between them."""

    applied = 0

    def insert(self, held: Log, records: list[Record], hashes: list[bytes], watermark: Position) -> None:
        self.applied += 1
        if self.applied % 10 == 0:
            held.records += records
            held.hashes += hashes
            raise Crashed
        super().insert(held, records, hashes, watermark)


class GivesWayForNothing(Store):
    def record_anew(self, record: Record, channel: str) -> None:  # noqa: ARG002 - a mutant
        self.standing[record.id] = 0


class LeavesItsTail(Store):
    """What the parent has not confirmed stays in the log of the epoch that ends."""

    def _unconfirmed(self, log: LogId) -> int:
        return self.logs[log].head.seq


class RecordsItsTailLast(Store):
    """What gives way is recorded anew behind what was recorded since."""

    def later(self, log: LogId) -> list[LogId]:  # noqa: ARG002 - a mutant
        return []


class ShowsRecalledTwice(Store):
    def is_repeated(self, record: Record) -> bool:  # noqa: ARG002 - a mutant
        return False


class SendsLaterEpochsAtOnce(Ascent):
    def _review(self, log: LogId) -> list[AscentEffect]:
        lines, effects = self._lines, list[AscentEffect]()
        for epoch in lines.get((log.origin, log.channel), ()):
            self._lines = {(log.origin, log.channel): [epoch]}
            effects += super()._review(log)
        self._lines = lines
        return effects


class KeepsItsEpoch(Ascent):
    def _open(self, above: int) -> list[AscentEffect]:  # noqa: ARG002 - a mutant
        return []


class IgnoresUnlisted(Ascent):
    def unlisted(self, listed: Collection[LogId], *, is_whole: bool) -> list[LogId]:  # noqa: ARG002 - a mutant
        return []


class BelievesTheParentIsBehind(Ascent):
    """Does not ask for what the parent holds and this node lost."""

    def told(self, log: LogId, position: Position) -> list[AscentEffect]:
        way = self._ways.get(log)
        return [] if way is None or position.seq > way.head else super().told(log, position)


class ServesEverybody(Presence):
    def serves(self, child: str, process: int, now: float) -> bool:  # noqa: ARG002 - a mutant
        return True


class BelievesStamps(Returns):
    """Does not remember what it recorded itself."""

    def recorded(self, log: LogId, first: int) -> None:
        """Forget it."""


NOT_IN_ORDER = ("lost or out of order", "a copy is in no history of its origin")


@pytest.mark.parametrize(
    ("campaign", "parts", "violations"),
    [
        pytest.param("faults", Parts(sender=TrimsOnBrokerAck), ["trimmed what the centre does not hold"], id="broker"),
        pytest.param(
            "faults", Parts(sender=TrimsOnNextNodesCommit), ["trimmed what the centre does not hold"], id="region"
        ),
        pytest.param("faults", Parts(sender=NeverResends), ["did not heal"], id="no resend timer"),
        pytest.param("faults", Parts(sender=RepeatsMessageIds), ["did not heal"], id="same message id"),
        pytest.param(
            "sites", Parts(sender=ComparesNothing), ["trimmed what the sender does not hold"], id="not compared"
        ),
        pytest.param("faults", Parts(store=AppliesAcrossGaps), NOT_IN_ORDER, id="no gap check"),
        pytest.param("faults", Parts(store=AppliesWholeBatches), NOT_IN_ORDER, id="no skip of what is held"),
        pytest.param("centre", Parts(store=ChainsOntoAnything), NOT_IN_ORDER, id="no hash chain"),
        pytest.param("faults", Parts(store=WatermarkApart), NOT_IN_ORDER, id="watermark apart from rows"),
        pytest.param("sites", Parts(store=GivesWayForNothing), ["lost"], id="gives way without recording anew"),
        pytest.param("sites", Parts(store=LeavesItsTail), ["reordered"], id="new epoch begins empty"),
        pytest.param("centre", Parts(store=RecordsItsTailLast), ["reordered"], id="what gives way comes last"),
        pytest.param("below", Parts(store=ShowsRecalledTwice), ["shown twice"], id="recalled events shown twice"),
        pytest.param(
            "all",
            Parts(ascent=SendsLaterEpochsAtOnce),
            ["overtakes an earlier epoch"],
            id="later epoch not held back",
        ),
        pytest.param("sites", Parts(ascent=KeepsItsEpoch), ["did not heal"], id="no new epoch after restore"),
        pytest.param("region", Parts(ascent=IgnoresUnlisted), ["did not heal"], id="unlisted logs ignored"),
        pytest.param(
            "sites", Parts(ascent=BelievesTheParentIsBehind), ["did not heal"], id="does not ask what it lost"
        ),
        pytest.param("clocks", Parts(returns=BelievesStamps), ["out of order"], id="stamps alone tell the order"),
        pytest.param("clones", Parts(presence=ServesEverybody), ["two processes served"], id="two processes served"),
    ],
)
def test_a_missing_safeguard_is_found(campaign: str, parts: Parts, violations: Sequence[str]) -> None:
    assert any(
        not run(CAMPAIGNS[campaign], seed, parts).books.wrong.keys().isdisjoint(violations)
        for seed in range(FOUND_WITHIN)
    )
