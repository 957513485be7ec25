"""What a device's own words for a direction mean."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from domain.registrations.ports import Stand

ACROSS = {"90": "inbound", "270": "outbound"}
NORTHERN = {"0": "inbound", "180.0": "outbound"}
WORDS = {"forward": "inbound", "90": "outbound"}


@pytest.mark.parametrize(
    ("word", "words", "direction"),
    [
        ("90", ACROSS, "inbound"),
        ("92.5", ACROSS, "inbound"),
        ("45", ACROSS, "inbound"),
        ("315", ACROSS, "outbound"),
        ("-90", ACROSS, "outbound"),
        ("450", ACROSS, "inbound"),
        ("359", NORTHERN, "inbound"),
        ("1", NORTHERN, "inbound"),
        ("170", NORTHERN, "outbound"),
        ("50", {"0": "inbound", "60": "outbound"}, "outbound"),
        ("91", WORDS, "outbound"),
        ("forward", WORDS, "inbound"),
    ],
)
def test_a_word_means_what_is_configured_and_degrees_what_is_nearest(
    word: str, words: Mapping[str, str], direction: str
) -> None:
    assert directed(word, words) == direction


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("44.9", ACROSS),
        ("0", ACROSS),
        ("nan", ACROSS),
        ("inf", ACROSS),
        ("reverse", WORDS),
        ("forward", ACROSS),
        ("30", {"0": "inbound", "60": "outbound"}),
        ("90", {}),
        ("", WORDS),
        (None, WORDS),
    ],
)
def test_what_means_nothing_leaves_the_direction_of_the_lane(word: str | None, words: Mapping[str, str]) -> None:
    assert directed(word, words) == "both"


def directed(word: str | None, words: Mapping[str, str]) -> str:
    """Return the direction at a stand of which the lane tells nothing else."""
    stand = Stand(
        device="cam-1",
        lane="lane-1",
        checkpoint="gate",
        direction="both",
        merge_window=timedelta(seconds=10),
        direction_words=words,
    )
    return stand.directed(word)
