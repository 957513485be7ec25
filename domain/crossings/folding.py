"""Crossings, and what belongs to them, as events leave them."""

from domain.crossings.binding import Binding
from domain.crossings.events import CrossingActed, CrossingOpened, RegistrationBound
from domain.crossings.model import Crossing


def begin(_: Crossing | None, event: CrossingOpened) -> Crossing:
    """Return the crossing that was opened."""
    return event.crossing


def act(before: Crossing, event: CrossingActed) -> Crossing:
    """Return it after the act."""
    return before.after(event.act)


def bind(_: Binding | None, event: RegistrationBound) -> Binding:
    """Return the registration as bound."""
    return Binding(id=event.registration_id, node=event.node, crossing_id=event.crossing_id, role=event.role)
