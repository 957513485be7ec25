"""What is told of why a batch cannot be taken."""

import asyncpg
import pytest

from bus.link.reasons import reason_of
from bus.replication import BatchUnreadable, unpack
from bus.replication.ports import NotThisWay


def test_a_database_that_quotes_a_row_is_not_repeated() -> None:
    failure = asyncpg.UniqueViolationError("duplicate key\nDETAIL:  Key (plate)=(WA 12345) already exists.")
    assert reason_of(failure) == "UniqueViolationError (23505)"
    assert reason_of(ValueError("WA 12345")) == "ValueError"


def test_the_links_own_words_are() -> None:
    with pytest.raises(BatchUnreadable) as unreadable:
        unpack(b"\xc1")
    assert reason_of(unreadable.value) == f"BatchUnreadable: {unreadable.value}"
    assert reason_of(NotThisWay("x arrives through y")) == "NotThisWay: x arrives through y"
