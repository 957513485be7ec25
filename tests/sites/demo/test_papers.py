from datetime import date

from domain.identifiers.mrz import travel_document
from sites.demo.papers import Travellers

TODAY = date(2026, 7, 1)


def test_passports_can_be_read_and_their_check_digits_hold() -> None:
    travellers = Travellers("dorohusk", seed=1)
    for passport in (travellers.passport() for _ in range(200)):
        document = travel_document(passport.mrz, today=TODAY)
        assert (document.number.canonical, document.issuer) == (passport.number, passport.issuer)
        assert (document.failed_checks, document.birth_date is None) == ((), False)


def test_no_two_passports_have_one_number() -> None:
    travellers = Travellers("dorohusk", seed=2)
    assert len({travellers.passport().number for _ in range(2000)}) == 2000
