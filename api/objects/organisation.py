"""Devices at the lanes of posts."""

from datetime import datetime

import strawberry

from api.objects.lens import Node, described, id_of, lens
from domain.organisation import model


def _merge_window(root: strawberry.Parent[model.Device]) -> float:
    return root.merge_window.total_seconds()


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
    withdrawn_at: datetime | None = described("Since when it may not push any more; null while it may.")
