"""What was erased is found wherever it stands yet."""

from contextlib import closing

from adapters.database.replay import Replay
from bus.codec import encode
from bus.replication.batch import pack
from bus.replication.chain import GENESIS
from bus.replication.log import LogId
from bus.replication.record import Record
from domain.identifiers.plates import plate
from domain.registrations.events import Registered
from sites.equality.stored import StoredInFile
from tests.chaos.erased import kept, tombstones
from tests.samples import MORNING, new_id, registration

GONE, OTHER = registration(identifiers=(plate("WA12345", "PL"),)), registration(identifiers=(plate("LU4412K", "PL"),))
INSERT_BATCH = "INSERT INTO batch_quarantine VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
LOG = LogId("dorohusk", 1, "facts")


def body() -> bytes:
    return encode(Registered(registration=GONE), MORNING)


def record() -> Record:
    return Record(b"i" * 16, 1, b"s" * 16, body(), None)


async def found(replay: Replay) -> list[tuple[str, str]]:
    return [one async for one in kept(StoredInFile(replay.connection), [GONE.label, OTHER.label])]


async def test_the_body_of_an_event_is_found() -> None:
    with closing(Replay()) as replay:
        assert await found(replay) == []
        row = (1, 1, new_id(), 1, b"salt", body(), None, b"hash")
        replay.connection.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        assert await found(replay) == [("event", GONE.label)]


async def test_what_a_table_shows_is_found() -> None:
    with closing(Replay()) as replay:
        await replay.show(LOG, 1, b"hash", record())
        assert await found(replay) == [("registration", GONE.label)]


async def test_what_is_packed_in_a_batch_in_quarantine_is_found() -> None:
    data = pack(LOG, 1, GENESIS, [record()]).data
    assert GONE.label.encode() not in data
    with closing(Replay()) as replay:
        for child, kept_bytes in (("whole", data), ("torn", b"torn " + body())):
            row = (new_id(), child, child, 0, None, None, None, None, None, 1, "held", "x", MORNING, "", "", None)
            replay.connection.execute(INSERT_BATCH, (*row, kept_bytes))
        assert await found(replay) == 2 * [("batch_quarantine", GONE.label)]


async def test_tombstones_of_objects_are_told_from_those_of_events() -> None:
    event, subject = new_id(), new_id()
    with closing(Replay()) as replay:
        for of, is_event in ((event, True), (subject, False)):
            replay.connection.execute("INSERT INTO tombstone VALUES (?, ?, ?)", (of, is_event, new_id()))
        assert await tombstones(StoredInFile(replay.connection)) == {subject}
