"""Records batches with one event of every kind, as a release sends them: ``python -m tests.released.record 0.1.0``.

Run once for each tagged version and never again: later versions must read what stands there.
"""

import asyncio
import json
import sys
from pathlib import Path

import msgspec

from bus.catalogue import EVENTS
from bus.replication import pack
from domain.alarms.events import AlarmAcknowledged, AlarmRaised, AlarmRepeated
from domain.crossings.events import PushReplayed, PushSetAside, Registered
from domain.organisation.events import DeviceEnrolled
from domain.shared.messages import Event
from domain.watchlist.events import EntryActivated, EntrySubmitted, EntryWithdrawn
from tests.contracts.backends import memory
from tests.samples import (
    MORNING,
    alarm,
    audited,
    device,
    device_withdrawn,
    entry,
    key_renewed,
    linked,
    match,
    push_quarantined,
    quarantine_filled,
    reading_taken,
    registration,
    rescreened,
    screening,
    submitted,
    traveller,
)

HERE = Path(__file__).parent


def one_of_each() -> list[Event]:
    """Return an event of every kind, with all fields filled."""
    first, second, push = reading_taken(), reading_taken(), push_quarantined()
    person = registration(traveller=traveller(), screening=screening(matches=(match(),)))
    sought, raised = entry(("WA 12345", "PL")), alarm()
    return [
        first,
        second,
        linked(first, second),
        Registered(registration=person),
        rescreened(person),
        push,
        quarantine_filled(),
        PushReplayed(push_id=push.push_id, readings=1),
        PushSetAside(push_id=push.push_id, reason="test drive"),
        AlarmRaised(alarm=raised),
        AlarmRepeated(alarm_id=raised.id, registration_id=person.id, at=MORNING),
        AlarmAcknowledged(alarm_id=raised.id, acknowledged_by="anna", acknowledged_at=MORNING),
        EntrySubmitted(entry=submitted()),
        EntryActivated(entry=sought),
        EntryWithdrawn(
            entry_id=sought.id,
            scope=sought.scope,
            was_active=True,
            reason="found",
            withdrawn_by="anna",
            withdrawn_at=MORNING,
        ),
        DeviceEnrolled(device=device()),
        key_renewed(device()),
        device_withdrawn(device()),
        audited(),
    ]


async def record(version: str) -> None:
    """Write a batch per log, and what its events say as JSON beside it."""
    events = one_of_each()
    missing = set(EVENTS) - {type(event) for event in events}
    if missing:
        raise SystemExit(f"no sample of {missing}")
    folder = HERE / version
    folder.mkdir(exist_ok=True)
    async with memory("hrebenne") as node:
        await node.record(*events)
        for held in await node.logs.held():
            before, records = await node.logs.read(held.log, 1, 500)
            (folder / f"{held.log.channel}.batch").write_bytes(pack(held.log, 1, before, records).data)
            said = [
                {"kind": one.kind, "event": msgspec.to_builtins(one.event)} for one in node.heard if one.log == held.log
            ]
            text = json.dumps(said, ensure_ascii=False, indent=1)
            (folder / f"{held.log.channel}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(record(sys.argv[1]))
