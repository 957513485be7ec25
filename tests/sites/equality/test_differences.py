import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from sites.equality.differences import SAMPLE, Digest, difference, differences, digest

AT = datetime(2026, 3, 2, 6, 0, 0, 123456, tzinfo=UTC)
ID = "01950000-0000-7000-8000-000000000001"


def hashed(**columns: Any) -> bytes:
    return digest({"belongs_to": "dorohusk"} | columns).hash


@pytest.mark.parametrize(
    ("on_sqlite", "on_postgresql"),
    [
        ({"id": ID}, {"id": uuid.UUID(ID)}),
        ({"seen_at": 1772431200123456}, {"seen_at": AT}),
        ({"late": 1}, {"late": True}),
        ({"matches": '[{"tier":"T1","entry_id":"1"}]'}, {"matches": '[{"entry_id": "1", "tier": "T1"}]'}),
        ({"log_id": 1, "seq": 7}, {"log_id": 2, "seq": 7}),
        ({"salt": b"\x00\xff", "commitment": None}, {"commitment": None, "salt": b"\x00\xff"}),
    ],
)
def test_the_same_row_of_either_database_is_the_same(on_sqlite: Any, on_postgresql: Any) -> None:
    assert hashed(**on_sqlite) == hashed(**on_postgresql)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"text": "[1]"}, {"text": "[ 1]"}),
        ({"text": "1"}, {"text": 1}),
        ({"matches": "[]"}, {"matches": "[}"}),
        ({"confidence": 0.9}, {"confidence": 0.90000001}),
        ({"country": None}, {"country": ""}),
        ({"lane": "in-1"}, {"checkpoint": "in-1"}),
    ],
)
def test_other_rows_are_others(one: Any, other: Any) -> None:
    assert hashed(**one) != hashed(**other)


def test_rows_that_are_missing_extra_and_altered_are_told() -> None:
    row, altered, moved = Digest("a", b"1"), Digest("a", b"2"), Digest("b", b"1")
    original = {"alarm": {"1": row, "2": row, "3": row, "4": row}, "entry": {"1": row}}
    copy = {"alarm": {"2": altered, "3": moved, "4": row, "5": row}, "entry": {"1": row}}
    assert differences(original, copy) == [difference("alarm", missing=["1"], extra=["5"], altered=["2", "3"])]


def test_of_many_only_samples_are_told_but_all_are_counted() -> None:
    found = difference("alarm", missing=["1"] * (SAMPLE + 5), altered=["2"])
    assert (len(found.missing), found.count) == (SAMPLE, SAMPLE + 6)
