"""What officers decide on crossings: clearance, control, release, refusal, and taking back."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.alarms.commands import RaiseAlarm
from domain.crossings.binding import Binding
from domain.crossings.clearance import requirements
from domain.crossings.commands import (
    CancelCrossing,
    CheckRequirement,
    CompleteCrossing,
    CorrectCrossing,
    OpenCrossing,
    OverrideRequirement,
    RefuseCrossing,
    ReleaseCrossing,
    ReopenCrossing,
    ReturnFromControl,
    SendToControl,
    UndoAct,
)
from domain.crossings.errors import (
    ActNotUndone,
    ActNotYours,
    ClearanceOpen,
    CrossingIncomplete,
    CrossingStateForbids,
    MemberAlarmed,
    MemberNotChecked,
    RegistrationBoundElsewhere,
    RequirementUnknown,
    ResultUnfit,
    SeenSince,
    UndoTooLate,
)
from domain.crossings.model import ActKind, Crossing, CrossingState, RefusalReason
from domain.crossings.notices import Notice, notices
from domain.crossings.parts import (
    Document,
    DocumentKind,
    GoodsLine,
    Member,
    MemberRole,
    Outcome,
    Parts,
    Weight,
)
from domain.organisation.events import Subsystem
from domain.registrations.commands import RegisterVehicle
from domain.shared.actors import Actor, Role
from domain.shared.messages import Command
from domain.shared.texts import TextMissing
from tests.domain.crossings.lorry import LORRY, UNMEASURED, open_lorry
from tests.nodes import NodeInMemory, open_node

COLLEAGUE = Actor(name="dorota", roles=frozenset({Role.OFFICER}), purpose="kontrola graniczna")
MEAT = GoodsLine(code="0207 14", description="Mięso z kurcząt", packages=900, gross_kg=20_000)
FUEL = GoodsLine(code="2710 19", description="Olej napędowy", gross_kg=20_000, un_number="UN 1202")
STEEL = GoodsLine(code="7208 51", description="Blacha", gross_kg=20_000)
MRN = Document(kind=DocumentKind.MRN, text="18GB0000601001EB15")
WEIGHED = Weight(total_kg=36_000)


async def loaded(site: NodeInMemory, *goods: GoodsLine) -> Crossing:
    """Return a crossing of which all is known."""
    crossing = await open_lorry(site)
    put = Parts(goods=goods, documents=(MRN,), weights=(WEIGHED,), empty=None if goods else True)
    made: Crossing = await on(site, crossing, CompleteCrossing, put=put)
    return made


async def on(site: NodeInMemory, crossing: Crossing, command: type[Command], **fields: Any) -> Any:
    """Do something with a crossing as it is."""
    build: Any = command
    return await site.do(build(crossing_id=crossing.id, seen=crossing.version, **fields))


async def test_requirements_follow_from_goods_and_each_is_named(site: NodeInMemory) -> None:
    crossing = await loaded(site, MEAT, FUEL)
    assert [each.code for each in requirements(crossing)] == ["veterinary", "adr", "excise", "waste"]
    with pytest.raises(ClearanceOpen) as refused:
        await on(site, crossing, ReleaseCrossing)
    assert refused.value.facts["requirements"] == ("veterinary", "adr", "excise", "waste")


async def test_a_release_waits_for_each_check(site: NodeInMemory) -> None:
    crossing = await loaded(site, MEAT)
    crossing = await on(
        site, crossing, CheckRequirement, requirement="veterinary", outcome=Outcome.B1, shown="CHED 12", reason="brak"
    )
    with pytest.raises(ClearanceOpen):
        await on(site, crossing, ReleaseCrossing)

    crossing = await on(site, crossing, CheckRequirement, requirement="veterinary", outcome=Outcome.A1)
    released = await on(site, crossing, ReleaseCrossing)
    assert (released.state, released.decided_at) == (CrossingState.RELEASED, site.clock.now())
    assert [(act.kind, act.put.checks[0].outcome) for act in released.acts[2:4]] == [
        (ActKind.CHECKED, Outcome.B1),
        (ActKind.CHECKED, Outcome.A1),
    ]
    (check,) = released.parts.checks
    assert (check.by, check.at) == ("anna", site.clock.now())


async def test_goods_that_come_later_open_a_requirement_again(site: NodeInMemory) -> None:
    crossing = await loaded(site, MEAT)
    crossing = await on(site, crossing, CheckRequirement, requirement="veterinary", outcome=Outcome.A1)
    crossing = await on(site, crossing, CompleteCrossing, put=Parts(goods=(STEEL,)))
    assert all(each.is_satisfied for each in requirements(crossing))

    crossing = await on(site, crossing, CompleteCrossing, put=Parts(goods=(MEAT,)))
    assert [each.is_satisfied for each in requirements(crossing)] == [False]


async def test_a_check_does_not_hold_for_the_rest_of_what_it_was_of(site: NodeInMemory) -> None:
    crossing = await loaded(site, MEAT, FUEL, MEAT)
    for requirement in ("veterinary", "adr"):
        crossing = await on(site, crossing, CheckRequirement, requirement=requirement, outcome=Outcome.A1)
    first = crossing.parts.goods[0].number
    crossing = await on(site, crossing, CorrectCrossing, reason="nie ma go", put=Parts(), without=(first,))
    assert {each.code for each in requirements(crossing) if each.is_satisfied} == {"adr"}


async def test_what_does_not_apply_is_waived_and_what_stands_is_overridden_with_reasons(site: NodeInMemory) -> None:
    crossing = await loaded(site, FUEL)
    for outcome in (Outcome.WAIVED, Outcome.OVERRIDDEN):
        with pytest.raises((TextMissing, ResultUnfit)):
            await on(site, crossing, CheckRequirement, requirement="waste", outcome=outcome)
    crossing = await on(
        site, crossing, CheckRequirement, requirement="waste", outcome=Outcome.WAIVED, reason="nie odpad"
    )
    crossing = await on(site, crossing, CheckRequirement, requirement="adr", outcome=Outcome.A2)
    with pytest.raises(RequirementUnknown):
        await on(site, crossing, CheckRequirement, requirement="cites", outcome=Outcome.A1)
    crossing = await on(site, crossing, OverrideRequirement, requirement="excise", reason="polecenie 7/2026")

    assert (await on(site, crossing, ReleaseCrossing)).state is CrossingState.RELEASED
    assert crossing.acts[-1].kind is ActKind.OVERRIDDEN


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"cash_eur": 10_000}, ["cash"]),
        ({"cash_eur": 9_999}, []),
        ({"pets": 2}, ["pets"]),
        ({"documents": (Document(kind=DocumentKind.TIR, text="XB12345678"),)}, ["transit"]),
        ({"documents": (Document(kind=DocumentKind.MRN, text="22ITZXBZYUTJFLJXK6"),)}, ["transit"]),
    ],
)
async def test_requirements_follow_from_more_than_goods(
    site: NodeInMemory, parts: dict[str, Any], code: list[str]
) -> None:
    crossing = await on(site, await open_lorry(site), CompleteCrossing, put=Parts(**parts))
    assert [each.code for each in requirements(crossing)] == code


async def test_goods_that_a_correction_brings_after_the_release_are_noticed(site: NodeInMemory) -> None:
    released = await on(site, await loaded(site, STEEL), ReleaseCrossing)
    corrected = await on(site, released, CorrectCrossing, reason="przeoczone", put=Parts(goods=(MEAT,)))
    assert corrected.state is CrossingState.RELEASED
    assert notices(corrected, UNMEASURED) == (
        Notice(code="goods_heavier_than_weighed"),
        Notice(code="released_without_clearance", about="veterinary"),
    )


async def test_what_is_not_known_stands_against_a_release(site: NodeInMemory) -> None:
    with pytest.raises(CrossingIncomplete) as refused:
        await on(site, await open_lorry(site), ReleaseCrossing)
    assert refused.value.facts["missing"] == ("goods_or_empty", "weight")


async def test_an_alarm_that_nobody_has_taken_stands_against_a_release(site: NodeInMemory) -> None:
    crossing = await loaded(site)
    label = site.happened("Registered")[0].registration.label
    await site.do(RaiseAlarm(lane="lane-1", label=label, priority=1, text="Zapach narkotyków"))
    with pytest.raises(MemberAlarmed) as refused:
        await on(site, crossing, ReleaseCrossing)
    assert refused.value.facts["registrations"] == (crossing.vehicles[0].registration_id,)


async def test_what_was_not_checked_stands_against_a_release() -> None:
    site = open_node("dorohusk", lists=("watchlist.pl",))
    crossing = await loaded(site)
    with pytest.raises(MemberNotChecked):
        await on(site, crossing, ReleaseCrossing)


async def test_control_and_back(site: NodeInMemory) -> None:
    crossing = await on(site, await loaded(site), SendToControl, reason="RTG")
    assert crossing.state is CrossingState.IN_CONTROL
    with pytest.raises(CrossingStateForbids):
        await on(site, crossing, ReleaseCrossing)
    with pytest.raises(ResultUnfit):
        await on(site, crossing, ReturnFromControl, result=Outcome.WAIVED)

    crossing = await on(site, crossing, ReturnFromControl, result=Outcome.B1, reason="papierosy")
    assert (crossing.state, crossing.acts[-1].code) == (CrossingState.OPEN, "b1")
    with pytest.raises(ClearanceOpen) as refused:
        await on(site, crossing, ReleaseCrossing)
    assert refused.value.facts["requirements"] == ("control",)

    crossing = await on(site, crossing, RefuseCrossing, code=RefusalReason.GOODS_PROHIBITED, reason="papierosy")
    assert (crossing.state, crossing.acts[-1].code) == (CrossingState.REFUSED, "goods_prohibited")


@pytest.mark.parametrize(
    ("decide", "fields"),
    [(RefuseCrossing, {"code": RefusalReason.OTHER, "reason": "x"}), (CancelCrossing, {"reason": "x"})],
)
async def test_a_control_is_not_got_round_by_a_decision_that_is_reopened(
    site: NodeInMemory, decide: type[Command], fields: dict[str, Any]
) -> None:
    crossing = await on(site, await loaded(site), SendToControl, reason="RTG")
    assert requirements(crossing) == ()
    crossing = await on(site, await on(site, crossing, decide, **fields), ReopenCrossing, reason="pomyłka")
    with pytest.raises(ClearanceOpen) as refused:
        await on(site, crossing, ReleaseCrossing)
    assert refused.value.facts["requirements"] == ("control",)

    overridden = await on(site, crossing, OverrideRequirement, requirement="control", reason="RTG zepsuty")
    assert (await on(site, overridden, ReleaseCrossing)).state is CrossingState.RELEASED


async def test_a_control_that_was_made_does_not_stand_for_the_next_one(site: NodeInMemory) -> None:
    crossing = await on(site, await loaded(site), SendToControl, reason="RTG")
    crossing = await on(site, crossing, ReturnFromControl, result=Outcome.A1)
    crossing = await on(site, crossing, SendToControl, reason="pies")
    crossing = await on(site, await on(site, crossing, CancelCrossing, reason="x"), ReopenCrossing, reason="x")
    assert [(each.code, each.is_satisfied) for each in requirements(crossing)] == [("control", False)]

    crossing = await on(site, crossing, SendToControl, reason="pies")
    assert await on(site, await on(site, crossing, ReturnFromControl, result=Outcome.A1), ReleaseCrossing)


async def test_a_control_that_was_undone_is_not_awaited(site: NodeInMemory) -> None:
    crossing = await on(site, await loaded(site), SendToControl, reason="RTG")
    assert (await on(site, await on(site, crossing, UndoAct), ReleaseCrossing)).state is CrossingState.RELEASED


async def test_nobody_comes_into_a_released_crossing_who_could_not_have_been_released(site: NodeInMemory) -> None:
    released = await on(site, await loaded(site), ReleaseCrossing)
    await site.do(RaiseAlarm(lane="lane-1", label="PO9K881", priority=1, text="Zapach narkotyków"))
    car = await site.do(RegisterVehicle(lane="lane-1", direction="inbound", plate="PO 9K881", country="PL"))
    put = Parts(members=(Member(registration_id=car.id, role=MemberRole.TRAILER),))
    with pytest.raises(MemberAlarmed) as refused:
        await on(site, released, CorrectCrossing, reason="przeoczona", put=put)
    assert refused.value.facts["registrations"] == (car.id,)


async def test_what_a_correction_brings_after_the_decision_is_in_no_other_crossing(site: NodeInMemory) -> None:
    released = await on(site, await loaded(site), ReleaseCrossing)
    car = await site.do(RegisterVehicle(lane="lane-1", direction="inbound", plate="PO 9K881", country="PL"))
    put = Parts(members=(Member(registration_id=car.id, role=MemberRole.TRAILER),))
    other = await site.do(OpenCrossing(subsystem=Subsystem.SOC_T, put=replace(put, lane="lane-1", direction="inbound")))
    with pytest.raises(RegistrationBoundElsewhere):
        await on(site, released, CorrectCrossing, reason="przeoczona", put=put)

    await on(site, other, CancelCrossing, reason="pomyłka")
    await on(site, released, CorrectCrossing, reason="przeoczona", put=put)
    bound = await site.views.entity(Binding, car.id)
    assert bound is not None
    assert bound.crossing_id == released.id


async def test_an_officer_takes_back_the_own_last_act(site: NodeInMemory) -> None:
    before = await loaded(site)
    site.clock.step()
    released = await on(site, before, ReleaseCrossing)
    undone = await on(site, released, UndoAct)

    assert (undone.state, undone.decided_at, undone.parts) == (CrossingState.OPEN, None, before.parts)
    assert [(act.kind, act.undoes) for act in undone.acts[-2:]] == [(ActKind.RELEASED, None), (ActKind.UNDONE, 3)]
    with pytest.raises(ActNotUndone):
        await on(site, undone, UndoAct)


async def test_what_was_corrected_comes_back(site: NodeInMemory) -> None:
    before = await loaded(site, MEAT)
    before = await on(site, before, CheckRequirement, requirement="veterinary", outcome=Outcome.A1)
    corrected = await on(
        site, before, CorrectCrossing, reason="x", put=Parts(goods=(replace(MEAT, number=1, gross_kg=1.0),))
    )
    assert corrected.parts.checks == ()
    undone = await on(site, corrected, UndoAct)
    assert undone.parts == before.parts


async def test_who_may_not_undo(site: NodeInMemory) -> None:
    released = await on(site, await loaded(site), ReleaseCrossing)
    undo = UndoAct(crossing_id=released.id, seen=released.version)
    with pytest.raises(ActNotYours):
        await site.do(undo, COLLEAGUE)
    site.clock.step(timedelta(minutes=11))
    with pytest.raises(UndoTooLate):
        await site.do(undo)
    with pytest.raises(ActNotUndone):
        await on(site, await open_lorry(site), UndoAct)


async def open_lorry_again(site: NodeInMemory) -> Crossing:
    return await open_lorry(site)


async def test_what_was_seen_since_is_not_undone(site: NodeInMemory) -> None:
    released = await on(site, await loaded(site), ReleaseCrossing)
    site.clock.step()
    await site.do(RegisterVehicle(lane="exit-1", direction="inbound", plate=LORRY[1][0], country="PL"))
    with pytest.raises(SeenSince) as refused:
        await on(site, released, UndoAct)
    assert refused.value.facts["registrations"] == (released.vehicles[1].registration_id,)


async def test_a_decision_is_reopened_with_a_reason_and_members_must_be_free(site: NodeInMemory) -> None:
    first = await loaded(site)
    cancelled = await on(site, first, CancelCrossing, reason="zawrócił")
    put = Parts(lane="lane-2", direction="inbound", members=first.parts.members)
    second = await site.do(OpenCrossing(subsystem=Subsystem.SOC_T, put=put))
    with pytest.raises(RegistrationBoundElsewhere):
        await on(site, cancelled, ReopenCrossing, reason="pomyłka")
    with pytest.raises(RegistrationBoundElsewhere):
        await on(site, cancelled, UndoAct)

    await on(site, second, CancelCrossing, reason="pomyłka")
    again = await on(site, cancelled, ReopenCrossing, reason="pomyłka")
    assert (again.state, again.acts[-1].kind) == (CrossingState.OPEN, ActKind.REOPENED)
    with pytest.raises(RegistrationBoundElsewhere):
        await on(site, await site_view(site, second), ReopenCrossing, reason="x")


async def site_view(site: NodeInMemory, crossing: Crossing) -> Crossing:
    stands = await site.views.entity(Crossing, crossing.id)
    assert stands is not None
    return stands
