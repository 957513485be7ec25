"""Document numbers."""

import pytest

from domain.identifiers.documents import DocumentNumberUnreadable, document_number
from domain.identifiers.identifier import Identifier


def test_a_typed_number() -> None:
    assert document_number("ze 8000509", "POL") == Identifier(
        kind="document",
        raw="ze 8000509",
        canonical="ZE8000509",
        folded="2E8000509",
        country="POL",
        check="none",
        why=None,
    )


def test_a_number_with_fillers_is_the_typed_number() -> None:
    assert document_number("AB12345<<").canonical == document_number("ab-12345").canonical == "AB12345"


@pytest.mark.parametrize("raw", ["", "<<<<<<<<<", "A" * 33])
def test_nothing_and_too_much_are_refused(raw: str) -> None:
    with pytest.raises(DocumentNumberUnreadable) as refusal:
        document_number(raw)
    assert refusal.value.code == "DOCUMENT_NUMBER_UNREADABLE"
