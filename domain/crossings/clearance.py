"""Clearance: what must be shown, checked and decided before a crossing is released."""

from dataclasses import dataclass
from typing import Final

from domain.crossings.model import ActKind, Crossing, CrossingState
from domain.crossings.parts import Check, Parts
from domain.crossings.rules import BY_CODE, RULES, Service

CONTROL: Final = "control"
"""Not of the table: the control to which an officer has sent a crossing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What a crossing requires, and the check of it: None while it is open."""

    code: str
    service: Service
    check: Check | None

    @property
    def is_satisfied(self) -> bool:
        """Whether it does not stand against a release."""
        return self.check is not None and self.check.satisfies


def requirements(crossing: Crossing) -> tuple[Requirement, ...]:
    """Return what a crossing requires, in the order of the table; last the control to which it was sent, if any."""
    checks = {check.requirement: check for check in crossing.parts.checks}
    found = [
        Requirement(code=rule.code, service=rule.service, check=checks.get(rule.code))
        for rule in RULES
        if rule.direction in ("", crossing.direction) and rule.met_by(crossing.parts)
    ]
    awaited = _is_control_awaited(crossing)
    if awaited or CONTROL in checks:
        check = None if awaited else checks[CONTROL]
        found.append(Requirement(code=CONTROL, service=Service.CUSTOMS, check=check))
    return tuple(found)


def _is_control_awaited(crossing: Crossing) -> bool:
    """Tell whether a crossing left the control to which it was sent by a decision, and without any result."""
    undone = {act.undoes for act in crossing.acts}
    of_control = [
        act.kind
        for act in crossing.acts
        if act.number not in undone and (act.kind in (ActKind.SENT_TO_CONTROL, ActKind.RETURNED) or act.code == CONTROL)
    ]
    return crossing.state is not CrossingState.IN_CONTROL and of_control[-1:] == [ActKind.SENT_TO_CONTROL]


def concerned(code: str, changed: Parts) -> bool:
    """Tell whether a check of this requirement does not hold any more when such parts have come or gone."""
    rule = BY_CODE.get(code)
    return rule is not None and rule.met_by(changed)
