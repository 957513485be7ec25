"""Pictures of a reading that come once it is on record: a device may tell first, and show later."""

from domain.registrations.events import PicturesAdded
from domain.registrations.ports import RegistrationsChange
from domain.registrations.sightings import Sighting


async def add_pictures(sighting: Sighting, change: RegistrationsChange) -> None:
    """Give a reading that is on record the pictures of what tells it again, unless it has some."""
    if not sighting.pictures:
        return
    reading = await change.readings.told(sighting.stand.device, sighting.vendor_id)
    if reading is not None and not reading.pictures:
        await change.record(
            PicturesAdded(reading_id=reading.id, registration_id=reading.registration_id, pictures=sighting.pictures)
        )
