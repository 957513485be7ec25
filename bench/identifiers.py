"""Identifiers read a second, kind by kind, beside a bare match of the same text with a regular expression."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial

from bench.report import Figure, figure
from domain.identifiers.corrections import corrections
from domain.identifiers.kinds import NAMES, guess, parse
from domain.identifiers.mrz import travel_document
from domain.identifiers.mrz_correction import correction

ROUNDS = 5
SECONDS = 0.2
AIM = 10_000
"""A hundred times the external border of the EU (25 crossings a second) with four identifiers each."""

TODAY = date(2026, 6, 15)
TEXTS: Mapping[str, str] = {
    "plate": "AA 1234 BB",
    "document": "ZE 8000509",
    "container": "MSKU 601167-2",
    "wagon": "91 85 4605 205-4 CH-BLS",
    "vin": "1M8GDM9AXKP042788",
    "mrn": "22ITZXBZYUTJFLJXK6",
    "grn": "22PL0000601001EB1",
    "tir": "XF12345678",
    "eori": "PL856734621500000",
    "nip": "856-734-62-15",
    "pesel": "44051401359",
    "regon": "192598184",
    "adr_plate": "33 1203",
    "un_number": "UN 1202",
    "goods_code": "2710 19 43 00",
}
WRONG: Mapping[str, str] = {"wagon": "215150814729", "mrn": "22DK1V0QQK2S6J7TU2"}
"""What is tried most often for: every digit of a wagon, every digit and letter of the longest number."""

ZONE = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
MISREAD = (ZONE[0], ZONE[1].replace("L898902", "L8989O2"))
_BARE = re.compile(r"[0-9A-Z][0-9A-Z .<\n-]+")


async def measure() -> Sequence[Figure]:
    """Return a figure for each kind, for guessing, for what is offered, and for machine-readable zones."""
    reads = {name: (partial(parse, name, TEXTS[name]), TEXTS[name]) for name in NAMES}
    wrong = {name: parse(name, text) for name, text in WRONG.items()}
    zone, misread = "\n".join(ZONE), "\n".join(MISREAD)
    return [
        *(_compared(name, work, text, AIM) for name, (work, text) in reads.items()),
        _compared("guess", partial(guess, TEXTS["container"]), TEXTS["container"]),
        *(_compared(f"corrections: {name}", partial(corrections, read), read.raw) for name, read in wrong.items()),
        _compared("machine-readable zone", partial(travel_document, ZONE, today=TODAY), zone, AIM),
        _compared("correction of a zone", partial(correction, MISREAD, today=TODAY), misread),
    ]


def _compared(key: str, work: Callable[[], object], text: str, aim: float | None = None) -> Figure:
    ours, beside = [], []
    for _ in range(ROUNDS):
        beside.append(_rate(partial(_BARE.fullmatch, text)))
        ours.append(_rate(work))
    return figure(key, ours, unit="reads/s", better="higher", aim=aim, baseline=beside)


def _rate(work: Callable[[], object]) -> float:
    done, begun = 0, time.perf_counter()
    while (lasted := time.perf_counter() - begun) < SECONDS:
        for _ in range(100):
            work()
        done += 100
    return done / lasted
