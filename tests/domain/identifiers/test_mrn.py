"""Numbers of declarations and guarantees."""

import pytest

from domain.identifiers.mrn import GRN, MRN, PROCEDURES, procedure

VALID = ["22ITZXBZYUTJFLJXK6", "18GB0000601001EB15", "22GB0000601001EBD1", "21DE12345678901234", "21DE27364916384836"]
UNLIKE_ISO_6346 = "22DK1V0QQK2S6J7TU1"


@pytest.mark.parametrize("mrn", [*VALID, UNLIKE_ISO_6346])
def test_both_forms_hold(mrn: str) -> None:
    read = MRN.read(mrn)
    assert (read.canonical, read.country, read.check, read.why) == (mrn, mrn[2:4], "holds", "check_digit")


@pytest.mark.parametrize("mrn", ["21DE27364916384835", "22DK1V0QQK2S6J7TU2"])
def test_a_wrong_check_digit_is_reported(mrn: str) -> None:
    read = MRN.read(mrn)
    assert (read.check, read.why) == ("fails", "check_digit")


@pytest.mark.parametrize(
    ("mrn", "why"),
    [
        ("DEDE586601055987B7", "shape"),
        ("22ITZXBZYUTJFLJXK", "length"),
        ("22ITZXBZYUTJFLJXKX", "shape"),
        ("22ITZXBZYUTJFLJÄK6", "characters"),
    ],
)
def test_what_is_no_mrn_is_kept_and_explained(mrn: str, why: str) -> None:
    read = MRN.read(mrn)
    assert (read.canonical, read.check, read.why, read.country) == (mrn, "fails", why, None)


@pytest.mark.parametrize("raw", ["22 itz xbz yut jfl jxk 6", "MRN: 22ITZXBZYUTJFLJXK6", "mrn22ITZXBZYUTJFLJXK6"])
def test_blanks_case_and_a_label_make_no_difference(raw: str) -> None:
    assert MRN.read(raw).canonical == VALID[0]


def test_the_letter_tells_the_procedure() -> None:
    assert procedure("22ITZXBZYUTJFLJXK6") == "transit with exit summary"
    assert procedure("22GB0000601001EBD1") == "re-export notification"
    assert "".join(PROCEDURES) == "ABCDEJKLMRSTUVW"


def test_an_unknown_letter_is_not_refused() -> None:
    read = next(read for digit in range(10) if (read := MRN.read(f"22ITZXBZYUTJFLJXZ{digit}")).check == "holds")
    assert procedure(read.canonical) is None


@pytest.mark.parametrize("number", ["21DE12345678901234", "22ITZX"])
def test_without_a_letter_no_procedure_is_told(number: str) -> None:
    assert procedure(number) is None


def test_of_a_guarantee_one_check_digit_holds() -> None:
    digits = [digit for digit in range(10) if GRN.read(f"22PL0000601001EB{digit}").check == "holds"]
    assert digits == [check_digit("22PL0000601001EB")]


def check_digit(text: str) -> int:
    """Return the check digit as the source tells it: letters from 10 on without the multiples of 11."""
    values = [value for value in range(10, 39) if value % 11]
    worth = {character: int(character) if character.isdigit() else values[ord(character) - 65] for character in text}
    return sum(worth[character] * 2**place for place, character in enumerate(text)) % 11 % 10


def test_a_voucher_adds_its_own_number() -> None:
    grn = f"22PL0000601001EB{check_digit('22PL0000601001EB')}"
    read = GRN.read(f"GRN {grn} A012345")
    assert (read.canonical, read.country, read.check, read.why) == (f"{grn}A012345", "PL", "holds", "check_digit")
    assert GRN.read(f"{grn}0012345").why == "shape"
    assert GRN.read(f"{grn}A01234").why == "length"
