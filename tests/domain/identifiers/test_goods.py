"""Numbers of dangerous goods and of the tariff."""

import pytest

from domain.identifiers.kinds import parse


@pytest.mark.parametrize(
    ("kind", "raw", "canonical"),
    [
        ("un_number", "UN 1202", "1202"),
        ("un_number", "un1202", "1202"),
        ("un_number", "1202", "1202"),
        ("un_number", "UN 0004", "0004"),
        ("adr_plate", "33/1203", "331203"),
        ("adr_plate", "33\n1203", "331203"),
        ("adr_plate", "X338 1131", "X3381131"),
        ("adr_plate", "606-2814", "6062814"),
        ("goods_code", "27", "27"),
        ("goods_code", "2710", "2710"),
        ("goods_code", "2710 19", "271019"),
        ("goods_code", "CN 2710 19 43", "27101943"),
        ("goods_code", "2710 19 43 00", "2710194300"),
        ("goods_code", "HS 0101.21", "010121"),
    ],
)
def test_numbers_of_goods(kind: str, raw: str, canonical: str) -> None:
    read = parse(kind, raw)
    assert (read.raw, read.canonical, read.check, read.why) == (raw, canonical, "holds", "shape")


@pytest.mark.parametrize(
    ("kind", "raw", "why"),
    [
        ("un_number", "120", "length"),
        ("un_number", "12O2", "characters"),
        ("un_number", "9202", "shape"),
        ("adr_plate", "X1203", "length"),
        ("adr_plate", "131203", "shape"),
        ("adr_plate", "33X1203", "shape"),
        ("adr_plate", "A31203", "characters"),
        ("goods_code", "271", "length"),
        ("goods_code", "0010", "shape"),
        ("goods_code", "27A0", "characters"),
    ],
)
def test_what_is_wrong_is_kept_and_explained(kind: str, raw: str, why: str) -> None:
    read = parse(kind, raw)
    assert (read.canonical, read.check, read.why) == (raw, "fails", why)
