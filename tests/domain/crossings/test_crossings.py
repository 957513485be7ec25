"""Crossings through the dispatcher: opened, completed, corrected; bad input."""

from dataclasses import replace
from datetime import timedelta
from math import nan
from typing import Any

import pytest

from domain.crossings.commands import CompleteCrossing, CorrectCrossing, OpenCrossing
from domain.crossings.errors import (
    AmountImpossible,
    CrossingChangedMeanwhile,
    CrossingFull,
    CrossingTimeImpossible,
    CrossingUnknown,
    DocumentTwice,
    MassImpossible,
    MemberTwice,
    MemberUnknown,
    ObjectTwice,
    PartsMissing,
    PartStandsAlready,
    PartUnknown,
    PositionImpossible,
    RegistrationBoundElsewhere,
    RoleUnfit,
    SubsystemUnfit,
)
from domain.crossings.model import GOODS_MAX, ActKind, Crossing, CrossingState
from domain.crossings.notices import CAR_PERSONS, Notice, notices
from domain.crossings.parts import Document, DocumentKind, GoodsLine, Member, MemberRole, Parts, Weight
from domain.crossings.profiles import missing, next_step
from domain.organisation.events import Position, Subsystem
from domain.registrations.commands import RegisterCargoUnit, RegisterPerson, RegisterPersonByHand, RegisterVehicle
from domain.registrations.model import ObjectKind
from domain.shared.errors import NotHere, Refusal
from domain.shared.lanes import LaneMalformed
from tests.domain.crossings.lorry import MRZ, UNMEASURED, lorry, open_lorry
from tests.nodes import NodeInMemory, carry
from tests.samples import new_id

PLACE = Parts(lane="lane-1", direction="inbound")
STOWAWAY = RegisterPersonByHand(
    lane="lane-1", direction="inbound", surname="Nowak", given_names="Jan", nationality="XXX", sex="M"
)
APPLES = GoodsLine(code="0808 10", description="Jabłka", packages=20, gross_kg=18_000)
INVOICE = Document(kind=DocumentKind.INVOICE, text="FV 7/2026")


async def opened(site: NodeInMemory, **parts: Any) -> Crossing:
    made: Crossing = await site.do(OpenCrossing(subsystem=Subsystem.SOC_T, put=replace(PLACE, **parts)))
    return made


async def completed(site: NodeInMemory, crossing: Crossing, **parts: Any) -> Crossing:
    changed: Crossing = await site.do(
        CompleteCrossing(crossing_id=crossing.id, seen=crossing.version, put=Parts(**parts))
    )
    return changed


async def test_a_crossing_binds_what_was_registered(site: NodeInMemory) -> None:
    crossing = await open_lorry(site)

    stands = await site.views.entity(Crossing, crossing.id)
    assert stands == crossing
    assert (crossing.state, crossing.version, crossing.officer) == (CrossingState.OPEN, 1, "anna")
    assert [member.role for member in crossing.vehicles] == [MemberRole.TRACTOR, MemberRole.SEMITRAILER]
    assert len(crossing.persons) == 1
    assert crossing.parts.at == site.happened("Registered")[0].registration.seen_at


async def test_it_holds_nothing_of_whom_or_what_its_members_are(site: NodeInMemory) -> None:
    crossing = await open_lorry(site)
    assert all(secret not in repr(crossing) for secret in ("ERIKSSON", "L898902C3", "WA12345", "WZ9876X"))


async def test_what_is_known_later_is_put_in_and_numbered(site: NodeInMemory) -> None:
    crossing = await completed(site, await open_lorry(site), goods=(APPLES, APPLES), documents=(INVOICE,))

    assert [line.number for line in crossing.parts.goods] == [1, 2]
    assert (crossing.parts.goods[0].code, crossing.parts.documents[0].number) == ("080810", 3)
    assert crossing.acts[-1].kind is ActKind.COMPLETED
    assert await site.views.entity(Crossing, crossing.id) == crossing


async def test_what_is_known_is_not_put_in_otherwise_without_a_reason(site: NodeInMemory) -> None:
    crossing = await open_lorry(site)
    with pytest.raises(PartStandsAlready) as refused:
        await completed(site, crossing, direction="outbound")
    assert refused.value.path == ("direction",)


async def test_what_is_refused_as_known_is_named_whatever_it_is(site: NodeInMemory) -> None:
    crossing = await opened(site, empty=False, pets=0)
    for parts, name in (({"empty": True}, "empty"), ({"pets": 2}, "pets"), ({"lane": "lane-2"}, "lane")):
        with pytest.raises(PartStandsAlready) as refused:
            await completed(site, crossing, **parts)
        assert refused.value.path == (name,)


async def test_what_is_said_once_more_and_alike_is_taken(site: NodeInMemory) -> None:
    crossing = await opened(site, at=site.clock.now(), empty=False)
    changed = await completed(site, crossing, lane="lane-1", at=crossing.parts.at, empty=False, goods=(APPLES,))
    assert changed.acts[-1].put == Parts(goods=(replace(APPLES, code="080810", number=1),))


async def test_a_correction_says_why_and_the_first_stays(site: NodeInMemory) -> None:
    crossing = await completed(site, await open_lorry(site), goods=(APPLES,))
    pears = replace(APPLES, number=1, code="0808 30", description="Gruszki")
    driver = crossing.persons[0].registration_id
    crossing = await site.do(
        CorrectCrossing(
            crossing_id=crossing.id,
            seen=crossing.version,
            reason="źle odczytano",
            put=Parts(goods=(pears,), direction="outbound"),
            without_members=(driver,),
        )
    )

    assert [line.description for line in crossing.parts.goods] == ["Gruszki"]
    assert (crossing.direction, crossing.persons) == ("outbound", ())
    act = crossing.acts[-1]
    assert (act.kind, act.by, act.reason, act.took.direction) == (ActKind.CORRECTED, "anna", "źle odczytano", "inbound")
    assert [line.description for line in act.took.goods] == ["Jabłka"]
    assert [member.registration_id for member in act.took.members] == [driver]


async def test_a_number_is_never_given_twice(site: NodeInMemory) -> None:
    crossing = await completed(site, await open_lorry(site), goods=(APPLES,))
    without = CorrectCrossing(crossing_id=crossing.id, seen=crossing.version, reason="x", put=Parts(), without=(1,))
    crossing = await completed(site, await site.do(without), goods=(APPLES,))
    assert [line.number for line in crossing.parts.goods] == [2]


async def test_two_officers_do_not_overwrite_each_other(site: NodeInMemory) -> None:
    crossing = await open_lorry(site)
    await completed(site, crossing, goods=(APPLES,))

    with pytest.raises(CrossingChangedMeanwhile) as refused:
        await completed(site, crossing, documents=(INVOICE,))
    assert refused.value.facts == {"version": 2, "officer": "anna"}
    stands = await site.views.entity(Crossing, crossing.id)
    assert stands is not None
    assert (len(stands.parts.goods), stands.parts.documents) == (1, ())


async def test_a_registration_is_in_one_crossing_under_way_at_most(site: NodeInMemory) -> None:
    first = await open_lorry(site)
    tractor = first.vehicles[0]
    with pytest.raises(RegistrationBoundElsewhere) as refused:
        await opened(site, members=(tractor,))
    assert refused.value.facts == {"registration": tractor.registration_id, "crossing": first.id}

    out = CorrectCrossing(
        crossing_id=first.id, seen=1, reason="inny", put=Parts(), without_members=(tractor.registration_id,)
    )
    await site.do(out)
    second = await opened(site, members=(tractor,))
    assert second.vehicles == (tractor,)


async def test_a_document_shown_twice_must_be_confirmed(site: NodeInMemory) -> None:
    crossing = await completed(site, await open_lorry(site), documents=(INVOICE,))
    again = CompleteCrossing(
        crossing_id=crossing.id, seen=2, put=Parts(documents=(replace(INVOICE, text="fv-7/2026"),))
    )
    with pytest.raises(DocumentTwice) as refused:
        await site.do(again)
    assert refused.value.facts["documents"] == ("fv-7/2026",)

    crossing = await site.do(replace(again, confirm_duplicates=True))
    assert len(crossing.parts.documents) == 2


async def test_one_person_or_thing_is_in_a_crossing_once_unless_they_are_two(site: NodeInMemory) -> None:
    crossing = await open_lorry(site)
    tractor, _, driver = await lorry(site)
    twins = (replace(driver, role=MemberRole.CREW), tractor)
    for command in (CompleteCrossing, CorrectCrossing):
        fields: Any = {"reason": "x"} if command is CorrectCrossing else {}
        wish: Any = command(crossing_id=crossing.id, seen=crossing.version, put=Parts(members=twins), **fields)
        with pytest.raises(ObjectTwice) as refused:
            await site.do(wish)
        assert refused.value.facts["registrations"] == tuple(each.registration_id for each in twins)
    with pytest.raises(ObjectTwice):
        await opened(site, members=(*await lorry(site), *twins))

    wish = CompleteCrossing(crossing_id=crossing.id, seen=1, put=Parts(members=twins), confirm_duplicates=True)
    crossing = await site.do(wish)
    assert len(crossing.parts.members) == 5
    put = Parts(members=(replace(driver, role=MemberRole.PASSENGER),))
    without = tuple(each.registration_id for each in crossing.members(frozenset({MemberRole.DRIVER})))
    wish = CorrectCrossing(crossing_id=crossing.id, seen=2, reason="x", put=put, without_members=without)
    assert [each.role for each in (await site.do(wish)).persons] == [MemberRole.PASSENGER]


async def test_who_has_no_document_is_like_nobody(site: NodeInMemory) -> None:
    crossing = await open_lorry(site)
    people = [await site.do(replace(STOWAWAY, given_names=name)) for name in ("Jan", "Ewa")]
    members = tuple(Member(registration_id=each.id, role=MemberRole.CREW) for each in people)
    crossing = await completed(site, crossing, members=members)
    assert len(crossing.persons) == 3


async def test_failed_checks_and_missing_masses_are_noticed_and_never_refused(site: NodeInMemory) -> None:
    crossing = await completed(
        site,
        await open_lorry(site),
        documents=(Document(kind=DocumentKind.MRN, text="21DE27364916384835"),),
        goods=(GoodsLine(code="999", description="Różne", un_number="UN 9999"),),
        weights=(Weight(total_kg=20_000, axles_kg=(5_000, 5_000)),),
        position=Position(latitude=10, longitude=20),
        empty=True,
    )
    assert set(notices(crossing, UNMEASURED)) == {
        Notice(code="document_check_failed", about="2"),
        Notice(code="goods_code_doubtful", about="1"),
        Notice(code="goods_un_number_doubtful", about="1"),
        Notice(code="goods_without_mass", about="1"),
        Notice(code="empty_with_goods"),
        Notice(code="axles_differ", about="3"),
        Notice(code="position_abroad"),
    }


@pytest.mark.parametrize(
    ("parts", "refusal"),
    [
        ({"goods": (replace(APPLES, gross_kg=-1.0),)}, MassImpossible),
        ({"goods": (replace(APPLES, gross_kg=nan),)}, MassImpossible),
        ({"weights": (Weight(total_kg=1e9),)}, MassImpossible),
        ({"goods": (replace(APPLES, packages=-1),)}, AmountImpossible),
        ({"pets": -1}, AmountImpossible),
        ({"position": Position(latitude=91, longitude=0)}, PositionImpossible),
        ({"position": Position(latitude=nan, longitude=0)}, PositionImpossible),
        ({"lane": "Pas 1"}, LaneMalformed),
        ({"lane": None}, PartsMissing),
        ({"goods": (APPLES,) * (GOODS_MAX + 1)}, CrossingFull),
        ({"members": (Member(registration_id=new_id(), role=MemberRole.CAR),)}, MemberUnknown),
    ],
)
async def test_what_makes_no_sense_is_refused(
    site: NodeInMemory, parts: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        await opened(site, **parts)


@pytest.mark.parametrize("days", [-31, 1])
async def test_a_crossing_is_neither_in_the_future_nor_long_ago(site: NodeInMemory, days: int) -> None:
    with pytest.raises(CrossingTimeImpossible):
        await opened(site, at=site.clock.now() + timedelta(days=days))


@pytest.mark.parametrize("subsystem", [Subsystem.SOC_K, Subsystem.ARTR])
async def test_trains_and_visits_are_no_crossings(site: NodeInMemory, subsystem: Subsystem) -> None:
    with pytest.raises(SubsystemUnfit):
        await site.do(OpenCrossing(subsystem=subsystem, put=PLACE))


async def test_roles_fit_what_was_registered(site: NodeInMemory) -> None:
    tractor, _, driver = await lorry(site)
    for wrong in (replace(driver, role=MemberRole.TRUCK), replace(tractor, role=MemberRole.DRIVER)):
        with pytest.raises(RoleUnfit):
            await opened(site, members=(wrong,))
    with pytest.raises(MemberTwice):
        await opened(site, members=(tractor, replace(tractor, role=MemberRole.TRUCK)))


async def test_what_is_not_there_is_not_corrected(site: NodeInMemory) -> None:
    crossing = await open_lorry(site)
    correct = CorrectCrossing(crossing_id=crossing.id, seen=1, reason="x", put=Parts())
    for wrong in (
        replace(correct, without=(9,)),
        replace(correct, without_members=(new_id(),)),
        replace(correct, put=Parts(goods=(replace(APPLES, number=4),))),
    ):
        with pytest.raises(PartUnknown):
            await site.do(wrong)
    with pytest.raises(PartsMissing):
        await site.do(correct)
    with pytest.raises(CrossingUnknown):
        await site.do(replace(correct, crossing_id=new_id()))


async def test_its_site_alone_changes_it(site: NodeInMemory, centre: NodeInMemory) -> None:
    crossing = await open_lorry(site)
    await carry(site, centre)

    assert await centre.views.entity(Crossing, crossing.id) == crossing
    with pytest.raises(NotHere):
        await completed(centre, crossing, goods=(APPLES,))


async def test_a_profile_tells_what_is_missing_and_what_is_next(site: NodeInMemory) -> None:
    crossing = await open_lorry(site)
    assert missing(crossing, UNMEASURED) == ("goods_or_empty", "weight")
    assert next_step(crossing, UNMEASURED) == "goods"

    crossing = await completed(site, crossing, goods=(replace(APPLES, code="", gross_kg=None),))
    assert missing(crossing, UNMEASURED) == ("gross_masses", "declaration", "weight")


async def test_a_patrol_inland_says_where_it_is(site: NodeInMemory) -> None:
    car = await site.do(RegisterVehicle(lane="patrol-1", direction="inbound", plate="WA 55555", country="PL"))
    member = Member(registration_id=car.id, role=MemberRole.CAR)
    put = Parts(lane="patrol-1", direction="inbound", members=(member,))
    crossing = await site.do(OpenCrossing(subsystem=Subsystem.SOC_M, put=put))
    assert (missing(crossing, UNMEASURED), next_step(crossing, UNMEASURED)) == (("position",), "position")

    crossing = await completed(site, crossing, position=Position(latitude=51.2, longitude=23.1))
    assert (missing(crossing, UNMEASURED), next_step(crossing, UNMEASURED), notices(crossing, UNMEASURED)) == (
        (),
        "release",
        (),
    )


async def test_what_is_unusual_is_noticed(site: NodeInMemory) -> None:
    car = await site.do(RegisterVehicle(lane="lane-1", direction="inbound", plate="WA 55555", country="PL"))
    unit = RegisterCargoUnit(lane="lane-1", direction="inbound", kind=ObjectKind.CONTAINER, code="CSQU3054383")
    box = Member(registration_id=(await site.do(unit)).id, role=MemberRole.CONTAINER, seals=(" pl-12 ",))
    hand = RegisterPersonByHand(
        lane="lane-1", direction="inbound", surname="Nowak", given_names="", nationality="POL", sex="X"
    )
    persons = [
        Member(registration_id=(await site.do(hand)).id, role=MemberRole.PASSENGER) for _ in range(CAR_PERSONS + 1)
    ]
    vehicle = Member(registration_id=car.id, role=MemberRole.CAR)
    put = Parts(lane="lane-1", direction="inbound", members=(vehicle, box, *persons))
    crossing = await site.do(OpenCrossing(subsystem=Subsystem.SOC_O, put=put))
    assert crossing.parts.members[1].seals == ("PL-12",)
    assert notices(crossing, UNMEASURED) == (
        Notice(code="persons_many", about="10"),
        Notice(code="role_unusual", about=box.registration_id),
    )


async def test_a_pedestrian_needs_no_vehicle(site: NodeInMemory) -> None:
    person = await site.do(RegisterPerson(lane="walk-1", direction="inbound", mrz=MRZ))
    member = Member(registration_id=person.id, role=MemberRole.PEDESTRIAN)
    put = Parts(lane="walk-1", direction="inbound", members=(member,))
    crossing = await site.do(OpenCrossing(subsystem=Subsystem.SOC_P, put=put))
    assert (missing(crossing, UNMEASURED), next_step(crossing, UNMEASURED), notices(crossing, UNMEASURED)) == (
        (),
        "release",
        (),
    )


async def test_a_group_on_foot_is_one_crossing_and_a_large_one_is_noticed(site: NodeInMemory) -> None:
    ids = [(await site.do(STOWAWAY)).id for _ in range(61)]
    group = [Member(registration_id=each, role=MemberRole.PEDESTRIAN) for each in ids]
    put = replace(PLACE, members=tuple(group[:60]))
    crossing = await site.do(OpenCrossing(subsystem=Subsystem.SOC_P, put=put))
    assert (missing(crossing, UNMEASURED), notices(crossing, UNMEASURED)) == ((), ())
    crossing = await completed(site, crossing, members=(group[60],))
    assert notices(crossing, UNMEASURED) == (Notice(code="persons_many", about="61"),)


async def test_seals_are_corrected_and_the_first_stay(site: NodeInMemory) -> None:
    tractor, trailer, _ = await lorry(site)
    sealed = replace(trailer, seals=("PL-12",))
    crossing = await site.do(OpenCrossing(subsystem=Subsystem.SOC_T, put=replace(PLACE, members=(tractor, sealed))))
    broken = Parts(members=(replace(trailer, seals=("PL-99",)),))
    wish = CorrectCrossing(crossing_id=crossing.id, seen=1, reason="zerwana, nowa plomba", put=broken)
    crossing = await site.do(wish)
    assert [each.seals for each in crossing.parts.members] == [(), ("PL-99",)]
    act = crossing.acts[-1]
    assert (act.by, act.reason, act.took.members) == ("anna", "zerwana, nowa plomba", (sealed,))
