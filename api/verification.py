"""Comparing nodes: this one with its parent, or any two of them by the digests that each tells."""

from typing import Annotated, Final, TypeVar
from uuid import UUID

import msgspec
import strawberry
from msgspec import Meta

from api.context import Info
from api.fields import ask, computed, look
from api.mutations import Input, idempotency_key
from api.numbers import Int64
from api.objects.verification import Digest, LogExtent, RowDigest, Verification, to_digests, to_extent, to_rows
from api.problems import AnyProblem
from api.refusals import DigestMalformed, ParentMissing
from api.rules import ADMINISTRATOR, AUDITOR, EVERYBODY, open_to
from bus.replication.digests import BUCKET, Span
from bus.replication.log import LogId
from bus.verification import differences
from bus.verification.ports import PAGE_MAX, SPANS_MAX, STRETCHES_MAX, Share, Stretch
from domain.access.commands import RecordAccess

T = TypeVar("T")

EXTENTS_MAX: Final = 1_000
_Spans = Annotated[list[Span], Meta(max_length=SPANS_MAX)]
_Stretches = Annotated[list[Stretch], Meta(max_length=STRETCHES_MAX)]


@strawberry.input(description="Events of a log, at most 10000.")
class LogSpan:
    """Events of a log."""

    first: Int64 = strawberry.field(description="Number of the first.")
    last: Int64 = strawberry.field(description="Number of the last.")


@strawberry.input(description="Rows of a table, in the order of their keys.")
class RowStretch:
    """Rows of a table."""

    after: str = strawberry.field(description="Keys are greater than this; an empty text leaves that end open.")
    until: str = strawberry.field(description="And this at most; an empty text leaves that end open.")


@strawberry.type(description="What this node holds, in digests: equal at two nodes that hold the same.")
class HeldDigests:
    """What this node holds, in digests."""

    @computed(list[LogExtent], "How much of each log is held here, by origin, epoch and channel; at most 1000.")
    async def extents(self, info: Info) -> list[LogExtent]:
        """Return the logs."""
        return [to_extent(extent) for extent in (await info.context.doors.holdings.extents())[:EXTENTS_MAX]]

    @computed(list[Digest], "What is held of a log, for each of at most 100 spans.")
    async def log(
        self,
        info: Info,
        origin: Annotated[str, strawberry.argument(description="Code of the node whose events it holds.")],
        epoch: Annotated[str, strawberry.argument(description="Life of that node's log.")],
        channel: Annotated[str, strawberry.argument(description="What kind of events it holds.")],
        spans: Annotated[list[LogSpan], strawberry.argument(description="Which events.")],
    ) -> list[Digest]:
        """Return the digest of each span."""
        log = _read((origin, _number(epoch), channel), LogId)
        wanted = _read([(_number(one.first), _number(one.last)) for one in spans], _Spans)
        if any(span.last - span.first >= BUCKET for span in wanted):
            raise DigestMalformed
        return to_digests(await info.context.doors.holdings.log_digests(log, wanted))

    @computed(list[Digest], "What is shown of a table, for each of at most 10 stretches, 2000 rows of each at most.")
    async def table(
        self,
        info: Info,
        table: Annotated[str, strawberry.argument(description="Name of the table.")],
        owners: Annotated[list[str], strawberry.argument(description="Only rows of these nodes and feeds.")],
        stretches: Annotated[list[RowStretch], strawberry.argument(description="Which rows.")],
    ) -> list[Digest]:
        """Return the digest of each stretch."""
        share, wanted = _read((table, owners), Share), _read([(one.after, one.until) for one in stretches], _Stretches)
        try:
            return to_digests(await info.context.doors.holdings.table_digests(share, wanted))
        except LookupError as unknown:
            raise DigestMalformed from unknown

    @computed(list[RowDigest], "The first rows of a stretch in brief, by key, 1000 at most.")
    async def rows(
        self,
        info: Info,
        table: Annotated[str, strawberry.argument(description="Name of the table.")],
        owners: Annotated[list[str], strawberry.argument(description="Only rows of these nodes and feeds.")],
        stretch: Annotated[RowStretch, strawberry.argument(description="Which rows.")],
    ) -> list[RowDigest]:
        """Return the rows."""
        share, wanted = _read((table, owners), Share), _read((stretch.after, stretch.until), Stretch)
        try:
            return to_rows(await info.context.doors.holdings.rows(share, wanted, PAGE_MAX))
        except LookupError as unknown:
            raise DigestMalformed from unknown


@strawberry.type
class VerificationQuery:
    """What can be looked up."""

    @look(Verification | None, open_to(*EVERYBODY), "The last comparison with the parent, or the one under way.")
    def verification(self, info: Info) -> differences.Verification | None:
        return info.context.doors.link().verification

    @look(HeldDigests, open_to(ADMINISTRATOR, AUDITOR), "What this node holds, in digests.")
    def digests(self) -> HeldDigests:
        return HeldDigests()


@strawberry.input(description="Whether the node shall put right what it finds.")
class VerifyInput:
    """Whether the node shall put right what it finds."""

    idempotency_key: UUID = idempotency_key()
    repair: bool = strawberry.field(
        description="Fetch what is missing here from the parent, and show anew what the tables show otherwise."
    )


@strawberry.type(description="The comparison has begun, or was under way.")
class VerifySuccess:
    """The comparison has begun."""

    verification: differences.Verification = strawberry.field(
        graphql_type=Verification, description="As it stands; `Query.verification` tells when it has ended."
    )


VerifyResult = Annotated[
    VerifySuccess | AnyProblem, strawberry.union("VerifyResult", description="The comparison as it begins, or why not.")
]


@strawberry.type
class VerificationMutation:
    """What can be asked."""

    @ask(VerifyResult, open_to(ADMINISTRATOR), "Compare this node with its parent.")
    async def verify(self, info: Info, wish: Input[VerifyInput]) -> VerifySuccess:
        verifying = info.context.doors.verifying
        if verifying is None:
            raise ParentMissing
        outcome = "repair" if wish.repair else "compare"
        await info.context.dispatch(RecordAccess(action="Verify", target=verifying.there, outcome=outcome))
        return VerifySuccess(verification=verifying.begin(repair=wish.repair))


def _number(given: str | Int64) -> object:
    """Return a number that came as a text; what is no number is refused by `_read`."""
    text = str(given)
    return int(text) if text.isascii() and text.isdigit() else text


def _read(given: object, kind: type[T]) -> T:
    """Return what was given as the kind of value that holdings are asked with.

    Raises:
        DigestMalformed: it is none.
    """
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as fault:
        raise DigestMalformed from fault
