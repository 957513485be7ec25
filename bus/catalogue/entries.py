"""What the table of messages says of each: the lines of it, and the channels."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from domain.shared.messages import Command, Event

ALARMS, FACTS, TECHNICAL, AUDIT = "alarms", "facts", "technical", "audit"
UP = (ALARMS, FACTS, TECHNICAL, AUDIT)
"""Channels whose logs travel from a node to its parent. Every other channel is a feed and travels down."""

TARGET_MAX = 200

Handler = Callable[[Any, Any], Awaitable[Any]]
Kind = Literal["text", "id", "instant", "number", "flag"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandEntry:
    """A command: who handles it, what it answers, and what of it goes on audit."""

    type: type[Command]
    handler: Handler
    answer: Any
    target: Callable[[Any, Any], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """What follows from an event at the node that recorded it, when ``when`` says so."""

    handler: Handler
    when: Callable[[Any], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityEntry:
    """An entity: something that stands on record as it is after all events about it, in a table of its own.

    Attributes:
        table: its name in a database.
        key: attribute by which it is known everywhere: ``id`` or ``code``.
        owner: attribute that tells whose it is: ``node``, whose facts these are, or the scope of the feed it is in.
        columns: attributes by which it is looked up, beside key and owner, each with its kind.
        indexes: columns that are looked up together, in this order; the key follows by itself.
    """

    type: type[Any]
    table: str
    key: Literal["id", "code"] = "id"
    owner: Literal["node", "scope", "site"] = "node"
    columns: Mapping[str, Kind] = field(default_factory=dict)
    indexes: tuple[tuple[str, ...], ...] = ()

    @property
    def is_fact(self) -> bool:
        """Whether it belongs to the node that records it; else it is in a feed."""
        return self.owner == "node"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shows:
    """What an event does to an entity.

    Attributes:
        entity: the type of it. All events about one entity are on one channel: they stand in their order there alone.
        key: of the entity, from the event.
        fold: gives the entity as it is after the event, from what it was before: None when it begins.
        begins: the event makes it; else it must be there.
        erased_with: ids of other objects, from the event: when one of them is erased the entity goes, too.
    """

    entity: type[Any]
    key: Callable[[Any], str]
    fold: Callable[[Any, Any], Any]
    begins: bool = False
    erased_with: Callable[[Any], tuple[str | None, ...]] = lambda _: ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventEntry:
    """An event: its name on the wire, the version of its form, its channel, and the reactions by name.

    Attributes:
        shows: what it does to an entity; None: there are projections of its own for it.
    """

    kind: str
    type: type[Event]
    channel: Callable[[Any], str]
    version: int = 1
    reactions: Mapping[str, Reaction]
    shows: Shows | None = None

    def due(self, event: Event) -> Mapping[str, Reaction]:
        """Return the reactions that this event calls for, by name."""
        return {name: reaction for name, reaction in self.reactions.items() if reaction.when(event)}


def command(type_: type[Command], handler: Handler, answer: Any, target: Callable[[Any, Any], str]) -> CommandEntry:
    """Return the line of a command."""
    return CommandEntry(type=type_, handler=handler, answer=answer, target=target)


def event(
    kind: str, type_: type[Event], channel: Callable[[Any], str], shows: Shows | None = None, **reactions: Reaction
) -> EventEntry:
    """Return the line of an event."""
    return EventEntry(kind=kind, type=type_, channel=channel, reactions=reactions, shows=shows)


def always(channel: str) -> Callable[[Any], str]:
    """Return what puts every event of a kind on one channel."""
    return lambda _: channel
