"""Cuts batches in halves, to find the event at fault."""

from collections.abc import Iterator

from bus.replication import Batch, chain, pack, unpack


def halves(batch: Batch) -> Iterator[tuple[Batch, bytes]]:
    """Return the halves of a batch of more than one event, each with its bytes."""
    header, records = batch
    middle = len(records) // 2
    before = chain(header.before, records[:middle])[-1]
    for first, ahead, part in (
        (header.first, header.before, records[:middle]),
        (header.first + middle, before, records[middle:]),
    ):
        data = pack(header.log, first, ahead, part, header.generation).data
        yield unpack(data), data
