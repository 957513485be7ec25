"""Visits under way while the plan of the terminal is changed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.organisation.events import Checkpoint, CheckpointKind, CheckpointSet, Leg, LegSet
from tests.domain.visits.test_following import PLATE, pass_by, visits
from tests.nodes import ALL, OFFICER, NodeInMemory
from tests.samples import new_id
from tests.terminals import BOTH, CODES, LONGEST

NEW = Checkpoint(id=new_id(), site="koroszczyn", code="xray", kind=CheckpointKind.XRAY, required=BOTH)


async def add_xray(node: NodeInMemory, minutes_ago: float) -> None:
    """Put a checkpoint that everybody must pass between scale and desk."""
    since = node.clock.now() - timedelta(minutes=minutes_ago)
    around = [
        Leg(id=new_id(), site=node.name, origin=origin, target=target, direction="outbound", longest=LONGEST)
        for origin, target in (("scale", "xray"), ("xray", "desk"))
    ]
    for event in (
        CheckpointSet(checkpoint=replace(NEW, since=since), set_by="jan", set_at=since),
        *(LegSet(leg=replace(one, since=since), set_by="jan", set_at=since) for one in around),
    ):
        await node.changes.run(OFFICER, lambda change, event=event: change.record(event))


@pytest.mark.parametrize("hears_after", range(len(CODES)))
async def test_a_visit_is_judged_by_the_plan_as_it_was_whenever_its_site_hears_of_it(
    terminal: NodeInMemory, hears_after: int
) -> None:
    for place, code in enumerate(CODES):
        if place == hears_after:
            await add_xray(terminal, 60)
        for since, read in ((120, PLATE), (85, "PO9K881"), (55, "LU5533P")):
            await pass_by(terminal, code, since - 10 * place, read)

    told = {visit.label: [one.key for one in visit.standing] for visit in await visits(terminal)}
    assert told == {PLATE: [], "PO9K881": [], "LU5533P": ["skipped:xray"]}


async def test_a_checkpoint_that_ends_stays_skipped_by_who_was_there_before(terminal: NodeInMemory) -> None:
    for code, minutes_ago in (("pre-gate", 100), ("gate", 90), ("desk", 70)):
        await pass_by(terminal, code, minutes_ago)
        await pass_by(terminal, code, minutes_ago - 25, "PO9K881")
    page = await terminal.views.entities(Checkpoint, ALL)
    scale = next(one for one in page.items if one.code == "scale")
    at = terminal.clock.now() - timedelta(minutes=55)
    end = CheckpointSet(checkpoint=replace(scale, since=at, ended_at=at), set_by="jan", set_at=at)
    await terminal.changes.run(OFFICER, lambda change: change.record(end))
    await pass_by(terminal, "road", 60)
    await pass_by(terminal, "road", 35, "PO9K881")

    told = {visit.label: [one.key for one in visit.standing] for visit in await visits(terminal)}
    assert told == {PLATE: ["skipped:scale"], "PO9K881": []}
