"""What is odd about a visit, as a pure function of what is known of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.organisation.events import Plan, Requirement, VehicleClass
from domain.visits.judging import judge
from domain.visits.model import Pair, Point, Visit, Weight
from tests.samples import MORNING, new_id
from tests.terminals import CODES, PLAN, SITE, checkpoints, legs, minutes, point

WELL = tuple(point(code, 10 * place) for place, code in enumerate(CODES))


def visit(points: Sequence[Point], pairs: Sequence[Pair] = (), weights: Sequence[Weight] = ()) -> Visit:
    first = points[0]
    begun = Visit(
        id=new_id(),
        node=SITE,
        direction="outbound",
        tractor=first.folded,
        checkpoint=first.checkpoint,
        opened_at=first.at,
        last_at=first.at,
        heard_at=MORNING,
        points=(first,),
    )
    for each in points:
        begun = begun.with_facts((each,), (), (), MORNING)
    return begun.with_facts((), pairs, weights, MORNING)


def odd(seen: Visit, minute: float | None = None) -> list[str]:
    now = seen.last_at if minute is None else minutes(minute)
    return [anomaly.key for anomaly in judge(seen, PLAN, now).anomalies]


def test_whoever_follows_the_way_is_not_odd() -> None:
    judgement = judge(visit(WELL), PLAN, minutes(60))

    assert (judgement.at, judgement.following, judgement.anomalies) == ("border", (), ())
    assert judgement.left_at == WELL[-1].at


def test_where_it_is_and_what_comes_next() -> None:
    judgement = judge(visit(WELL[:3]), PLAN, minutes(21))

    assert (judgement.at, judgement.following, judgement.left_at) == ("scale", ("desk", "special"), None)


def test_what_some_classes_alone_must_pass_is_asked_of_these() -> None:
    trucks = (Requirement(direction="outbound", classes=(VehicleClass.TRUCK,)),)
    needed = [replace(one, required=trucks) if one.required else one for one in checkpoints()]
    plan, seen = Plan.of(needed, legs()), visit([WELL[1], WELL[-1]])

    def found(vehicle_class: VehicleClass | None) -> list[str]:
        return [one.key for one in judge(seen, plan, minutes(60), vehicle_class).anomalies if one.kind != "too_slow"]

    assert found(None) == found(VehicleClass.CAR) == []
    skipped = [f"skipped:{code}" for code in ("desk", "pre-gate", "road", "scale")]
    assert found(VehicleClass.TRUCK) == ["left_without_release:border", *skipped]


@pytest.mark.parametrize("missing", range(1, 5))
def test_what_had_to_be_passed_was_skipped(missing: int) -> None:
    points = [one for place, one in enumerate(WELL) if place != missing]
    skipped = f"skipped:{CODES[missing]}"

    assert [key for key in odd(visit(points)) if not key.startswith("left")] == [skipped]


def test_nobody_must_pass_special_control() -> None:
    assert odd(visit([*WELL[:3], point("special", 25), *WELL[3:]])) == []


def test_who_was_at_no_gate_skipped_it() -> None:
    assert odd(visit(WELL[2:])) == ["skipped:gate", "skipped:pre-gate"]


def test_who_was_at_no_desk_left_without_release() -> None:
    assert odd(visit([*WELL[:3], *WELL[4:]])) == ["left_without_release:border", "skipped:desk"]


def test_an_earlier_checkpoint_after_a_later_one_is_out_of_order() -> None:
    assert odd(visit([*WELL[:2], point("desk", 15), point("scale", 20), point("road", 30)])) == ["out_of_order:scale"]


def test_who_needs_longer_than_a_leg_may_take_is_too_slow() -> None:
    assert odd(visit([*WELL[:5], point("border", 71)])) == ["too_slow:road"]
    assert odd(visit([*WELL[:5], point("border", 70)])) == []


def test_who_has_not_arrived_by_then_is_overdue_while_it_lasts() -> None:
    on_the_road = visit(WELL[:5])

    assert odd(on_the_road, 70) == []
    assert odd(on_the_road, 71) == ["too_slow:road"]
    assert odd(visit(WELL), 1000) == []


def test_who_is_seen_the_other_way_turned_back() -> None:
    back = [point("gate", 25, direction="inbound"), point("pre-gate", 30, direction="inbound")]
    seen = visit([*WELL[:3], *back])

    assert odd(seen) == ["turned_back:gate"]
    assert judge(seen, PLAN, minutes(31)).left_at == back[1].at


@pytest.mark.parametrize(
    ("later", "found"), [(40_400, []), (41_000, ["weight_changed:desk"]), (39_100, ["weight_changed:desk"])]
)
def test_weights_may_differ_a_little(later: float, found: list[str]) -> None:
    weights = [Weight(id="1", registration_id=WELL[2].id, gross_kg=40_000)]
    weights.append(Weight(id="2", registration_id=WELL[3].id, gross_kg=later))

    assert odd(visit(WELL, weights=weights)) == found


def with_trailers(*read: str) -> Visit:
    trailers = [
        point(one.checkpoint, 10 * place, plate) for place, (one, plate) in enumerate(zip(WELL, read, strict=True))
    ]
    pairs = [Pair(tractor=one.id, trailer=drawn.id) for one, drawn in zip(WELL, trailers, strict=True)]
    return visit([*WELL, *trailers], pairs)


def test_another_trailer_behind_the_same_tractor() -> None:
    assert odd(with_trailers(*["WGM77XY"] * 6)) == []
    assert odd(with_trailers("WGM77XY", "WGM77XX", "WGM77KY", "WGM77XY", "WGM77XY", "WGM77XY")) == []
    assert odd(with_trailers(*["WGM77XY"] * 5, "LU5533P")) == ["trailer_changed:border"]


def test_another_tractor_before_the_same_trailer() -> None:
    trailers = [point(code, 10 * place, "WGM77XY") for place, code in enumerate(CODES)]
    tractors = [*WELL[:5], point("border", 50, "PO9K881")]
    pairs = [Pair(tractor=one.id, trailer=drawn.id) for one, drawn in zip(tractors, trailers, strict=True)]

    assert odd(visit([*tractors, *trailers], pairs)) == ["tractor_changed:border"]


@settings(max_examples=40)
@given(
    seen=st.lists(
        st.tuples(
            st.sampled_from((*CODES, "special")),
            st.integers(0, 90),
            st.sampled_from(("WGM1A23", "WGM1A28", "PO9K881")),
            st.sampled_from(("outbound", "outbound", "inbound")),
        ),
        min_size=1,
        max_size=8,
    ),
    random=st.randoms(use_true_random=False),
)
def test_the_order_in_which_it_came_in_changes_nothing(seen: list[tuple[str, int, str, str]], random: Random) -> None:
    points = [point(*one) for one in seen]
    weights = [Weight(id=one.id, registration_id=one.id, gross_kg=1000 * place) for place, one in enumerate(points)]
    pairs = [Pair(tractor=one.id, trailer=other.id) for one, other in zip(points[::3], points[1::3], strict=False)]
    mixed = random.sample(points, len(points)) + points[:2]
    now = MORNING + timedelta(minutes=100)

    assert judge(visit(points, pairs, weights), PLAN, now) == judge(visit(mixed, pairs[::-1], weights[::-1]), PLAN, now)
