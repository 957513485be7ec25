"""What is put into crossings, as callers give it."""

from datetime import datetime
from typing import Any

import strawberry

from api.ids import local_id
from api.objects.crossing_words import DocumentKind, MemberRole
from api.positions import PositionInput
from api.times import optional_utc
from domain.crossings.parts import Document, GoodsLine, Member, Parts, Weight

_NUMBER = "Of what is replaced, in a correction; else 0."


@strawberry.input(description="A registered object that takes part.")
class CrossingMemberInput:
    """A registered object that takes part."""

    registration_id: strawberry.ID = strawberry.field(description="Its registration.")
    role: MemberRole = strawberry.field(description="As what it takes part.")
    seals: list[str] = strawberry.field(default_factory=list, description="Seals on it, 20 at most.")

    def read(self) -> Member:
        """Return it in the words of the domain."""
        registration_id = local_id(self.registration_id, "Registration", "members")
        return Member(registration_id=registration_id, role=self.role, seals=tuple(self.seals))


@strawberry.input(description="Goods of one kind.")
class CrossingGoodsInput:
    """Goods of one kind."""

    number: int = strawberry.field(default=0, description=_NUMBER)
    code: str = strawberry.field(default="", description="Of the tariff: HS, CN or TARIC, in any spelling.")
    description: str = strawberry.field(description="What they are, up to 200 characters.")
    packages: int | None = strawberry.field(default=None, description="How many packages.")
    gross_kg: float | None = strawberry.field(default=None, description="Gross mass in kilograms.")
    un_number: str = strawberry.field(default="", description="UN number of dangerous goods.")

    def read(self) -> GoodsLine:
        """Return it in the words of the domain."""
        return GoodsLine(
            number=self.number,
            code=self.code,
            description=self.description,
            packages=self.packages,
            gross_kg=self.gross_kg,
            un_number=self.un_number,
        )


@strawberry.input(description="A paper that was shown. Travel documents belong to registrations, never here.")
class CrossingDocumentInput:
    """A paper that was shown."""

    number: int = strawberry.field(default=0, description=_NUMBER)
    kind: DocumentKind = strawberry.field(description="What kind of paper it is.")
    text: str = strawberry.field(description="Its number.")

    def read(self) -> Document:
        """Return it in the words of the domain."""
        return Document(number=self.number, kind=self.kind, text=self.text)


@strawberry.input(description="What a scale said, or a declaration.")
class CrossingWeightInput:
    """What a scale said, or a declaration."""

    number: int = strawberry.field(default=0, description=_NUMBER)
    total_kg: float = strawberry.field(description="In kilograms.")
    axles_kg: list[float] = strawberry.field(default_factory=list, description="Of each axle, from the front.")
    measured: bool = strawberry.field(default=True, description="Weighed; else declared.")

    def read(self) -> Weight:
        """Return it in the words of the domain."""
        return Weight(number=self.number, total_kg=self.total_kg, axles_kg=tuple(self.axles_kg), measured=self.measured)


@strawberry.input(description="What is put into a crossing; what is not given stays as it is.")
class CrossingPartsInput:
    """What is put into a crossing."""

    members: list[CrossingMemberInput] = strawberry.field(default_factory=list, description="Registered objects.")
    goods: list[CrossingGoodsInput] = strawberry.field(default_factory=list, description="Goods.")
    documents: list[CrossingDocumentInput] = strawberry.field(default_factory=list, description="Papers.")
    weights: list[CrossingWeightInput] = strawberry.field(default_factory=list, description="Weights.")
    lane: str | None = strawberry.field(default=None, description="Code of the lane; needed to open a crossing.")
    direction: str | None = strawberry.field(default=None, description="`inbound` or `outbound`; needed to open one.")
    at: datetime | None = strawberry.field(default=None, description="When the objects were there.")
    position: PositionInput | None = strawberry.field(default=None, description="Where it was, inland.")
    empty: bool | None = strawberry.field(default=None, description="The vehicle carries no goods.")
    cash_eur: int | None = strawberry.field(default=None, description="Cash that was declared, in euros.")
    pets: int | None = strawberry.field(default=None, description="How many pets travel along.")

    def read(self) -> Parts:
        """Return it in the words of the domain."""
        return Parts(
            members=_read(self.members),
            goods=_read(self.goods),
            documents=_read(self.documents),
            weights=_read(self.weights),
            lane=self.lane,
            direction=self.direction,
            at=optional_utc(self.at, "at"),
            position=None if self.position is None else self.position.read(),
            empty=self.empty,
            cash_eur=self.cash_eur,
            pets=self.pets,
        )


def _read(given: list[Any]) -> tuple[Any, ...]:
    return tuple(each.read() for each in given)
