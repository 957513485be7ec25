import zlib
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
import zstandard
from hypothesis import example, given
from hypothesis import strategies as st

from bus.replication import (
    GENESIS,
    MAX_BODIES,
    MAX_BODY,
    MAX_RECORDS,
    VERSION,
    BatchTooNew,
    BatchUnreadable,
    LogId,
    Record,
    RecordTooLarge,
    chain,
    fill,
    pack,
    peek,
    unpack,
)

Records = Callable[..., list[Record]]
SAMPLE = pack(LogId("n", 1, "facts"), 1, GENESIS, [Record(bytes(16), 5, bytes(16), b"a" * 40)])


def reframed(data: bytes, *, header: dict[int, Any] | None = None, payload: bytes | None = None) -> bytes:
    """The batch with fields of the header (by number) or the payload replaced, under a right checksum."""
    fields, old, _ = msgspec.msgpack.decode(data)
    for number, value in (header or {}).items():
        fields[number : number + 1] = [value]
    raw = msgspec.msgpack.encode(fields)
    packed = old if payload is None else payload
    return msgspec.msgpack.encode([msgspec.Raw(raw), packed, zlib.crc32(packed, zlib.crc32(raw))])


def squeezed(value: object) -> bytes:
    return zstandard.compress(msgspec.msgpack.encode(value))


def test_unpack_gives_back_what_was_packed(log: LogId, records: Records) -> None:
    sent = [record.erased() if n % 5 == 0 else record for n, record in enumerate(records(40))]
    before = chain(GENESIS, sent[:10])[-1]
    packed = pack(log, 11, before, sent[10:], generation=3)
    header, received = unpack(packed.data)
    assert received == sent[10:]
    assert header == packed.header
    assert (header.version, header.log, header.generation) == (VERSION, log, 3)
    assert (header.first, header.last, header.n) == (11, 40, 30)
    assert (header.before, header.after) == (before, chain(GENESIS, sent)[-1])
    assert header.hlc == sent[-1].hlc


def test_peek_reads_the_header_of_a_damaged_batch(log: LogId, records: Records) -> None:
    packed = pack(log, 1, GENESIS, records(3))
    damaged = packed.data[:-9] + bytes(4) + packed.data[-5:]
    assert peek(damaged) == packed.header
    with pytest.raises(BatchUnreadable, match="checksum"):
        unpack(damaged)


def test_message_id_changes_with_each_attempt_and_range(log: LogId, records: Records) -> None:
    three = records(3)
    headers = [
        pack(log, 1, GENESIS, three, generation=1).header,
        pack(log, 1, GENESIS, three, generation=2).header,
        pack(log, 1, GENESIS, three[:2], generation=2).header,
    ]
    assert headers[0].message_id == f"dorohusk.{2**62 + 1}.facts.1.3.1"
    assert len({header.message_id for header in headers}) == 3


def test_fill_stops_at_the_number_of_records(records: Records) -> None:
    assert fill(records(MAX_RECORDS + 1, size=1)) == MAX_RECORDS
    assert fill(records(7)) == 7
    assert fill([]) == 0


def test_fill_stops_at_the_size_of_bodies(records: Records) -> None:
    quarter = MAX_BODIES // 4
    assert fill(records(9, size=quarter)) == 4
    assert fill(records(9, size=quarter + 1)) == 3


def test_fill_stops_earlier_where_less_is_wanted(records: Records) -> None:
    assert fill(records(9, size=100), 450) == 4
    assert fill(records(9, size=100), 99) == 1
    assert fill(records(9, size=MAX_BODIES // 4), 10 * MAX_BODIES) == 4


def test_a_large_record_travels_alone(log: LogId, records: Records) -> None:
    large = records(2, size=MAX_BODY)
    assert fill(large) == 1
    assert unpack(pack(log, 1, GENESIS, large[:1]).data).records == large[:1]
    assert fill(records(1) + large) == 1


def test_a_record_over_the_limit_is_refused(records: Records) -> None:
    with pytest.raises(RecordTooLarge, match=str(MAX_BODY + 1)):
        fill(records(1, size=MAX_BODY + 1))


def test_pack_refuses_none_and_too_many(log: LogId, records: Records) -> None:
    for wrong in ([], records(MAX_RECORDS + 1, size=1), records(2, size=MAX_BODIES)):
        with pytest.raises(ValueError, match="no batch"):
            pack(log, 1, GENESIS, wrong)


def test_a_newer_version_is_told_apart_with_its_header(log: LogId, records: Records) -> None:
    packed = pack(log, 1, GENESIS, records(2))
    newer = reframed(packed.data, header={0: VERSION + 1, 9: "a field of later days"}, payload=b"another encoding")
    with pytest.raises(BatchTooNew) as caught:
        unpack(newer)
    assert caught.value.header.version == VERSION + 1
    assert (caught.value.header.log, caught.value.header.last) == (log, 2)
    assert peek(newer) == caught.value.header


def test_a_damaged_batch_of_a_newer_version_is_not_parked(log: LogId, records: Records) -> None:
    newer = reframed(pack(log, 1, GENESIS, records(2)).data, header={0: VERSION + 1})
    with pytest.raises(BatchUnreadable):
        unpack(newer[:-1] + bytes([newer[-1] ^ 1]))


HEADER_LOG, HEADER_FIRST, HEADER_LAST, HEADER_N, HEADER_BEFORE, HEADER_HLC = 1, 2, 3, 4, 5, 7
LIVE = [bytes(16), 5, bytes(16), b"a", None]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="text"),
        pytest.param(b"\xdd\xff\xff\xff\xff", id="an array without end"),
        pytest.param(b"\x91" * 100_000, id="deep nesting"),
        pytest.param(SAMPLE.data[:-1], id="cut short"),
        pytest.param(SAMPLE.data + b"\0", id="trailing bytes"),
        pytest.param(reframed(SAMPLE.data, header={0: 0}), id="version 0"),
        pytest.param(reframed(SAMPLE.data, header={HEADER_LOG: ["a.b", 1, "facts"]}), id="origin is no token"),
        pytest.param(reframed(SAMPLE.data, header={HEADER_LOG: ["n\0", 1, "facts"]}), id="origin with a zero byte"),
        pytest.param(reframed(SAMPLE.data, header={HEADER_LOG: ["n", 2**63, "facts"]}), id="epoch of 64 bits"),
        pytest.param(reframed(SAMPLE.data, header={HEADER_FIRST: 0}), id="first is 0"),
        pytest.param(reframed(SAMPLE.data, header={HEADER_LAST: 2}), id="last is too high"),
        pytest.param(reframed(SAMPLE.data, header={HEADER_N: 2, HEADER_LAST: 2}), id="too few records"),
        pytest.param(reframed(SAMPLE.data, header={HEADER_BEFORE: bytes(31)}), id="hash too short"),
        pytest.param(reframed(SAMPLE.data, header={HEADER_BEFORE: b"x" * 32}), id="does not begin at the genesis"),
        pytest.param(reframed(SAMPLE.data, header={HEADER_HLC: 6}), id="clock is not the last record's"),
        pytest.param(reframed(SAMPLE.data, payload=b"not compressed"), id="payload not compressed"),
        pytest.param(reframed(SAMPLE.data, payload=b""), id="payload empty"),
        pytest.param(reframed(SAMPLE.data, payload=squeezed([LIVE]) + b"x"), id="payload with trailing bytes"),
        pytest.param(reframed(SAMPLE.data, payload=squeezed([])), id="no records"),
        pytest.param(reframed(SAMPLE.data, payload=squeezed([LIVE] * 501)), id="too many records"),
        pytest.param(reframed(SAMPLE.data, payload=zstandard.compress(b"\xdd\xff\xff\xff\xff")), id="endless records"),
        pytest.param(reframed(SAMPLE.data, payload=squeezed([[b"id", *LIVE[1:]]])), id="id too short"),
        pytest.param(reframed(SAMPLE.data, payload=squeezed([[*LIVE[:3], None, None]])), id="salt without body"),
        pytest.param(reframed(SAMPLE.data, payload=squeezed([[*LIVE[:2], None, b"a", None]])), id="body without salt"),
        pytest.param(reframed(SAMPLE.data, payload=squeezed([[*LIVE[:4], bytes(32)]])), id="body and commitment"),
        pytest.param(reframed(SAMPLE.data, payload=squeezed([[*LIVE[:2], None, None, None]])), id="nothing left"),
    ],
)
def test_what_is_no_batch_is_unreadable(data: bytes) -> None:
    with pytest.raises(BatchUnreadable):
        unpack(data)


@pytest.mark.parametrize("tells_its_size", [True, False])
def test_a_bomb_is_not_decompressed(*, tells_its_size: bool) -> None:
    bomb = zstandard.ZstdCompressor(write_content_size=tells_its_size).compress(bytes(10**8))
    with pytest.raises(BatchUnreadable, match="when decompressed"):
        unpack(reframed(SAMPLE.data, payload=bomb))


def test_peek_refuses_what_has_no_header() -> None:
    with pytest.raises(BatchUnreadable, match="no header"):
        peek(b"\x93\x01\x02\x03")


@given(st.integers(0, len(SAMPLE.data) - 1), st.integers(1, 255))
def test_any_flipped_byte_is_noticed(at: int, flip: int) -> None:
    damaged = bytearray(SAMPLE.data)
    damaged[at] ^= flip
    with pytest.raises((BatchUnreadable, BatchTooNew)):
        unpack(bytes(damaged))


@given(st.binary(max_size=200))
@example(b"\x93\xc1\xc4\x00\x00")
def test_junk_is_unreadable_and_nothing_worse(junk: bytes) -> None:
    for read in (unpack, peek):
        with pytest.raises(BatchUnreadable):
            read(junk)


@given(st.binary(max_size=200))
def test_junk_inside_a_sound_frame_is_unreadable_and_nothing_worse(junk: bytes) -> None:
    for payload in (junk, zstandard.compress(junk)):
        with pytest.raises(BatchUnreadable):
            unpack(reframed(SAMPLE.data, payload=payload))
