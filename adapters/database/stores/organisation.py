"""Devices within a change."""

from datetime import timedelta

import msgspec
from sqlalchemy import Text, bindparam, or_, select

from adapters.database.session import Row, Session
from adapters.database.tables.organisation import device
from domain.organisation.model import Device, View

_DEVICE = select(device).where(device.c.code == bindparam("code"))
_STANDING = (
    select(device.c.code)
    .where(
        device.c.site == bindparam("site"),
        device.c.withdrawn_at.is_(None),
        or_(bindparam("lane", type_=Text) == "", device.c.lane == bindparam("lane")),
        or_(bindparam("checkpoint", type_=Text) == "", device.c.checkpoint == bindparam("checkpoint")),
    )
    .limit(1)
)
_WORDS = msgspec.json.Decoder(dict[str, str])


class DeviceStore:
    """The devices known at this node."""

    def __init__(self, session: Session) -> None:
        """Read through ``session``."""
        self._session = session

    async def find(self, code: str) -> Device | None:
        """Return the device of this code, or None."""
        row = await self._session.row(_DEVICE, code=code)
        return None if row is None else to_device(row)

    async def stand_at(self, site: str, *, lane: str = "", checkpoint: str = "") -> bool:
        """Tell whether a device that is in service stands at a site, lane or checkpoint."""
        return await self._session.row(_STANDING, site=site, lane=lane, checkpoint=checkpoint) is not None


def to_device(row: Row) -> Device:
    """Map a row of ``device``."""
    return Device(
        code=row["code"],
        site=row["site"],
        lane=row["lane"],
        checkpoint=row["checkpoint"],
        direction=row["direction"],
        format=row["format"],
        key_digest=row["key_digest"],
        merge_window=timedelta(seconds=row["merge_window_seconds"]),
        withdrawn_at=row["withdrawn_at"],
        silent_after=None if row["silent_after_seconds"] is None else timedelta(seconds=row["silent_after_seconds"]),
        view=None if row["view"] is None else View(row["view"]),
        direction_words={} if row["direction_words"] is None else _WORDS.decode(row["direction_words"]),
        version=row["version"] or 1,
    )
