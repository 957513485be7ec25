"""Units, posts, sites and ground plans: set up, changed and ended at the centre."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.organisation import errors, folding
from domain.organisation.commands import (
    EndPart,
    EnrolDevice,
    PartKind,
    PlaceCheckpoint,
    PlaceLane,
    PlaceLeg,
    PlacePost,
    PlaceSite,
    PlaceUnit,
    WithdrawDevice,
)
from domain.organisation.events import CheckpointSet
from domain.organisation.layout import FORMS_MAX, Checkpoint, CheckpointKind, Lane, Leg, Requirement
from domain.organisation.places import Position, Post, PostKind, Site, Subsystem, Unit, UnitKind
from domain.organisation.traffic import TrafficKind
from domain.shared.errors import Refusal
from domain.shared.lanes import DirectionUnknown
from domain.shared.messages import Command
from domain.shared.texts import TextMissing
from tests.nodes import NodeInMemory, carry
from tests.samples import MORNING

CHAMBER = Unit(code="ias-lublin", kind=UnitKind.CHAMBER, name="IAS w Lublinie")
BRANCH = Unit(code="oc-301040", kind=UnitKind.BRANCH, name="OC Koroszczyn", parent=CHAMBER.code, customs_code="301040")
POST = Post(
    code="kukuryki",
    name="Kukuryki",
    neighbour="Kozłowicze",
    border="BY",
    unit=BRANCH.code,
    kinds=(PostKind.ROAD,),
    position=Position(latitude=52.1, longitude=23.5),
)
SITE = Site(code="dorohusk", scope="", name="Terminal", unit=BRANCH.code, post=POST.code, subsystems=(Subsystem.ARTR,))
LANE = Lane(site=SITE.code, code="lane-1", post=POST.code, direction="inbound", kinds=(TrafficKind.ROAD_FREIGHT,))
GATE = Checkpoint(site=SITE.code, code="gate", kind=CheckpointKind.GATE, lane=LANE.code)
SCALE = Checkpoint(
    site=SITE.code, code="scale", kind=CheckpointKind.WEIGHING, required=(Requirement(direction="inbound"),)
)
LEG = Leg(site=SITE.code, origin="gate", target="scale", direction="inbound", longest=timedelta(minutes=10))


def all_of_it() -> tuple[Command, ...]:
    return (
        PlaceUnit(unit=CHAMBER, is_new=True),
        PlaceUnit(unit=BRANCH, is_new=True),
        PlacePost(post=POST, is_new=True),
        PlaceSite(site=SITE, is_new=True),
        PlaceLane(lane=LANE, is_new=True),
        PlaceCheckpoint(checkpoint=GATE, is_new=True),
        PlaceCheckpoint(checkpoint=SCALE, is_new=True),
        PlaceLeg(leg=LEG, is_new=True),
    )


async def set_up(centre: NodeInMemory) -> list[Any]:
    return [await centre.do(command) for command in all_of_it()]


async def test_what_is_set_up_at_the_centre_stands_at_the_site(centre: NodeInMemory, site: NodeInMemory) -> None:
    parts = await set_up(centre)
    await carry(centre, site)

    for part in parts:
        key = getattr(part, "id", None) or part.code
        assert await site.views.entity(type(part), key) == part
    assert parts[0] == CHAMBER
    assert (parts[1].eu_reference, parts[0].eu_reference) == ("PL301040", "")
    channels = {one.log.channel for one in centre.heard}
    assert channels == {"organisation.pl", "organisation.dorohusk", "audit"}


async def test_parts_are_changed_and_known_by_the_same_code(centre: NodeInMemory) -> None:
    *_, lane, gate, _, leg = await set_up(centre)
    closed = await centre.do(PlaceLane(lane=replace(LANE, open=False), is_new=False))
    longer = await centre.do(PlaceLeg(leg=replace(LEG, longest=None), is_new=False))
    moved = await centre.do(PlaceCheckpoint(checkpoint=replace(GATE, lane=""), is_new=False))
    renamed = await centre.do(PlaceUnit(unit=replace(CHAMBER, name="Izba"), is_new=False))

    assert (closed.id, closed.open) == (lane.id, False)
    assert (longer.id, longer.longest) == (leg.id, None)
    assert (moved.id, moved.lane) == (gate.id, "")
    assert await centre.views.entity(Unit, CHAMBER.code) == renamed


async def test_how_checkpoints_and_legs_were_is_kept_at_each_node(centre: NodeInMemory, site: NodeInMemory) -> None:
    *_, scale, leg = await set_up(centre)
    began = centre.clock.now()
    changed = centre.clock.step()
    await centre.do(PlaceCheckpoint(checkpoint=replace(SCALE, required=()), is_new=False))
    gone = centre.clock.step()
    await centre.do(EndPart(kind=PartKind.LEG, key=leg.id, reason="przebudowa"))
    await centre.do(EndPart(kind=PartKind.CHECKPOINT, key=scale.id, reason="przebudowa"))
    await carry(centre, site)

    for node in (centre, site):
        known = await node.views.entity(Checkpoint, scale.id)
        assert known is not None
        forms = [(one.since, bool(one.required), one.ended_at) for one in (*known.earlier, known)]
        assert forms == [(began, True, None), (changed, False, None), (gone, False, gone)]
        assert all(one.earlier == () for one in known.earlier)
        known_leg = await node.views.entity(Leg, leg.id)
        assert known_leg is not None
        assert [(one.since, one.ended_at) for one in (*known_leg.earlier, known_leg)] == [(began, None), (gone, gone)]
    assert all(one.checkpoint.earlier == () for one in centre.happened("CheckpointSet"))
    assert all(one.leg.earlier == () for one in centre.happened("LegSet"))


def test_however_often_a_checkpoint_is_changed_its_history_stays_short() -> None:
    known: Checkpoint | None = None
    for number in range(1, FORMS_MAX + 20):
        told = replace(GATE, id="gate", version=number, since=MORNING + timedelta(minutes=number))
        known = folding.checkpoint(known, CheckpointSet(checkpoint=told, set_by="jan", set_at=MORNING))
    assert known is not None
    versions = [one.version for one in known.earlier]
    assert (len(versions), versions[0], versions[-1], known.version) == (
        FORMS_MAX,
        1,
        FORMS_MAX + 18,
        FORMS_MAX + 19,
    )


@pytest.mark.parametrize("command", all_of_it())
async def test_a_code_is_never_given_twice(centre: NodeInMemory, command: Command) -> None:
    await set_up(centre)
    with pytest.raises(errors.CodeTaken):
        await centre.do(command)


@pytest.mark.parametrize("place", [1, 2, 3, 4, 5, 7])
async def test_what_is_not_there_is_neither_changed_nor_referred_to(centre: NodeInMemory, place: int) -> None:
    command = all_of_it()[place]
    for wish in (command, replace(command, is_new=False)):  # type: ignore[call-arg] # all of these have it
        with pytest.raises(errors.PartUnknown):
            await centre.do(wish)


@pytest.mark.parametrize(
    ("command", "refusal", "path"),
    [
        (PlaceUnit(unit=replace(CHAMBER, code="IAS"), is_new=True), errors.CodeMalformed, "code"),
        (PlaceUnit(unit=replace(CHAMBER, name=" "), is_new=False), TextMissing, "name"),
        (PlaceUnit(unit=replace(CHAMBER, parent=BRANCH.code), is_new=False), errors.UnitsInCircle, "parent"),
        (PlaceUnit(unit=replace(CHAMBER, parent=CHAMBER.code), is_new=False), errors.UnitsInCircle, "parent"),
        (
            PlaceUnit(unit=replace(BRANCH, customs_code="30104"), is_new=False),
            errors.CustomsCodeMalformed,
            "customsCode",
        ),
        (PlacePost(post=replace(POST, border="by"), is_new=False), errors.CountryMalformed, "border"),
        (
            PlacePost(post=replace(POST, position=Position(latitude=91, longitude=0)), is_new=False),
            errors.PositionImpossible,
            "position",
        ),
        (PlaceSite(site=replace(SITE, unit="ias-x"), is_new=False), errors.PartUnknown, "unit"),
        (PlaceLane(lane=replace(LANE, direction="both"), is_new=False), DirectionUnknown, "direction"),
        (PlaceLane(lane=replace(LANE, code="Pas 1"), is_new=True), errors.CodeMalformed, "code"),
        (PlaceCheckpoint(checkpoint=replace(GATE, lane="lane-2"), is_new=False), errors.PartUnknown, "lane"),
        (PlaceLeg(leg=replace(LEG, target="gate"), is_new=True), errors.LegToItself, "target"),
        (PlaceLeg(leg=replace(LEG, target="elsewhere"), is_new=True), errors.PartUnknown, "target"),
        (PlaceLeg(leg=replace(LEG, longest=timedelta(0)), is_new=False), errors.LongestImpossible, "longestSeconds"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    centre: NodeInMemory, command: Command, refusal: type[Refusal], path: str
) -> None:
    await set_up(centre)
    with pytest.raises(refusal) as refused:
        await centre.do(command)
    assert refused.value.path == (path,)


async def test_a_leg_does_not_lead_to_a_checkpoint_of_another_site(centre: NodeInMemory) -> None:
    await set_up(centre)
    await centre.do(PlaceSite(site=replace(SITE, code="terespol"), is_new=True))
    await centre.do(
        PlaceCheckpoint(checkpoint=Checkpoint(site="terespol", code="far", kind=CheckpointKind.GATE), is_new=True)
    )
    with pytest.raises(errors.PartUnknown):
        await centre.do(PlaceLeg(leg=replace(LEG, target="far"), is_new=True))


async def test_parts_end_from_the_leaves_up_and_for_good(centre: NodeInMemory) -> None:
    unit, branch, post, site, lane, gate, scale, leg = await set_up(centre)
    ends = [
        EndPart(kind=PartKind.LEG, key=leg.id, reason="przebudowa"),
        EndPart(kind=PartKind.CHECKPOINT, key=scale.id, reason="przebudowa"),
        EndPart(kind=PartKind.CHECKPOINT, key=gate.id, reason="przebudowa"),
        EndPart(kind=PartKind.LANE, key=lane.id, reason="przebudowa"),
        EndPart(kind=PartKind.SITE, key=site.code, reason="przebudowa"),
        EndPart(kind=PartKind.POST, key=post.code, reason="przebudowa"),
        EndPart(kind=PartKind.UNIT, key=branch.code, reason="przebudowa"),
        EndPart(kind=PartKind.UNIT, key=unit.code, reason="przebudowa"),
    ]
    for early in ends[1:]:
        with pytest.raises(errors.PartInUse):
            await centre.do(early)
    for end in ends:
        await centre.do(end)
        with pytest.raises(errors.PartEnded):
            await centre.do(end)

    ended = await centre.views.entity(Lane, lane.id)
    assert ended == replace(lane, ended_at=centre.clock.now(), version=2)
    with pytest.raises(errors.CodeTaken):
        await centre.do(PlaceUnit(unit=CHAMBER, is_new=True))
    with pytest.raises(errors.PartEnded):
        await centre.do(PlaceUnit(unit=CHAMBER, is_new=False))


async def test_a_leg_that_ended_is_set_up_again(centre: NodeInMemory) -> None:
    *_, leg = await set_up(centre)
    await centre.do(EndPart(kind=PartKind.LEG, key=leg.id, reason="remont"))
    again = await centre.do(PlaceLeg(leg=LEG, is_new=True))
    assert again.id != leg.id


AT_GATE = EnrolDevice(
    code="cam-1",
    site=SITE.code,
    lane=LANE.code,
    checkpoint=GATE.code,
    direction="inbound",
    format="hikvision_isapi",
    key_digest="00",
)


async def test_a_device_stands_where_its_site_has_a_lane_and_a_checkpoint(centre: NodeInMemory) -> None:
    *parts, scale, leg = await set_up(centre)
    await centre.do(EndPart(kind=PartKind.LEG, key=leg.id, reason="przebudowa"))
    await centre.do(EndPart(kind=PartKind.CHECKPOINT, key=scale.id, reason="przebudowa"))
    for wish, refusal, path in (
        (replace(AT_GATE, lane="lane-9"), errors.PartUnknown, "lane"),
        (replace(AT_GATE, checkpoint="lane-1"), errors.PartUnknown, "checkpoint"),
        (replace(AT_GATE, checkpoint="scale"), errors.PartEnded, "checkpoint"),
    ):
        with pytest.raises(refusal) as refused:
            await centre.do(wish)
        assert refused.value.path == (path,)

    for kind, part in ((PartKind.CHECKPOINT, parts[-1]), (PartKind.LANE, parts[-2])):
        await centre.do(EndPart(kind=kind, key=part.id, reason="przebudowa"))
    with pytest.raises(errors.PartEnded) as refused:
        await centre.do(AT_GATE)
    assert refused.value.path == ("lane",)
    await centre.do(EndPart(kind=PartKind.SITE, key=SITE.code, reason="przebudowa"))
    with pytest.raises(errors.PartEnded) as refused:
        await centre.do(AT_GATE)
    assert refused.value.path == ("site",)
    assert centre.happened("DeviceEnrolled") == []


@pytest.mark.parametrize("set_up_so_far", [0, 4, 5])
async def test_of_a_site_without_lanes_or_checkpoints_nothing_is_known(
    centre: NodeInMemory, set_up_so_far: int
) -> None:
    for command in all_of_it()[:set_up_so_far]:
        await centre.do(command)
    await centre.do(replace(AT_GATE, checkpoint="nowhere"))
    await centre.do(replace(AT_GATE, code="cam-2", site="patrol-1", lane="nowhere"))
    assert len(centre.happened("DeviceEnrolled")) == 2


async def test_no_part_ends_at_which_a_device_is_in_service(centre: NodeInMemory) -> None:
    *_, lane, gate, scale, leg = await set_up(centre)
    await centre.do(EndPart(kind=PartKind.LEG, key=leg.id, reason="przebudowa"))
    await centre.do(AT_GATE)
    await centre.do(EndPart(kind=PartKind.CHECKPOINT, key=scale.id, reason="przebudowa"))
    ends = [(PartKind.CHECKPOINT, gate.id), (PartKind.LANE, lane.id), (PartKind.SITE, SITE.code)]
    for kind, key in ends:
        with pytest.raises(errors.PartInUse):
            await centre.do(EndPart(kind=kind, key=key, reason="przebudowa"))

    await centre.do(WithdrawDevice(code="cam-1", reason="przebudowa"))
    for kind, key in ends:
        await centre.do(EndPart(kind=kind, key=key, reason="przebudowa"))


@pytest.mark.parametrize("place", [0, 2, 3, 4, 5, 7])
async def test_of_two_who_saw_the_same_version_the_second_is_refused(centre: NodeInMemory, place: int) -> None:
    parts = await set_up(centre)
    change: Any = replace(all_of_it()[place], is_new=False, seen=parts[place].version)  # type: ignore[call-arg] # as above
    assert (await centre.do(change)).version == 2
    with pytest.raises(errors.PartChangedMeanwhile) as refused:
        await centre.do(change)
    assert (refused.value.path, refused.value.facts["version"]) == (("seen",), 2)
    assert (await centre.do(replace(change, seen=None))).version == 3


async def test_a_customs_code_is_of_one_unit_that_stands(centre: NodeInMemory) -> None:
    await set_up(centre)
    other = replace(BRANCH, code="oc-other")
    with pytest.raises(errors.CodeTaken) as refused:
        await centre.do(PlaceUnit(unit=other, is_new=True))
    assert refused.value.path == ("customsCode",)

    await centre.do(PlaceUnit(unit=replace(BRANCH, customs_code="301099"), is_new=False))
    assert (await centre.do(PlaceUnit(unit=other, is_new=True))).customs_code == BRANCH.customs_code


async def test_what_is_said_twice_counts_once(centre: NodeInMemory) -> None:
    await set_up(centre)
    freight, inbound = TrafficKind.ROAD_FREIGHT, Requirement(direction="inbound")
    post = await centre.do(PlacePost(post=replace(POST, kinds=(PostKind.ROAD,) * 1000), is_new=False))
    site = await centre.do(PlaceSite(site=replace(SITE, subsystems=(Subsystem.ARTR,) * 2), is_new=False))
    lane = await centre.do(PlaceLane(lane=replace(LANE, kinds=(freight,) * 2), is_new=False))
    scale = await centre.do(PlaceCheckpoint(checkpoint=replace(SCALE, required=(inbound,) * 2), is_new=False))
    assert (post.kinds, site.subsystems, lane.kinds) == ((PostKind.ROAD,), (Subsystem.ARTR,), (freight,))
    assert scale.required == (inbound,)
