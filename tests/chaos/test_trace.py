"""A trace tells all that the core was told, and replays."""

from contextlib import closing
from pathlib import Path

import pytest

from bus.replication import START, LogId, Position, Record, Scope, Sender, judge, pack, unpack
from tests.chaos.trace import Otherwise, Trace, replay, traced

LOG = LogId("koroszczyn", 7, "facts")
RECORDS = [Record(bytes([number]) * 16, number, bytes(16), b"body") for number in (1, 2, 3)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A trace of a sender that sends a batch, and of a receiver that judges it."""
    batch = pack(LOG, 1, START.hash, RECORDS)
    with closing(Trace(tmp_path / "site.1.jsonl")) as trace:
        sender = traced(Sender, trace)(LOG, head=3, generation=7)
        sender.link_up()
        sender.packed(batch.header)
        sender.tick(1.5)
        sender.confirmed(LOG.epoch, Position(3, batch.header.after), Scope.RECEIVER)
        traced(judge, trace)(START, unpack(batch.data), None)
    return tmp_path / "site.1.jsonl"


def test_what_was_traced_replays(file: Path) -> None:
    assert replay(file) == 5


def test_an_answer_that_is_another_is_told(file: Path) -> None:
    file.write_text(file.read_text().replace('"limit":3', '"limit":4').replace('["Send",1,3,7]', '["Send",1,4,7]'))
    with pytest.raises(Otherwise):
        replay(file)


def test_a_line_that_a_crash_cut_short_is_left_out(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-5])
    assert replay(file) == 4
