"""Words between neighbours, as they travel."""

import msgspec
import pytest

from bus.link.messages import (
    MAX_ITEMS,
    Confirmations,
    Confirmed,
    Digests,
    DigestWanted,
    Diverged,
    Extents,
    ExtentsWanted,
    Floor,
    Hello,
    LogDigestsWanted,
    MessageUnreadable,
    Missing,
    NotTaken,
    RangeWanted,
    Refused,
    Rows,
    RowsWanted,
    Standing,
    TableDigestsWanted,
    Welcome,
    decode,
    encode,
)
from bus.replication import LogId, Position
from bus.replication.digests import Digest, Span
from bus.verification.ports import Extent, RowDigest, Share, Stretch

LOG = LogId("koroszczyn", 2**62, "watchlist.pl")
AT = Position(7, bytes(range(32)))
SHARE = Share("device", ["organisation.pl"])
WORDS = [
    Confirmations([Confirmed(LOG, AT, None), Confirmed(LOG, None, AT)], [Missing(LOG, 8, 3)], [Diverged(LOG, 5)]),
    Confirmations(not_taken=[NotTaken(LOG, 5, "no column takes it")]),
    Hello(["alarms"]),
    Hello(["facts", "audit"], ["*", "watchlist.pl"], [Standing(LOG, AT, arrived=False)]),
    Welcome([Confirmed(LOG, AT, AT)], [Standing(LOG, AT, arrived=True)]),
    Hello(["alarms"], floors=[Floor(LOG, AT)]),
    Welcome([], floors=[Floor(LOG, AT)]),
    RangeWanted(LOG, 1, 250),
    Refused("no column takes it", b"\xff\x00"),
    DigestWanted(ExtentsWanted(LOG)),
    DigestWanted(LogDigestsWanted(LOG, [Span(1, 10_000)])),
    DigestWanted(TableDigestsWanted(SHARE, [Stretch("", "cam-1"), Stretch("cam-1")])),
    DigestWanted(RowsWanted(SHARE, Stretch(), 1_000)),
    Extents([Extent(LOG, AT)]),
    Digests([Digest(7, -(2**63))]),
    Rows([RowDigest("cam-1", "organisation.pl", 2**63 - 1)]),
]


@pytest.mark.parametrize("word", WORDS)
def test_what_is_said_is_what_is_heard(word: msgspec.Struct) -> None:
    assert decode(type(word), encode(word)) == word


@pytest.mark.parametrize("word", WORDS)
def test_a_later_version_may_say_more(word: msgspec.Struct) -> None:
    said = msgspec.msgpack.decode(encode(word))
    assert decode(type(word), encode([*said, "something new"])) == word


@pytest.mark.parametrize("kind", [Confirmations, Hello, Welcome, RangeWanted, Refused])
@pytest.mark.parametrize(
    "data",
    [b"", b"\xc1", b"\xff" * 40, encode("text"), encode([1]), encode([[["\ud800".encode(errors="surrogatepass")]]])],
)
def test_anything_else_is_refused(kind: type[msgspec.Struct], data: bytes) -> None:
    with pytest.raises(MessageUnreadable):
        decode(kind, data)


@pytest.mark.parametrize(
    "word",
    [
        Hello([], ["watchlist pl"]),
        Hello([], [">"]),
        Hello(["facts"] * (MAX_ITEMS + 1)),
        RangeWanted(LOG, 0, 1),
        RangeWanted(LOG, 1, 0),
        Refused("x" * 1_001, b""),
        RangeWanted(LogId("a b", 1, "watchlist.pl"), 1, 1),
    ],
)
def test_nobody_may_ask_for_everything_or_nothing(word: msgspec.Struct) -> None:
    with pytest.raises(MessageUnreadable):
        decode(type(word), encode(word))
