"""What a log is called and how far one is in it."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from bus.replication.chain import GENESIS
from bus.replication.record import MAX_INT, Hash

Origin = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{1,64}\Z")]
Epoch = Annotated[int, Meta(ge=0, le=MAX_INT)]
Channel = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_.-]{1,64}\Z")]
Seq = Annotated[int, Meta(ge=0, le=MAX_INT)]


class LogId(msgspec.Struct, frozen=True, array_like=True):
    """(origin node, epoch, channel): the coordinates a log keeps through every relay.

    `epoch` is a random 63-bit number that the origin draws anew when its history has forked. `channel` is `alarms`,
    `facts`, `technical`, `audit`, or the name of a feed such as `watchlist.pl`.
    """

    origin: Origin
    epoch: Epoch
    channel: Channel


class Position(msgspec.Struct, frozen=True, array_like=True):
    """A place in a log: the number of an event and the hash of the chain there. Equal positions, equal histories."""

    seq: Seq
    hash: Hash


START: Final = Position(0, GENESIS)
