"""What neighbours say to each other besides batches, in msgpack. Fields may only be added, and only at the end."""

from functools import cache
from typing import Annotated, Any, Final, TypeVar

import msgspec
from msgspec import Meta

from bus.replication.digests import Digest, Span
from bus.replication.log import Channel, Epoch, LogId, Position, Seq
from bus.replication.record import MAX_INT
from bus.verification.ports import PAGE_MAX, SPANS_MAX, STRETCHES_MAX, Extent, RowDigest, Share, Stretch

M = TypeVar("M", bound=msgspec.Struct)

MAX_ITEMS: Final = 10_000
MAX_REASON: Final = 1_000
EXTENTS_MAX: Final = 1_000
EVERY_FEED: Final = "*"
KEPT: Final = b"kept"
NOT_KEPT: Final = b"not kept"
NOT_NOW: Final = b""

_Count = Annotated[int, Meta(ge=1, le=MAX_INT)]
FeedName = Annotated[str, Meta(pattern=r"\A(\*|[A-Za-z0-9_.-]{1,64})\Z")]


class MessageUnreadable(ValueError):  # noqa: N818 - errors are named by what happened
    """The bytes are no message of this kind."""


class Standing(msgspec.Struct, frozen=True, array_like=True):
    """How far somebody is in a log, and whether all of it has ever arrived there."""

    log: LogId
    position: Position
    arrived: bool


class Confirmed(msgspec.Struct, frozen=True, array_like=True):
    """How far a log is committed at the parent and at the centre; None says nothing."""

    log: LogId
    receiver: Position | None
    centre: Position | None


class Floor(msgspec.Struct, frozen=True, array_like=True):
    """A log begins behind ``position`` where this is said: what lies before is no longer held there as events."""

    log: LogId
    position: Position


class Missing(msgspec.Struct, frozen=True, array_like=True):
    """A batch of the attempt ``generation`` could not be applied: the event ``expected`` comes first."""

    log: LogId
    expected: Seq
    generation: Seq


class Diverged(msgspec.Struct, frozen=True, array_like=True):
    """The parent's history of the log is another one at ``at``."""

    log: LogId
    at: Seq


class NotTaken(msgspec.Struct, frozen=True, array_like=True):
    """The parent cannot take the events from ``at`` on, and has set them aside."""

    log: LogId
    at: Seq
    reason: Annotated[str, Meta(max_length=MAX_REASON)]


class Confirmations(msgspec.Struct, frozen=True, array_like=True):
    """Parent to child, after each commit."""

    confirmed: Annotated[list[Confirmed], Meta(max_length=MAX_ITEMS)] = []
    missing: Annotated[list[Missing], Meta(max_length=MAX_ITEMS)] = []
    diverged: Annotated[list[Diverged], Meta(max_length=MAX_ITEMS)] = []
    not_taken: Annotated[list[NotTaken], Meta(max_length=MAX_ITEMS)] = []


class Health(msgspec.Struct, frozen=True, array_like=True):
    """How a node is, as it says itself.

    ``now`` is its clock in milliseconds since 1970, ``waiting`` how many events the centre has not confirmed,
    ``oldest`` the time of the oldest of them, ``quarantined`` how many events it holds that it cannot show, ``free``
    and ``room`` the bytes that are left on its disk and all there are, ``alarms`` the time of the oldest of its alarms
    that not even its parent has confirmed.
    """

    version: Annotated[str, Meta(max_length=64)]
    now: Seq
    waiting: Seq = 0
    oldest: Seq | None = None
    quarantined: Seq = 0
    free: Seq | None = None
    room: Seq | None = None
    alarms: Seq | None = None


class Identity(msgspec.Struct, frozen=True, array_like=True):
    """Who says hello: the epoch under which it records, and a number drawn when its process started."""

    epoch: Epoch
    process: Seq


class Hello(msgspec.Struct, frozen=True, array_like=True):
    """Child to parent, every second and on every wire.

    ``channels`` are those whose confirmations are asked for, ``feeds`` those the child wants (`EVERY_FEED` for all; one
    that is named begins at its owner even if there is no event for it yet), ``held`` how far it is in them. ``floors``
    are those of the logs it sends of which the parent lacks what lies before.
    """

    channels: Annotated[list[Channel], Meta(max_length=MAX_ITEMS)]
    feeds: Annotated[list[FeedName], Meta(max_length=MAX_ITEMS)] = []
    held: Annotated[list[Standing], Meta(max_length=MAX_ITEMS)] = []
    identity: Identity | None = None
    health: Health | None = None
    floors: Annotated[list[Floor], Meta(max_length=MAX_ITEMS)] = []


class Ruling(msgspec.Struct, frozen=True, array_like=True):
    """What the parent knows of who says hello: the greatest of its epochs, and whether another process speaks for it.

    One that is refused is told nothing else.
    """

    newest: Epoch
    refused: bool = False


class RangeWanted(msgspec.Struct, frozen=True, array_like=True):
    """Events of a log from ``first`` on, at most ``limit``. The answer is a batch, or nothing."""

    log: LogId
    first: _Count
    limit: _Count


class Welcome(msgspec.Struct, frozen=True, array_like=True):
    """The answer: what is confirmed, and the heads of feeds that the child does not hold as the parent does.

    ``now`` is the parent's clock in milliseconds since 1970, ``version`` that of its program. ``refused`` names those
    of the feeds that the child asks for, or holds, that it may not have; None: the parent gives no snapshots either.
    ``floors`` are those of others' facts that the child lacks.
    """

    confirmed: Annotated[list[Confirmed], Meta(max_length=MAX_ITEMS)]
    heads: Annotated[list[Standing], Meta(max_length=MAX_ITEMS)] = []
    now: Seq | None = None
    version: Annotated[str, Meta(max_length=64)] = ""
    ruling: Ruling | None = None
    refused: Annotated[list[FeedName], Meta(max_length=MAX_ITEMS)] | None = None
    floors: Annotated[list[Floor], Meta(max_length=MAX_ITEMS)] = []


class Refused(msgspec.Struct, frozen=True, array_like=True):
    """Child to parent: what the parent said and the child cannot take. The answer is `KEPT`, or nothing."""

    reason: Annotated[str, Meta(max_length=MAX_REASON)]
    data: bytes


class ExtentsWanted(msgspec.Struct, frozen=True, array_like=True, tag="extents"):
    """Which logs the parent holds, behind ``after`` in their order; the answer is `Extents`."""

    after: LogId | None = None


class LogDigestsWanted(msgspec.Struct, frozen=True, array_like=True, tag="log"):
    """What the parent holds of a log; the answer is `Digests`."""

    log: LogId
    spans: Annotated[list[Span], Meta(max_length=SPANS_MAX)]


class TableDigestsWanted(msgspec.Struct, frozen=True, array_like=True, tag="table"):
    """What the parent shows of a table; the answer is `Digests`."""

    share: Share
    stretches: Annotated[list[Stretch], Meta(max_length=STRETCHES_MAX)]


class RowsWanted(msgspec.Struct, frozen=True, array_like=True, tag="rows"):
    """Rows of a table in brief; the answer is `Rows`."""

    share: Share
    stretch: Stretch
    limit: Annotated[int, Meta(ge=1, le=PAGE_MAX)]


Wanted = ExtentsWanted | LogDigestsWanted | TableDigestsWanted | RowsWanted


class DigestWanted(msgspec.Struct, frozen=True, array_like=True):
    """Child to parent: what the parent holds of what the child may have, in digests."""

    what: Wanted


class Extents(msgspec.Struct, frozen=True, array_like=True):
    """Logs, by origin, epoch and channel, `EXTENTS_MAX` at most."""

    extents: Annotated[list[Extent], Meta(max_length=EXTENTS_MAX)]


class Digests(msgspec.Struct, frozen=True, array_like=True):
    """A digest for each part that was asked for."""

    digests: Annotated[list[Digest], Meta(max_length=SPANS_MAX)]


class Rows(msgspec.Struct, frozen=True, array_like=True):
    """Rows in brief, by key."""

    rows: Annotated[list[RowDigest], Meta(max_length=PAGE_MAX)]


encode = msgspec.msgpack.Encoder().encode


def decode(kind: type[M], data: bytes) -> M:
    """Read a message of this kind.

    Raises:
        MessageUnreadable: it is none.
    """
    try:
        message: M = _decoder(kind).decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise MessageUnreadable(str(error)) from error
    return message


@cache
def _decoder(kind: type[msgspec.Struct]) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(kind)
