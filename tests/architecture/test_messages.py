"""The catalogue is complete: no command without a handler, no event that does not travel or show."""

import dataclasses
import inspect
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from adapters.database import projections
from adapters.memory.projections import PROJECTIONS
from bus.catalogue import COMMANDS, EVENTS, EVENTS_BY_KIND
from domain.shared.messages import Command, Event
from tests.architecture.tree import sources


def _messages(kind: type) -> Iterator[Any]:
    for source in sources("domain"):
        for _, found in inspect.getmembers(import_module(source.module), inspect.isclass):
            if issubclass(found, kind) and found is not kind and found.__module__ == source.module:
                yield found


def test_every_command_has_a_handler() -> None:
    assert set(COMMANDS) == set(_messages(Command))


def test_every_event_has_a_channel() -> None:
    assert set(EVENTS) == set(_messages(Event))


def test_every_event_has_a_name_of_its_own_on_the_wire() -> None:
    assert {entry.type for entry in EVENTS_BY_KIND.values()} == set(EVENTS)


def test_every_event_shows_in_the_tables_in_one_way() -> None:
    assert set(projections.ADDED) | set(projections.UPDATED) == set(EVENTS)
    assert set(projections.ADDED) & set(projections.UPDATED) == set()
    assert set(PROJECTIONS) == set(EVENTS)


@pytest.mark.parametrize("message", [*_messages(Command), *_messages(Event)])
def test_messages_cannot_change(message: Any) -> None:
    assert dataclasses.is_dataclass(message)
    assert message.__dataclass_params__.frozen
    assert all(field.kw_only for field in dataclasses.fields(message))
    assert "__slots__" in vars(message)


def test_commands_stand_in_commands_and_events_in_events() -> None:
    astray = [m for m in _messages(Command) if not m.__module__.endswith(".commands")]
    astray += [m for m in _messages(Event) if not m.__module__.endswith(".events")]
    assert astray == []
