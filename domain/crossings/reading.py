"""Parts as officers give them, read: identifiers parsed, texts without blanks, impossible numbers refused."""

import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from domain.crossings.errors import AmountImpossible, CrossingTimeImpossible, MassImpossible, PositionImpossible
from domain.crossings.model import SEALS_MAX
from domain.crossings.parts import Document, DocumentKind, GoodsLine, Member, Parts, Weight
from domain.identifiers.identifier import canonical
from domain.identifiers.kinds import parse
from domain.organisation.events import Position
from domain.shared.errors import Invalid
from domain.shared.lanes import check_direction, check_lane
from domain.shared.texts import TextTooLong, required

MASS_MAX = 5_000_000
AMOUNT_MAX = 1_000_000_000
AXLES_MAX = 50
SEAL_MAX = 32
PAST = timedelta(days=30)
AHEAD = timedelta(minutes=5)
_WITH_CHECK: Final = frozenset({DocumentKind.MRN, DocumentKind.GRN, DocumentKind.TIR})


def read(parts: Parts, now: datetime) -> Parts:
    """Return parts as they go on record; a check digit that fails is noted and never refused.

    Raises:
        LaneMalformed, DirectionUnknown, CrossingTimeImpossible, PositionImpossible: where or when it was cannot be.
        TextMissing, TextTooLong, IdentifierUnreadable, MassImpossible, AmountImpossible: a field makes no sense.
    """
    _check_place_and_time(parts, now)
    _check_amounts(("cashEur", parts.cash_eur), ("pets", parts.pets))
    return replace(
        parts,
        members=tuple(map(_member, parts.members)),
        goods=tuple(map(_goods, parts.goods)),
        documents=tuple(map(_document, parts.documents)),
        weights=tuple(map(_weight, parts.weights)),
        checks=(),
    )


def _check_place_and_time(parts: Parts, now: datetime) -> None:
    if parts.lane is not None:
        check_lane(parts.lane)
    if parts.direction is not None:
        check_direction(parts.direction)
    if parts.at is not None and not now - PAST <= parts.at <= now + AHEAD:
        raise CrossingTimeImpossible(path=("at",))
    if parts.position is not None and not _is_on_earth(parts.position):
        raise PositionImpossible(path=("position",))


def _is_on_earth(position: Position) -> bool:
    return abs(position.latitude) <= 90 and abs(position.longitude) <= 180  # noqa: PLR2004 - degrees; false for NaN


def _check_amounts(*amounts: tuple[str, int | None]) -> None:
    for name, amount in amounts:
        if amount is not None and not 0 <= amount <= AMOUNT_MAX:
            raise AmountImpossible(path=(name,))


def _check_masses(path: str, masses: Iterable[float | None]) -> None:
    for mass in masses:
        if mass is not None and not (math.isfinite(mass) and 0 < mass <= MASS_MAX):
            raise MassImpossible(path=(path,))


def _member(member: Member) -> Member:
    if len(member.seals) > SEALS_MAX:
        raise TextTooLong(path=("members", "seals"), longest=SEALS_MAX)
    return replace(member, seals=tuple(required(seal, "seals", SEAL_MAX).upper() for seal in member.seals))


def _goods(line: GoodsLine) -> GoodsLine:
    _check_masses("grossKg", (line.gross_kg,))
    _check_amounts(("packages", line.packages))
    code, un_number = _parsed("goods_code", line.code, "code"), _parsed("un_number", line.un_number, "unNumber")
    return replace(
        line,
        description=required(line.description, "description"),
        code=code[0],
        un_number=un_number[0],
        doubts=tuple(name for name, (_, check) in (("code", code), ("un_number", un_number)) if check == "fails"),
    )


def _document(document: Document) -> Document:
    text = required(document.text, "text")
    if document.kind in _WITH_CHECK:
        found, check = _parsed(document.kind.value, text, "text")
        return replace(document, text=text, canonical=found, check=check)
    return replace(document, text=text, canonical=canonical(text) or text, check="none")


def _weight(weight: Weight) -> Weight:
    if len(weight.axles_kg) > AXLES_MAX:
        raise TextTooLong(path=("axlesKg",), longest=AXLES_MAX)
    _check_masses("totalKg", (weight.total_kg, *weight.axles_kg))
    return weight


def _parsed(kind: str, text: str, path: str) -> tuple[str, str]:
    """Return canonical form and check of an identifier that may be empty."""
    if not text.strip():
        return "", "none"
    try:
        found = parse(kind, text)
    except Invalid as refusal:
        refusal.path = (path,)
        raise
    return found.canonical, found.check
