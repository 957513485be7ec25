"""Seeded schedules over the shipped classes, and over mutants of them that the checker has to find.

`CAIFS_TEST_SCHEDULES` sets the number of schedules per campaign.
"""

import os
from collections.abc import Callable
from functools import partial

import pytest

from bus.replication import (
    Apply,
    Batch,
    Confirm,
    Duplicate,
    Effect,
    Fork,
    Gap,
    Header,
    Position,
    Record,
    Scope,
    Sender,
    Trim,
    Verdict,
    chain,
    judge,
)
from tests.bus.replication.hop import Crashed, Store
from tests.bus.replication.schedule import FAULTS, RESTORE_ORIGIN, RESTORE_RELAY, Step, run
from tests.bus.replication.world import World

SCHEDULES = int(os.environ.get("CAIFS_TEST_SCHEDULES", "400"))
FOUND_WITHIN = 300

Faults = list[tuple[int, Step]]
Build = Callable[..., World]

ONE_HOP = partial(World, 1, retains=False)
TWO_HOPS = partial(World, 2, retains=False)
ONE_HOP_KEPT = partial(World, 1)
TWO_HOPS_KEPT = partial(World, 2)


@pytest.mark.parametrize(
    ("build", "faults"),
    [
        pytest.param(ONE_HOP, FAULTS, id="one hop"),
        pytest.param(TWO_HOPS, FAULTS, id="two hops"),
        pytest.param(TWO_HOPS_KEPT, FAULTS + RESTORE_RELAY, id="two hops, relay restored from backup"),
        pytest.param(ONE_HOP_KEPT, FAULTS + RESTORE_ORIGIN, id="one hop, origin restored from backup"),
    ],
)
def test_nothing_is_lost_doubled_or_trimmed_too_early(build: Build, faults: Faults) -> None:
    wrong = {seed: violations for seed in range(SCHEDULES) if (violations := run(seed, build(), faults))}
    assert wrong == {}


def test_a_restored_origin_is_found_out() -> None:
    """The campaigns above prove nothing about forks unless some of their schedules end in one."""
    worlds = [ONE_HOP_KEPT() for _ in range(50)]
    for seed, world in enumerate(worlds):
        run(seed, world, FAULTS + RESTORE_ORIGIN)
    assert any(world.hops[0].forks for world in worlds)


class TrimsOnBrokerAck(Sender):
    def published(self, header: Header) -> list[Effect]:
        position = Position(header.last, header.after)
        self.receiver = self.centre = position
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


def applies_across_gaps(watermark: Position, batch: Batch, hash_at: bytes | None) -> Verdict:
    verdict = judge(watermark, batch, hash_at)
    return _blind_apply(batch, 0) if isinstance(verdict, Gap) else verdict


def applies_whole_batches(watermark: Position, batch: Batch, hash_at: bytes | None) -> Verdict:
    verdict = judge(watermark, batch, hash_at)
    return _blind_apply(batch, 0) if isinstance(verdict, Apply) else verdict


def chains_onto_anything(watermark: Position, batch: Batch, hash_at: bytes | None) -> Verdict:
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

    def __init__(self) -> None:
        super().__init__()
        self.applied = 0

    def apply(self, records: list[Record], hashes: list[bytes], watermark: Position) -> None:
        self.insert(records, hashes)
        self.applied += 1
        if self.applied % 10 == 0:
            raise Crashed
        self.advance(watermark)


@pytest.mark.parametrize(
    ("build", "faults", "violation"),
    [
        pytest.param(
            partial(ONE_HOP, sender_type=TrimsOnBrokerAck),
            FAULTS,
            "trimmed what the centre does not hold",
            id="trims on the broker's acknowledgement",
        ),
        pytest.param(
            partial(ONE_HOP, sender_type=TrimsOnBrokerAck),
            FAULTS,
            "did not heal",
            id="trims on the broker's acknowledgement and loses",
        ),
        pytest.param(
            partial(TWO_HOPS, sender_type=TrimsOnNextNodesCommit),
            FAULTS,
            "trimmed what the centre does not hold",
            id="trims on the region's commit",
        ),
        pytest.param(partial(ONE_HOP, judge=applies_across_gaps), FAULTS, "lost or out of order", id="no gap check"),
        pytest.param(partial(ONE_HOP, judge=applies_whole_batches), FAULTS, "doubled", id="no skip of what is held"),
        pytest.param(partial(ONE_HOP, store_type=WatermarkApart), FAULTS, "doubled", id="watermark apart from rows"),
        pytest.param(partial(ONE_HOP, sender_type=NeverResends), FAULTS, "did not heal", id="no resend timer"),
        pytest.param(partial(ONE_HOP, sender_type=RepeatsMessageIds), FAULTS, "did not heal", id="same message id"),
        pytest.param(
            partial(ONE_HOP_KEPT, judge=chains_onto_anything, sender_type=ComparesNothing),
            FAULTS + RESTORE_ORIGIN,
            "lost or out of order",
            id="no hash chain, origin restored",
        ),
        pytest.param(
            partial(ONE_HOP_KEPT, sender_type=ComparesNothing),
            FAULTS + RESTORE_ORIGIN,
            "trimmed what the sender does not hold",
            id="confirmations not compared, origin restored",
        ),
    ],
)
def test_a_missing_safeguard_is_found(build: Build, faults: Faults, violation: str) -> None:
    assert any(violation in run(seed, build(), faults) for seed in range(FOUND_WITHIN))
