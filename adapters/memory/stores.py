"""What a change answers to the questions of the modules and of the dispatcher."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from adapters.memory.tables import Answered, Tables
from bus.ports import Answers, Reactions
from domain.alarms.model import Alarm, AlarmState
from domain.alarms.ports import Alarms
from domain.devices.model import Contact
from domain.devices.ports import Contacts
from domain.organisation.events import VehicleClass
from domain.organisation.model import Device
from domain.organisation.ports import Devices
from domain.registrations.measurements import Measurement
from domain.registrations.model import QuarantinedPush, QuarantineTally, Reading, Registration
from domain.registrations.passage import voted_class
from domain.registrations.passages import Extent, Nearby
from domain.registrations.ports import NEARBY_MAX, Lanes, Quarantine, Readings, Registrations, Stand
from domain.shared.quarantine import QuarantineState
from domain.visits.ports import LABELLED_MAX
from domain.watchlist.model import Entry
from domain.watchlist.ports import Entries

_INSTANT = timedelta(microseconds=1)


class MemoryAnswers(Answers):
    """First answers to commands."""

    def __init__(self, tables: Tables, now: datetime) -> None:
        """Answer within a change made at ``now``."""
        self._tables = tables
        self._now = now

    async def find(self, actor: str, key: str) -> tuple[bytes, bytes] | None:
        """Return digest of the command and encoded answer, or None."""
        found = self._tables.answers.get(actor, key)
        return None if found is None else (found.digest, found.answer)

    async def keep(self, actor: str, key: str, digest: bytes, answer: bytes) -> None:
        """Keep an answer."""
        self._tables.answers.put(Answered(digest=digest, answer=answer, at=self._now), actor, key)

    async def forget(self, before: datetime) -> None:
        """Drop answers older than ``before``."""
        for key, answered in self._tables.answers.items():
            if answered.at < before:
                self._tables.answers.drop(*key)


class MemoryReactions(Reactions):
    """Reactions that are due."""

    def __init__(self, tables: Tables) -> None:
        """Answer from ``tables``."""
        self._tables = tables

    async def note(self, event_id: str, name: str) -> None:
        """Note that a reaction to one of this node's events is due."""
        body = self._tables.own_events.get(event_id)
        assert body is not None  # noqa: S101 - only what is on record calls for a reaction
        self._tables.due.put((event_id, body), name, event_id)

    async def due(self, name: str, after: str | None, limit: int) -> Sequence[tuple[str, bytes]]:
        """Return ids and bytes of the events to which a reaction is due, oldest first, from behind ``after``."""
        return self._tables.due.between((name, f"{after or ''}\0"), (f"{name}\0",))[:limit]

    async def drop(self, event_id: str, name: str) -> bool:
        """Drop one; False when it was no longer due."""
        return self._tables.due.drop(name, event_id)


class MemoryLanes(Lanes):
    """Where devices stand."""

    def __init__(self, tables: Tables, node: str) -> None:
        """Answer for the site ``node``."""
        self._tables = tables
        self._node = node

    async def stand_of(self, device: str) -> Stand | None:
        """Return where a device stands at this site, or None."""
        found = self._tables.devices.get(device)
        if found is None or found.site != self._node:
            return None
        return Stand(
            device=found.code,
            lane=found.lane,
            checkpoint=found.checkpoint,
            direction=found.direction,
            merge_window=max(each.merge_window for each in self._at(found)),
            direction_words=found.direction_words,
            view=found.view,
            has_views=any(each.view for each in self._at(found)),
        )

    def _at(self, known: Device) -> Sequence[Device]:
        """Return all devices at the checkpoint of one."""
        place = known.site, known.checkpoint
        return [each for each in self._tables.devices.all() if (each.site, each.checkpoint) == place]


class MemoryReadings(Readings):
    """The readings on record."""

    def __init__(self, tables: Tables) -> None:
        """Answer from ``tables``."""
        self._tables = tables

    async def find(self, device: str, vendor_id: str) -> Nearby | None:
        """Return the reading that ``device`` calls ``vendor_id``, or None."""
        found = self._tables.observations.get(device, vendor_id)
        return None if found is None else self._tables.kept(found)

    async def told(self, device: str, vendor_id: str) -> Reading | None:
        """Return the same as it stands on record, or None."""
        found = self._tables.observations.get(device, vendor_id)
        readings = [] if found is None else self._tables.readings.under(found.registration_id)
        return next((one for one in readings if (one.device, one.vendor_id) == (device, vendor_id)), None)

    async def near(self, checkpoint: str, since: datetime, until: datetime) -> Sequence[Nearby]:
        """Return readings at the checkpoint between the two times, newest first."""
        found = self._tables.sightings.between((checkpoint, since), (checkpoint, until + _INSTANT))
        return [self._tables.kept(one) for one in reversed(found[-NEARBY_MAX:])]

    async def extent(self, registration_id: str, lane: str) -> Extent | None:
        """Return from when to when the passage of a registration that was kept was read in a lane, or None."""
        in_lane = (self._tables.kept(one) for one in self._tables.sightings.all() if one.lane == lane)
        of_it = [one for one in in_lane if one.registration_id == registration_id]
        if not of_it:
            return None
        return Extent(
            first_at=min(one.seen_at for one in of_it),
            last_at=max(one.seen_at for one in of_it),
            views=frozenset(one.view for one in of_it),
        )

    async def lanes_of(self, registration_id: str) -> Sequence[str]:
        """Return the lanes in which the passage of a registration that was kept was read, in order."""
        all_ = map(self._tables.kept, self._tables.sightings.all())
        return sorted({one.lane for one in all_ if one.registration_id == registration_id})

    async def vehicle_class(self, registration_ids: Iterable[str], without: str | None = None) -> VehicleClass | None:
        """Return of which class a vehicle is by the readings of its registrations, or None."""
        readings = {one.id: one for each in registration_ids for one in self._tables.passage(each)[1]}
        return voted_class((one.vehicle_type, one.confidence) for key, one in readings.items() if key != without)

    async def measured(self, checkpoint: str, since: datetime, until: datetime) -> Sequence[Measurement]:
        """Return the measurements at the checkpoint between the two times, oldest first."""
        found = [one for one in self._tables.entities[Measurement].all() if one.checkpoint == checkpoint]
        return sorted((one for one in found if since <= one.at <= until), key=lambda one: (one.at, one.id))


class MemoryRegistrations(Registrations):
    """The registrations on record."""

    def __init__(self, tables: Tables) -> None:
        """Answer from ``tables``."""
        self._tables = tables

    async def find(self, registration_id: str) -> Registration | None:
        """Return one registration, or None."""
        return self._tables.registrations.get(registration_id)

    async def labelled(self, label: str, since: datetime, until: datetime) -> Sequence[Registration]:
        """Return the registrations of this label that were seen between two times, the newest first."""
        found = [
            one for one in self._tables.registrations.all() if one.label == label and since <= one.seen_at <= until
        ]
        return found[: -LABELLED_MAX - 1 : -1]


class MemoryQuarantine(Quarantine):
    """Pushes that could not be taken."""

    def __init__(self, tables: Tables, node: str, *, has_room: bool) -> None:
        """Answer for ``node``, on whose disk there is room or none."""
        self._tables = tables
        self._node = node
        self._has_room = has_room

    async def has_room(self) -> bool:
        """Tell whether the node's disk has room for what it can do without."""
        return self._has_room

    async def find(self, push_id: str) -> QuarantinedPush | None:
        """Return a push without its body, or None."""
        return self._tables.pushes.get(push_id)

    async def held(self, device: str, digest: str) -> str | None:
        """Return the id of a push of this device and digest that is held, or None."""
        wanted = (device, digest, QuarantineState.HELD)
        held = (push.id for push in self._tables.pushes.all() if (push.device, push.digest, push.state) == wanted)
        return next(held, None)

    async def keep(self, push_id: str, body: bytes) -> None:
        """Keep the body of a push."""
        self._tables.bodies.put(body, push_id)

    async def tally(self, device: str) -> QuarantineTally:
        """Return how much of this device is held."""
        return self._tables.tallies.get(device) or QuarantineTally(device=device, node=self._node)

    async def count_refused(self, device: str) -> None:
        """Count one more push that was not kept."""
        self._tables.refused.put((self._tables.refused.get(device) or 0) + 1, device)


class MemoryContacts(Contacts):
    """When devices were heard last."""

    def __init__(self, tables: Tables) -> None:
        """Keep in ``tables``."""
        self._tables = tables

    async def keep(self, contact: Contact) -> None:
        """Keep it in place of what is known of the device."""
        self._tables.contacts.put(contact, contact.device)


class MemoryEntries(Entries):
    """The watchlist entries on record."""

    def __init__(self, tables: Tables) -> None:
        """Answer from ``tables``."""
        self._tables = tables

    async def find(self, entry_id: str) -> Entry | None:
        """Return one entry, or None."""
        return self._tables.entries.get(entry_id)


class MemoryDevices(Devices):
    """The devices known."""

    def __init__(self, tables: Tables) -> None:
        """Answer from ``tables``."""
        self._tables = tables

    async def find(self, code: str) -> Device | None:
        """Return the device of this code, or None."""
        return self._tables.devices.get(code)

    async def stand_at(self, site: str, *, lane: str = "", checkpoint: str = "") -> bool:
        """Tell whether a device that is in service stands at a site, lane or checkpoint."""
        in_service = [one for one in self._tables.devices.all() if one.site == site and one.withdrawn_at is None]
        return any(
            one.lane == (lane or one.lane) and one.checkpoint == (checkpoint or one.checkpoint) for one in in_service
        )


class MemoryAlarms(Alarms):
    """The alarms on record."""

    def __init__(self, tables: Tables, node: str) -> None:
        """Answer for ``node``, which decides its own alarms alone."""
        self._tables = tables
        self._node = node

    async def find(self, alarm_id: str) -> Alarm | None:
        """Return one alarm, or None."""
        return self._tables.alarms.get(alarm_id)

    async def open_for(self, label: str, cause: str, since: datetime | None) -> Sequence[Alarm]:
        """Return this node's own alarms for the object and cause that are not taken, or later than ``since``."""
        found = [self._tables.alarms.get(one) for one in self._tables.causes.under(self._node, label, cause)]
        return [alarm for alarm in reversed(found) if alarm is not None and _is_open(alarm, since)]

    async def standing(self, label: str, cause: str) -> Sequence[Alarm]:
        """Return this node's own alarms for the object and cause that have not ended."""
        found = [self._tables.alarms.get(one) for one in self._tables.causes.under(self._node, label, cause)]
        return [alarm for alarm in reversed(found) if alarm is not None and alarm.ended_at is None]


def _is_open(alarm: Alarm, since: datetime | None) -> bool:
    taken = alarm.acknowledged_at
    return alarm.state is AlarmState.RAISED or (since is not None and taken is not None and taken > since)
