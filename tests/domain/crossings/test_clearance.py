"""The table of the clearance: which goods call for what."""

import pytest

from domain.crossings.clearance import requirements
from domain.crossings.model import Crossing
from domain.crossings.parts import GoodsLine, Parts
from domain.crossings.rules import BY_CODE, RULES
from domain.organisation.events import Subsystem
from tests.samples import MORNING, NODE, new_id


def required(direction: str, *goods: GoodsLine) -> set[str]:
    parts = Parts(direction=direction, goods=goods)
    crossing = Crossing(
        id=new_id(), node=NODE, subsystem=Subsystem.SOC_T, opened_by="anna", opened_at=MORNING, parts=parts
    )
    return {each.code for each in requirements(crossing)}


@pytest.mark.parametrize(
    ("code", "direction", "services"),
    [
        ("01012100", "inbound", {"veterinary"}),
        ("01012100", "outbound", set()),
        ("06011010", "inbound", {"plant_health"}),
        ("0808108090", "inbound", {"plant_health", "food_quality"}),
        ("96011000", "outbound", {"cites"}),
        ("85423190", "outbound", {"licence_dual_use"}),
        ("85423190", "inbound", set()),
        ("93040000", "inbound", {"licence_weapons"}),
        ("30049000", "inbound", {"licence_medicines"}),
        ("24022090", "outbound", {"excise"}),
        ("72044990", "inbound", {"waste"}),
        ("97", "inbound", {"cites", "cultural_goods"}),
        ("72085120", "inbound", set()),
    ],
)
def test_goods_call_for_what_the_table_says(code: str, direction: str, services: set[str]) -> None:
    assert required(direction, GoodsLine(code=code, description="x")) == services


def test_what_is_told_too_shortly_calls_for_all_that_it_may_be() -> None:
    assert required("inbound", GoodsLine(code="30", description="x")) == {"veterinary", "licence_medicines"}


def test_dangerous_goods_call_for_adr_whatever_their_code() -> None:
    assert required("outbound", GoodsLine(description="x", un_number="1202")) == {"adr"}


def test_every_rule_can_be_met_and_has_a_code_of_its_own() -> None:
    assert len(BY_CODE) == len(RULES)
    assert all(
        rule.prefixes or rule.dangerous or rule.documents or rule.transit or rule.cash or rule.pets for rule in RULES
    )
    assert all(prefix.isdecimal() and len(prefix) in (2, 4, 6, 8) for rule in RULES for prefix in rule.prefixes)
