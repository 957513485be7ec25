"""Vehicle identification numbers."""

import pytest

from domain.identifiers.vin import VIN


@pytest.mark.parametrize("vin", ["1M8GDM9AXKP042788", "11111111111111111", "1HGCM82633A004352", "5GZCZ43D13S812715"])
def test_the_check_digit_is_told(vin: str) -> None:
    read = VIN.read(vin)
    assert (read.canonical, read.check, read.why) == (vin, "holds", "check_digit")


@pytest.mark.parametrize("vin", ["WVWZZZ1KZAW123456", "TMBJF25L0C6080751", "XTA210930V2345678"])
def test_where_none_is_promised_the_form_is_enough(vin: str) -> None:
    read = VIN.read(vin)
    assert (read.check, read.why) == ("holds", "shape")


@pytest.mark.parametrize("vin", ["1M8GDM9A1KP042788", "LM8GDM9A1KP042788", "7SAYGDEE1PA000001"])
def test_where_it_is_promised_a_wrong_one_is_reported(vin: str) -> None:
    read = VIN.read(vin)
    assert (read.check, read.why) == ("fails", "check_digit")


def test_new_zealand_promises_none() -> None:
    assert VIN.read("7A8GDM9A1KP042788").why == "shape"


@pytest.mark.parametrize(
    ("vin", "why"),
    [
        ("WVWZZZ1KZAW12345O", "characters"),
        ("IVWZZZ1KZAW123456", "characters"),
        ("WVWZZZ1KZAWQ23456", "characters"),
        ("WVWZZZ1KZAW12345", "length"),
        ("WVWZZZ1KZAW1234567", "length"),
    ],
)
def test_what_is_no_vin_is_kept_and_explained(vin: str, why: str) -> None:
    read = VIN.read(vin)
    assert (read.canonical, read.check, read.why) == (vin, "fails", why)


def test_a_label_does_not_belong_to_it() -> None:
    assert VIN.read("VIN: 1m8gdm9ax-kp042788").canonical == "1M8GDM9AXKP042788"
