"""What a device is answered, at every door."""

from dataclasses import dataclass
from typing import Any, Final, Literal

from domain.registrations.intake import Taken
from domain.shared.errors import Refusal

PushStatus = Literal[
    "registered", "merged", "duplicate", "recorded", "heartbeat", "quarantined", "not_kept", "unavailable", "refused"
]
"""What became of a push.

What is ``recorded`` tells of no object that can be registered. The last three are not on record; ``unavailable`` asks
for the push once more.
"""

_BEST_FIRST: Final[tuple[PushStatus, ...]] = ("registered", "merged", "duplicate")


@dataclass(frozen=True, slots=True, kw_only=True)
class PushAnswer:
    """What became of a push.

    Attributes:
        readings: what became of what could be read, in its order; None where the device said of none.
        push_id: in quarantine.
        problem: why it is not all on record.
    """

    status: PushStatus
    readings: tuple[Taken, ...] | None = None
    push_id: str | None = None
    problem: Refusal | None = None

    @classmethod
    def of(cls, taken: tuple[Taken, ...]) -> "PushAnswer":
        """Return the answer to a push of which everything was taken; its status is that of its newest reading."""
        statuses = {each.status for each in taken}
        return cls(status=next((each for each in _BEST_FIRST if each in statuses), "recorded"), readings=taken)

    def document(self) -> dict[str, Any]:
        """Return the answer as a JSON document."""
        told: dict[str, Any] = {"status": self.status}
        if self.readings is not None:
            told["readings"] = [_outcome(each) for each in self.readings]
        if self.push_id is not None:
            told["pushId"] = self.push_id
        if self.problem is not None:
            told["problem"] = {"code": self.problem.code, "message": self.problem.message}
        return told


def _outcome(taken: Taken) -> dict[str, Any]:
    return {
        "status": taken.status,
        "registrationId": taken.registration_id,
        "passageId": taken.passage_id,
        "late": taken.late,
    }
