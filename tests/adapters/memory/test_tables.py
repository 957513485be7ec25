"""Sorted tables, against a plain dictionary; undone, against a copy."""

from contextlib import AbstractContextManager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.memory.projections import PROJECTIONS
from adapters.memory.tables import Journal, Table, Tables
from bus.catalogue import EVENTS
from domain.shared.views import Page, Window
from tests.samples import device

keys = st.sampled_from("abcdefgh")
steps = st.lists(st.tuples(st.booleans(), keys, st.integers()), max_size=30)


class BrokenError(Exception):
    """Something went wrong."""


def carry_out(table: Table[int], model: dict[str, int], todo: list[tuple[bool, str, int]]) -> None:
    for put, key, value in todo:
        if put:
            table.put(value, key)
            model[key] = value
        else:
            assert table.drop(key) is (model.pop(key, None) is not None)


def undo(journal: Journal) -> None:
    while journal:
        journal.pop()()


@given(kept=steps, undone=steps)
def test_a_table_is_a_sorted_dictionary_that_can_be_undone(
    kept: list[tuple[bool, str, int]], undone: list[tuple[bool, str, int]]
) -> None:
    journal: Journal = []
    table, model = Table[int](journal), dict[str, int]()
    carry_out(table, model, kept)
    journal.clear()
    before = dict(model)
    carry_out(table, model, undone)
    assert table.items() == [((key,), model[key]) for key in sorted(model)]

    undo(journal)
    assert table.items() == [((key,), before[key]) for key in sorted(before)]
    assert all(table.get(key) == before.get(key) for key in "abcdefgh")


@given(st.sets(keys), st.integers(1, 9), st.none() | keys)
def test_a_page_is_a_slice_of_the_whole_from_the_greatest_down(held: set[str], limit: int, after: str | None) -> None:
    table = Table[str]([])
    for key in held:
        table.put(key, key)

    older = [key for key in sorted(held, reverse=True) if after is None or key < after]
    assert table.page(Window(limit=limit, after=after)) == Page(items=older[:limit], more=len(older) > limit)


def test_rows_under_a_head_are_those_whose_keys_begin_with_it() -> None:
    table = Table[str]([])
    for key in [("a", "b", "1"), ("a", "b", "2"), ("a", "bc", "3"), ("a", "a", "4"), ("ab", "b", "5")]:
        table.put(key[2], *key)

    assert table.under("a", "b") == ["1", "2"]
    assert table.under("a") == ["4", "1", "2", "3"]
    assert table.under("b") == []


def fail_within(block: AbstractContextManager[None], tables: Tables) -> None:
    with block:
        tables.devices.put(device(), "undone")
        tables.devices.drop("kept")
        raise BrokenError


def test_of_a_change_only_the_savepoint_that_fails_is_undone() -> None:
    tables = Tables(is_centre=False)
    with tables.atomic():
        tables.devices.put(device(), "kept")
        with pytest.raises(BrokenError):
            fail_within(tables.savepoint(), tables)
        tables.devices.put(device(), "later")

    assert [key for key, _ in tables.devices.items()] == [("kept",), ("later",)]


def test_a_change_that_fails_is_undone_with_the_savepoints_that_succeeded() -> None:
    tables = Tables(is_centre=False)
    with tables.atomic():
        tables.devices.put(device(), "kept")

    with pytest.raises(BrokenError), tables.atomic():
        fail_after_savepoint(tables)
    assert [key for key, _ in tables.devices.items()] == [("kept",)]


def fail_after_savepoint(tables: Tables) -> None:
    with tables.savepoint():
        tables.devices.put(device(), "undone")
    raise BrokenError


def test_every_event_has_its_projection() -> None:
    assert set(PROJECTIONS) == set(EVENTS)
