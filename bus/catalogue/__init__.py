"""THE table of messages: every command with its one handler, every event with its channel and what reacts to it.

A file for each module; here they come together.
"""

from collections.abc import Mapping
from functools import lru_cache
from itertools import chain
from typing import Any

from bus.catalogue import (
    alarms,
    crossings,
    devices,
    occurrences,
    organisation,
    registrations,
    shifts,
    trains,
    upkeep,
    visits,
    watchlist,
)
from bus.catalogue.entries import (
    ALARMS,
    AUDIT,
    FACTS,
    TARGET_MAX,
    TECHNICAL,
    UP,
    CommandEntry,
    EntityEntry,
    EventEntry,
    Reaction,
    Shows,
)
from bus.feed_modules import FEEDS, WATCHLIST, feed
from bus.replication.log import LogId
from domain.shared.messages import Command, Event
from domain.shared.texts import is_code

__all__ = [
    "ALARMS",
    "AUDIT",
    "COMMANDS",
    "COPIED",
    "ENTITIES",
    "EVENTS",
    "EVENTS_BY_KIND",
    "FACTS",
    "REACTIONS",
    "TARGET_MAX",
    "TECHNICAL",
    "UP",
    "CommandEntry",
    "EntityEntry",
    "EventEntry",
    "Reaction",
    "Shows",
    "audit_of",
    "event_entry",
    "feeds_of",
    "is_feed",
    "lists_of",
    "owner_of",
    "scope_of",
]

COPIED = (ALARMS, FACTS, TECHNICAL)
"""Channels whose logs also come down to every node that holds all feeds: its database is a copy of the centre's."""

_MODULES = (
    registrations,
    crossings,
    shifts,
    trains,
    devices,
    occurrences,
    alarms,
    watchlist,
    organisation,
    upkeep,
    visits,
)

COMMANDS: Mapping[type[Command], CommandEntry] = {
    entry.type: entry for entry in chain.from_iterable(module.COMMANDS for module in _MODULES)
}

EVENTS: Mapping[type[Event], EventEntry] = {
    entry.type: entry for entry in chain.from_iterable(module.EVENTS for module in _MODULES)
}

EVENTS_BY_KIND: Mapping[str, EventEntry] = {entry.kind: entry for entry in EVENTS.values()}

ENTITIES: Mapping[type[Any], EntityEntry] = {
    entry.type: entry for entry in chain.from_iterable(module.ENTITIES for module in _MODULES)
}

REACTIONS = tuple(sorted({name for entry in EVENTS.values() for name in entry.reactions}))


def is_feed(channel: str) -> bool:
    """Tell whether a channel is the feed of a module and of what may be the code of a scope."""
    module, _, scope = channel.partition(".")
    return module in FEEDS and is_code(scope)


def event_entry(type_: type[Event]) -> EventEntry:
    """Return the table's line for a type of event."""
    return EVENTS[type_]


@lru_cache(maxsize=1024)  # a parent asks for each log of each child's hello
def feeds_of(scopes: tuple[str, ...]) -> frozenset[str]:
    """Return the feeds that a node of these scopes holds."""
    return frozenset(feed(module, scope) for module in FEEDS for scope in scopes)


def audit_of(node: str) -> str:
    """Return whose the rows of a node's audit trail are: they are the node's, and its parents' alone to hold."""
    return f"{AUDIT}.{node}"


def owner_of(log: LogId) -> str:
    """Return whose the rows are that a log shows in the tables: its feed's, its origin's, or its audit trail's."""
    if log.channel not in UP:
        return log.channel
    return audit_of(log.origin) if log.channel == AUDIT else log.origin


def scope_of(log: LogId) -> str:
    """Return the scope whose nodes may hold a log: its origin's own, or that of its feed."""
    return log.origin if log.channel in UP else log.channel.partition(".")[2]


def lists_of(scopes: tuple[str, ...]) -> frozenset[str]:
    """Return the feeds without which a node of these scopes cannot tell whether an object is sought."""
    return frozenset(feed(WATCHLIST, scope) for scope in scopes)
