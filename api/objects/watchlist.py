"""Watchlist entries and their criteria."""

from datetime import datetime

import strawberry

from api.objects.identifiers import Identifier
from api.objects.lens import Node, described, id_of, lens
from domain.watchlist import model
from domain.watchlist.model import Category, EntryState

strawberry.enum(Category, description="What to do with the object on a match.")
strawberry.enum(EntryState, description="Where an entry is in its life.")


@lens(model.Criterion, description="One matchable value of an entry.")
class Criterion:
    """A criterion."""

    identifier: Identifier = described("What is sought.")


@lens(model.Entry, description="Who or what is sought, why, and what to do on a match.")
class WatchlistEntry(Node):
    """A watchlist entry."""

    id: strawberry.ID = id_of("WatchlistEntry")
    title: str = described("In a line.")
    category: Category = described("What to do with the object on a match.")
    priority: int = described("1 (highest) to 3.")
    legal_basis: str = described("The provision that allows to seek the object.")
    instructions: str = described("What the officer is told on a match.")
    scope: str = described("Where it is sought: code of the country, a region or a site.")
    valid_until: datetime = described("The object is sought until then.")
    criteria: list[Criterion] = described("What is matched.")
    author: str = described("Who submitted it.")
    created_at: datetime = described("When it was submitted.")
    state: EntryState = described("Where it is in its life.")
    approver: str = described("Who approved it, another person than the author; empty until then.")
    approved_at: datetime | None = described("When it was approved.")
