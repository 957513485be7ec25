"""Packed batches: `[header, zstd(records), checksum]` as one msgpack array.

The frame and the leading fields of the header stay the same in every version; a later version may only append to them.
So an older node can read whose batch it is, and park it.
"""

import threading
import zlib
from collections.abc import Sequence
from typing import Annotated, Final, NamedTuple

import msgspec
import zstandard
from msgspec import Meta

from bus.replication.chain import GENESIS, chain
from bus.replication.log import LogId
from bus.replication.record import MAX_BODY, MAX_INT, Hash, Hlc, Record

VERSION: Final = 1
MAX_RECORDS: Final = 500
MAX_BODIES: Final = 256 * 1024
_MAX_PAYLOAD: Final = MAX_BODY + 64 * 1024
_LEVEL: Final = 1

_Count = Annotated[int, Meta(ge=1, le=MAX_INT)]


class BatchUnreadable(ValueError):  # noqa: N818 - errors are named by what happened
    """The bytes are no batch, or a damaged one."""


class BatchTooNew(ValueError):  # noqa: N818 - as above
    """The batch was packed by a newer version than this node can read; park it until the upgrade."""

    def __init__(self, header: "Header") -> None:
        super().__init__(f"batch of version {header.version}, this node reads up to {VERSION}")
        self.header = header


class RecordTooLarge(ValueError):  # noqa: N818 - as above
    """A body is larger than `MAX_BODY` bytes."""


class Header(msgspec.Struct, frozen=True, array_like=True):
    """What can be known of a batch without decompressing it.

    `before` and `after` are the hashes of the chain around it, `hlc` is that of the last record. `generation` is the
    sender's attempt: a receiver repeats it when it reports a gap.
    """

    version: Annotated[int, Meta(ge=1)]
    log: LogId
    first: _Count
    last: _Count
    n: _Count
    before: Hash
    after: Hash
    hlc: Hlc
    generation: Annotated[int, Meta(ge=0, le=MAX_INT)]

    @property
    def message_id(self) -> str:
        """For the broker's duplicate window: another attempt is another message."""
        log = self.log
        return f"{log.origin}.{log.epoch}.{log.channel}.{self.first}.{self.last}.{self.generation}"


class Batch(NamedTuple):
    """A batch taken apart; `records[0]` has the number `header.first`."""

    header: Header
    records: list[Record]


class PackedBatch(NamedTuple):
    """A batch as it travels."""

    header: Header
    data: bytes


class _Frame(msgspec.Struct, array_like=True):
    header: msgspec.Raw
    payload: memoryview
    checksum: int


class _Zstd(threading.local):
    def __init__(self) -> None:
        self.compress = zstandard.ZstdCompressor(level=_LEVEL).compress
        self.decompress = zstandard.ZstdDecompressor().decompress


_zstd = _Zstd()
_encode = msgspec.msgpack.Encoder().encode
_decode_frame = msgspec.msgpack.Decoder(_Frame).decode
_decode_header = msgspec.msgpack.Decoder(Header).decode
_decode_records = msgspec.msgpack.Decoder(Annotated[list[Record], Meta(min_length=1, max_length=MAX_RECORDS)]).decode


def fill(records: Sequence[Record], bodies: int = MAX_BODIES) -> int:
    """How many of the leading records fit one batch of so many bytes of bodies; a larger record travels alone.

    Raises:
        RecordTooLarge: the first record can never travel.
    """
    size, most = 0, min(bodies, MAX_BODIES)
    for count, record in enumerate(records[:MAX_RECORDS]):
        size += len(record.body or b"")
        if size > most:
            if count == 0 and size > MAX_BODY:
                raise RecordTooLarge(f"a body has {size} bytes, at most {MAX_BODY} can travel")
            return count or 1
    return min(len(records), MAX_RECORDS)


def pack(log: LogId, first: int, before: bytes, records: Sequence[Record], generation: int = 0) -> PackedBatch:
    """Pack records `first`, `first` + 1, … of a log, where `before` is the hash of the chain ahead of them.

    Raises:
        ValueError: no records, or more than `fill` allows.
        RecordTooLarge: as `fill`.
    """
    if not records or fill(records) < len(records):
        raise ValueError(f"{len(records)} records are no batch")
    header = Header(
        version=VERSION,
        log=log,
        first=first,
        last=first + len(records) - 1,
        n=len(records),
        before=before,
        after=chain(before, records)[-1],
        hlc=records[-1].hlc,
        generation=generation,
    )
    raw = _encode(header)
    payload = _zstd.compress(_encode(records))
    return PackedBatch(header, _encode((msgspec.Raw(raw), payload, _checksum(raw, payload))))


def another_attempt(batch: PackedBatch, generation: int) -> PackedBatch:
    """The same batch under another generation: only the header is written anew."""
    header = msgspec.structs.replace(batch.header, generation=generation)
    raw, payload = _encode(header), _decode_frame(batch.data).payload
    return PackedBatch(header, _encode((msgspec.Raw(raw), payload, _checksum(raw, payload))))


def peek(data: bytes) -> Header:
    """The header, without decompressing or checking the rest. Reads newer versions too.

    Raises:
        BatchUnreadable: there is no header.
    """
    try:
        return _decode_header(_decode_frame(data).header)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BatchUnreadable(f"no header: {error}") from error


def unpack(data: bytes) -> Batch:
    """Take a batch apart and check all that can be checked without the receiver's state; the chain is `judge`'s work.

    Raises:
        BatchUnreadable: not a batch, damaged, inconsistent, or too large when decompressed.
        BatchTooNew: undamaged, of a version this node does not know.
    """
    try:
        frame = _decode_frame(data)
        header = _decode_header(frame.header)
        if _checksum(frame.header, frame.payload) != frame.checksum:
            raise BatchUnreadable("wrong checksum")
        if header.version > VERSION:
            raise BatchTooNew(header)
        records = _decode_records(_decompress(frame.payload))
    except (msgspec.MsgspecError, UnicodeDecodeError, zstandard.ZstdError) as error:
        raise BatchUnreadable(str(error)) from error
    _require_consistent(header, records)
    return Batch(header, records)


def _checksum(header: bytes | msgspec.Raw, payload: bytes | memoryview) -> int:
    return zlib.crc32(payload, zlib.crc32(header))


def _decompress(payload: memoryview) -> bytes:
    size = zstandard.get_frame_parameters(payload).content_size
    if size > _MAX_PAYLOAD:
        raise BatchUnreadable(f"{size} bytes when decompressed")
    return _zstd.decompress(payload, allow_extra_data=False)


def _require_consistent(header: Header, records: list[Record]) -> None:
    if not header.n == len(records) == header.last - header.first + 1:
        raise BatchUnreadable(f"{len(records)} records, the header says {header.n} in {header.first}-{header.last}")
    if header.hlc != records[-1].hlc:
        raise BatchUnreadable("the header's clock is not the last record's")
    if header.first == 1 and header.before != GENESIS:
        raise BatchUnreadable("a log begins with the genesis hash")
    if not all(record.whole for record in records):
        raise BatchUnreadable("a record is neither live nor erased")
