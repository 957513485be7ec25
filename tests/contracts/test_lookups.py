"""Look-ups: the history of an object by any of its identifiers, and searching by a part of what is known."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.database import lookups
from domain.identifiers.documents import document_number
from domain.identifiers.plates import plate
from domain.registrations.events import Registered
from domain.registrations.lookups import Search, part_of
from domain.registrations.model import ObjectKind, Registration
from domain.shared.views import Page, Window
from tests.contracts.backends import Node, Receive
from tests.samples import id_at, registration, rescreened, traveller

ALL = Window(limit=100)
MARCH, APRIL, MAY = (datetime(2026, month, 1, tzinfo=UTC) for month in (3, 4, 5))


def vehicle(*plates: str, **fields: Any) -> Registration:
    return registration(identifiers=tuple(plate(each, "PL") for each in plates), **fields)


def person(number: str, **fields: Any) -> Registration:
    identifiers = (document_number(number, "POL"),)
    return registration(kind=ObjectKind.PERSON, identifiers=identifiers, traveller=traveller(), **fields)


def ids(of: Page[Registration] | Sequence[Registration]) -> list[str]:
    return [each.id for each in (of.items if isinstance(of, Page) else of)]


async def recorded(node: Node, *registrations: Registration) -> list[str]:
    """Put them on record and return their ids, the newest first."""
    await node.record(*(Registered(registration=each) for each in registrations))
    return sorted((each.id for each in registrations), reverse=True)


async def searched_for(at: Node, part: str, **wanted: Any) -> list[str]:
    return ids(await at.views.found(ALL, Search(part=part_of(part), **wanted)))


async def test_history_is_by_any_identifier_and_newest_first(node: Node, receive: Receive) -> None:
    tractor, train, other = vehicle("WA 12345"), vehicle("WA 99999", "WA 12345"), vehicle("WA 54321")
    ours = await recorded(node, tractor, train, other)
    elsewhere = vehicle("WA 12345", node="terespol")
    await receive(Registered(registration=elsewhere))

    page = await node.views.history(ALL, "plate", "WA12345")
    assert ids(page) == sorted([elsewhere.id, *(each for each in ours if each != other.id)], reverse=True)
    assert not page.more


async def test_history_is_of_one_kind_of_identifier(node: Node) -> None:
    car, _ = vehicle("AB 12345"), await recorded(node, holder := person("AB12345"))
    await recorded(node, car)
    assert ids(await node.views.history(ALL, "plate", "AB12345")) == [car.id]
    assert ids(await node.views.history(ALL, "document", "AB12345")) == [holder.id]
    assert ids(await node.views.history(ALL, "plate", "AB1234")) == []


async def test_history_knows_what_was_read_later(node: Node) -> None:
    car = vehicle("WA 12345")
    await recorded(node, car)
    again = rescreened(car, identifiers=(plate("WA 12346", "PL"),))
    await node.record(again)
    assert ids(await node.views.history(ALL, "plate", "WA12346")) == [car.id]
    assert await searched_for(node, "2346") == [car.id]


async def test_history_is_read_in_pages(node: Node) -> None:
    order = await recorded(
        node, *(vehicle("WA 12345") if each % 2 else vehicle("X 1", "WA 12345") for each in range(7))
    )
    first = await node.views.history(Window(limit=3), "plate", "WA12345")
    second = await node.views.history(Window(limit=4, after=order[2]), "plate", "WA12345")
    assert (ids(first) + ids(second), first.more, second.more) == (order, True, False)


IN_CYRILLIC = "\N{CYRILLIC CAPITAL LETTER A}B1"


@pytest.mark.parametrize("part", ["łęcka", "KOWALSKA-Ł", "cka anna", IN_CYRILLIC, "ab-12", "B123"])
async def test_a_part_of_names_and_documents_is_found_in_any_spelling(node: Node, part: str) -> None:
    found = await recorded(node, person("AB 123"))
    await recorded(node, vehicle("WA 77777"))
    assert await searched_for(node, part) == found


@pytest.mark.parametrize("walked", [lookups.WALKED, 2])
async def test_search_is_narrowed_and_read_in_pages(node: Node, walked: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups, "WALKED", walked)
    months = [[id_at(at) for _ in range(3)] for at in (MARCH, APRIL, MAY)]
    rows = [vehicle(f"WA 1234{place}", id=key, lane=f"lane-{place}") for of in months for place, key in enumerate(of)]
    order = await recorded(node, *rows)
    await recorded(node, vehicle("KR 77777"))

    assert await searched_for(node, "wa1234") == order
    assert await searched_for(node, "wa1234", since=APRIL, until=MAY) == sorted(months[1], reverse=True)
    assert await searched_for(node, "wa1234", lane="lane-1") == sorted((of[1] for of in months), reverse=True)
    assert await searched_for(node, "wa1234", kind=ObjectKind.PERSON) == []
    assert await searched_for(node, "wa1234", node="terespol") == []
    assert await searched_for(node, "wa1234", direction="outbound") == order
    pages = [await node.views.found(Window(limit=4), Search(part="WA1234"))]
    while pages[-1].more:
        pages.append(await node.views.found(Window(limit=4, after=ids(pages[-1])[-1]), Search(part="WA1234")))
    assert [key for page in pages for key in ids(page)] == order
