"""The two kinds of message: a command asks for a change, an event tells that it happened."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A wish in the imperative. It has exactly one handler."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact in the past tense. Once recorded it never changes."""
