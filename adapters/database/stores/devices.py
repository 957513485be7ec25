"""When devices were heard last."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, select, update

from adapters.database.session import Session
from adapters.database.tables.devices import device_contact
from domain.devices.model import Contact

_KEEP: Final = (
    update(device_contact)
    .where(device_contact.c.device == bindparam("key"))
    .values(heard_at=bindparam("at"), pushes=bindparam("count"))
)
_ALL: Final = select(device_contact).order_by(device_contact.c.device)


class ContactStore:
    """When devices were heard last."""

    def __init__(self, session: Session) -> None:
        """Read and write through ``session``."""
        self._session = session

    async def keep(self, contact: Contact) -> None:
        """Keep it in place of what is known of the device."""
        if not await self._session.run(_KEEP, key=contact.device, at=contact.heard_at, count=contact.pushes):
            await self._session.add(device_contact, [(contact.device, contact.heard_at, contact.pushes)])

    async def all(self) -> Sequence[Contact]:
        """Return when each device was heard last, by its code."""
        rows = await self._session.rows(_ALL)
        return [Contact(device=row["device"], heard_at=row["heard_at"], pushes=row["pushes"]) for row in rows]
