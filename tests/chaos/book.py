"""What was answered to users, kept outside the nodes: what must be found in each database that should hold it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

What = Literal["registration", "alarm", "acknowledgement", "entry", "erasure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Something that a node said is done.

    Attributes:
        what: became of it.
        voice: who asked. A voice waits for each answer, so its answers are in order.
        node: that answered.
        id: of what is on record.
        label: under which it is, unique; of an entry and of an erasure its scope.
        asked_at, at: when it was asked for first, and when it was answered, by `time.monotonic`.
    """

    what: What
    voice: str
    node: str
    id: str
    label: str
    asked_at: float = 0.0
    at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A node lost all that it put on record within a time, since an older copy of its database took its place.

    Attributes:
        since, until: the time, by `time.monotonic`.
        elsewhere: what other databases held at its end: ids, by what they are.
    """

    node: str
    since: float
    until: float
    elsewhere: Mapping[What, frozenset[str]]

    def took(self, one: Answered) -> bool:
        """Tell whether the only copy of something may have gone with the database: nobody can bring it back."""
        is_within = one.node == self.node and self.since <= one.at <= self.until
        return is_within and one.id not in self.elsewhere[one.what]

    def fell_between(self, one: Answered) -> bool:
        """Tell whether something was asked for before and answered after: it may have been done twice, unnoticed."""
        return one.node == self.node and one.asked_at <= self.until <= one.at


@dataclass(slots=True)
class Book:
    """All that was answered, in order, and all that was not.

    Attributes:
        to_erase: registrations whose erasure was asked for, answered or not.
        erased: by the id of an erasure that was answered, that of the registration that it took.
        unanswered: what was asked in vain to the end.
        given_up: how often something was asked of an object that went with a restored database, by the node's code.
        refusals: how often a node said no to something that it took later, by code.
    """

    answered: list[Answered] = field(default_factory=list)
    to_erase: list[Answered] = field(default_factory=list)
    erased: dict[str, str] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)
    given_up: Counter[str] = field(default_factory=Counter)

    @property
    def counts(self) -> dict[str, int]:
        """How many of each were answered."""
        return dict(Counter(one.what for one in self.answered))

    def of_voices(self, what: What) -> dict[str, Sequence[Answered]]:
        """Return what became of the words of each voice, in order."""
        voices: dict[str, list[Answered]] = {}
        for one in self.answered:
            if one.what == what:
                voices.setdefault(one.voice, []).append(one)
        return dict(voices)
