"""Numbers of devices."""

import pytest

from adapters.devices.device_number import confidence, device_number
from domain.registrations.readings import PushUnreadable


def test_a_number() -> None:
    assert [device_number(text) for text in ("0.867656", " 12 ", "-1e3")] == [0.867656, 12.0, -1000.0]


@pytest.mark.parametrize(
    "text", [None, "", "high", "0x10", "1,5", "NaN", "inf", "-Infinity", "1e999", "1_000", "\u0661\u0662"]
)
def test_what_is_no_number(text: str | None) -> None:
    assert device_number(text) is None


def test_a_confidence_is_a_part_of_one() -> None:
    assert (confidence("97", of=100), confidence("0.5", of=1), confidence("100", of=100)) == (0.97, 0.5, 1.0)


@pytest.mark.parametrize(("text", "reason"), [("", "missing_field"), ("101", "malformed"), ("NaN", "malformed")])
def test_a_confidence_that_is_none(text: str, reason: str) -> None:
    with pytest.raises(PushUnreadable) as refused:
        confidence(text, of=100)
    assert refused.value.reason == reason
