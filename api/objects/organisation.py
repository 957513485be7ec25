"""Devices at the lanes of posts."""

from datetime import datetime

import strawberry

from api.context import Info
from api.fields import computed
from api.numbers import Int64
from api.objects.lens import Node, described, id_of, lens
from domain.devices import model as state
from domain.organisation import model
from domain.organisation.model import View

strawberry.enum(View, description="What of a vehicle a camera sees.")


def _merge_window(root: strawberry.Parent[model.Device]) -> float:
    return root.merge_window.total_seconds()


def _silent_after(root: strawberry.Parent[model.Device]) -> float | None:
    return None if root.silent_after is None else root.silent_after.total_seconds()


@strawberry.type(description="A word of a device's vendor, and what it means here.")
class DirectionWord:
    """A word of a device's vendor."""

    word: str = described("As the device says it.")
    direction: str = described("`inbound` or `outbound`.")


def _words(root: strawberry.Parent[model.Device]) -> list[DirectionWord]:
    return [DirectionWord(word=word, direction=known) for word, known in sorted(root.direction_words.items())]


@lens(state.DeviceState, description="How a device is; at other nodes than its site, when that changed last.")
class DeviceState:
    """How a device is."""

    last_heard_at: datetime | None = described(
        "When it pushed anything last, be it only a sign of life; null while it never did."
    )
    clock_offset_seconds: float | None = described(
        "Seconds that its clock is ahead of its site's (negative: behind), less what it takes to say so; null: unknown."
    )
    silent: bool = described("It has not been heard for longer than it should.")
    pushes: Int64 = described("How many have come from it.")


@lens(model.Device, description="A camera, scale, portal or reader. Its key is not shown.")
class Device(Node):
    """A device."""

    id: strawberry.ID = id_of("Device", "code")
    code: str = described("Unique in the whole system; part of the address it pushes to.")
    site: str = described("Code of the site at which it stands.")
    lane: str = described("Code of the lane.")
    checkpoint: str = described("Code of the checkpoint at which passages are formed.")
    direction: str = described("`inbound` or `outbound`.")
    format: str = described("Name of the vendor format it speaks.")
    merge_window_seconds: float = strawberry.field(
        resolver=_merge_window, description="Readings of one vehicle no farther apart than this are one passage."
    )
    silent_after_seconds: float | None = strawberry.field(
        resolver=_silent_after, description="It is silent when it has said nothing for so long; null: it may be silent."
    )
    view: View | None = described("What its camera sees of a vehicle; null where nobody said.")
    direction_words: list[DirectionWord] = strawberry.field(
        resolver=_words, description="The vendor's words for a direction, and which each is here."
    )
    version: Int64 = described("One more than it was adjusted; who adjusts it may say which was seen.")
    withdrawn_at: datetime | None = described("Since when it may not push any more; null while it may.")

    @computed(DeviceState | None, "How it is, as its site sees it; null while it was never heard and may be silent.")
    async def state(self, info: Info) -> state.DeviceState | None:
        """Return how it is now at its site, and at other nodes as it was when that changed last."""
        code = str(self.code)
        doors = info.context.doors
        return doors.device_state(code) or await doors.views.entity(state.DeviceState, code)
