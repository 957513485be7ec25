"""Simulated travellers and the machine-readable zones of their passports."""

import random
from dataclasses import dataclass

from domain.identifiers.mrz import check_digit

_WIDTH = 44
_NAMES = {
    "UKR": (("KOVALENKO", "OLENA"), ("SHEVCHENKO", "TARAS"), ("BONDAR", "IRYNA"), ("MELNYK", "ANDRII")),
    "BLR": (("IVANOU", "PAVEL"), ("NOVIK", "ALENA")),
    "POL": (("NOWAK", "KRZYSZTOF<JAN"), ("WISNIEWSKA", "MARIA")),
    "LTU": (("KAZLAUSKAS", "JONAS"),),
}
_EXPIRY = "310731"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passport:
    """A passport: its number, who issued it, and the two lines of its zone (TD3)."""

    number: str
    issuer: str
    mrz: tuple[str, str]


class Travellers:
    """The travellers of one post, the same for the same seed. No two passports have one number."""

    def __init__(self, post: str, seed: int) -> None:
        """Draw travellers of ``post``."""
        self._random = random.Random(f"travellers/{post}/{seed}")  # noqa: S311 - repeatable, not secret
        self._drawn: set[str] = set()

    def passport(self) -> Passport:
        """Return the passport of the next traveller."""
        issuer = self._random.choice(list(_NAMES))
        surname, given_names = self._random.choice(_NAMES[issuer])
        number = self._number()
        birth = (
            f"{self._random.randrange(60, 99):02}{self._random.randrange(1, 13):02}{self._random.randrange(1, 29):02}"
        )
        sex = self._random.choice("MF")
        first = f"P<{issuer}{surname}<<{given_names}".ljust(_WIDTH, "<")
        return Passport(number=number, issuer=issuer, mrz=(first, _second_line(number, issuer, birth, sex)))

    def _number(self) -> str:
        while True:
            letters = "".join(self._random.choices("ABCEFHKMNPRT", k=2))
            number = f"{letters}{self._random.randrange(10_000_000):07}"
            if number not in self._drawn:
                self._drawn.add(number)
                return number


def _second_line(number: str, issuer: str, birth: str, sex: str) -> str:
    holder, validity = f"{number}{check_digit(number)}", f"{_EXPIRY}{check_digit(_EXPIRY)}"
    born = f"{birth}{check_digit(birth)}"
    optional = "<" * 14 + "0"
    return f"{holder}{issuer}{born}{sex}{validity}{optional}{check_digit(holder + born + validity + optional)}"
