import pytest

from api.language import language


@pytest.mark.parametrize(
    ("accepted", "spoken"),
    [
        ("", "en"),
        ("pl", "pl"),
        ("PL-pl", "pl"),
        ("en", "en"),
        ("de", "en"),
        ("de, pl;q=0.5", "pl"),
        ("pl;q=0.4, en;q=0.5", "en"),
        ("pl;q=0.5, en;q=0.4", "pl"),
        ("pl;q=0", "en"),
        ("en, pl", "en"),
        ("*", "en"),
        ("pl;q=x", "en"),
        ("pl;q=" + "9" * 1000, "en"),
        (",,;;==", "en"),
        ("x" * 10_000, "en"),
    ],
    ids=lambda text: text[:30],
)
def test_language_that_is_liked_best(accepted: str, spoken: str) -> None:
    assert language(accepted) == spoken
