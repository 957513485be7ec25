"""What nodes hold, in digests, and in what they differ."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from api.numbers import Int64
from api.objects.lens import described, lens
from bus.replication import digests
from bus.verification import differences, ports
from bus.verification.differences import Fault, Side

strawberry.enum(Fault, name="DifferenceFault", description="What is wrong with a row.")
strawberry.enum(Side, name="DifferenceSide", description="At which node it is wrong; at either where nobody can tell.")


@lens(differences.Difference, description="One row that is not as it must be.")
class Difference:
    """A difference."""

    table: str = described("Where; `event` and `log` for the logs themselves.")
    of: str = described("The log as origin/epoch/channel; of other tables the node or feed to which the row belongs.")
    row: str = described("Number of the event; of other tables the row's id in that table.")
    fault: Fault = described("What is wrong with it.")
    side: Side = described("At which node: here is the node that answers.")
    repaired: bool = described("It was put right.")


@lens(differences.Behind, description="One node has less of a log than the other; what is under way is no difference.")
class Behind:
    """A log of which one node has less."""

    of: str = described("The log as origin/epoch/channel.")
    side: Side = described("Which node has less.")
    events: Int64 = described("By how many events.")


@lens(differences.Verification, description="What came of comparing this node with its parent.")
class Verification:
    """A comparison."""

    here: str = described("Code of this node.")
    there: str = described("Code of its parent.")
    started_at: datetime = described("When it began.")
    finished_at: datetime | None = described("When it ended; null: it is under way.")
    equal: bool = described("All was compared, and nothing differs any more.")
    differences: list[Difference] = described("Those that were found, repaired or not, at most 1000.")
    behind: list[Behind] = described("Logs of which one node has less.")
    not_compared: list[str] = described("What could not be compared, and why.")
    rows: Int64 = described("How many events and rows were compared.")


@strawberry.type(description="How much of a log a node holds.")
class LogExtent:
    """How much of a log a node holds."""

    origin: str = strawberry.field(description="Code of the node whose events it holds.")
    epoch: str = strawberry.field(description="Life of that node's log, a number of 63 bits.")
    channel: str = strawberry.field(description="What kind of events it holds.")
    seq: Int64 = strawberry.field(description="Newest event held.")
    hash: str = strawberry.field(description="Of the chain there, in hexadecimal digits.")
    floor: Int64 = strawberry.field(description="Newest event that is no longer held.")
    floor_hash: str = strawberry.field(description="Of the chain there, in hexadecimal digits.")


@strawberry.type(description="A row in brief.")
class RowDigest:
    """A row in brief."""

    key: str = strawberry.field(description="By which it is known at every node.")
    owner: str = strawberry.field(description="The node or feed to which it belongs.")
    head: Int64 = strawberry.field(description="The first 64 bits of the hash of its content.")


@strawberry.type(description="Rows in brief.")
class Digest:
    """Rows in brief."""

    count: Int64 = strawberry.field(description="How many there are.")
    heads: Int64 = strawberry.field(description="The XOR of the first 64 bits of their hashes.")


def to_extent(extent: ports.Extent) -> LogExtent:
    """Return the extent of a log as it is shown."""
    log, head, floor = extent.log, extent.head, extent.floor
    return LogExtent(
        origin=log.origin,
        epoch=str(log.epoch),
        channel=log.channel,
        seq=Int64(head.seq),
        hash=head.hash.hex(),
        floor=Int64(floor.seq),
        floor_hash=floor.hash.hex(),
    )


def to_digests(told: Sequence[digests.Digest]) -> list[Digest]:
    """Return digests as they are shown."""
    return [Digest(count=Int64(one.count), heads=Int64(one.heads)) for one in told]


def to_rows(told: Sequence[ports.RowDigest]) -> list[RowDigest]:
    """Return rows as they are shown."""
    return [RowDigest(key=one.key, owner=one.owner, head=Int64(one.head)) for one in told]
