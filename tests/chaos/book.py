"""What was answered to users, kept outside the nodes: what must be found in each database that should hold it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

What = Literal["registration", "alarm", "acknowledgement", "entry"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Something that a node said is done.

    Attributes:
        what: became of it.
        voice: who asked. A voice waits for each answer, so its answers are in order.
        node: that answered.
        id: of what is on record.
        label: under which it is, unique; of an entry its scope.
    """

    what: What
    voice: str
    node: str
    id: str
    label: str


@dataclass(slots=True)
class Book:
    """All that was answered, in order, and all that was not.

    Attributes:
        unanswered: what was asked in vain to the end.
        refusals: how often a node said no to something that it took later, by code.
    """

    answered: list[Answered] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)

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
