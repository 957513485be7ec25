"""A rail yard with a portal over its track, and trains."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.organisation.commands import EnrolDevice
from domain.registrations.commands import TakeReadings
from domain.registrations.readings import CodeRead, TrainPassed
from domain.trains.commands import ContainerListed, DeclareTrain, WagonListed
from domain.trains.model import DifferenceKind, Train, TrainPassage
from tests.nodes import ALL, CAMERA, OFFICER, NodeInMemory
from tests.portals import code_read
from tests.samples import MORNING

WAGONS = ("31515385001-3", "31515385002-1", "31515385003-9", "31515385004-7", "31515385005-4", "31515385006-2")
BOXES = ("MSCU1234566", "CSQU3054383", "TASU1170000", "MSKU6011672")


def listed(wagons: Sequence[str] = WAGONS) -> tuple[WagonListed, ...]:
    """Return a list in which the first four wagons carry a container each."""
    boxes = dict(zip(WAGONS, BOXES, strict=False))
    return tuple(
        WagonListed(code=code, containers=(ContainerListed(code=boxes[code]),) if code in boxes else ())
        for code in wagons
    )


def declaration(**fields: Any) -> DeclareTrain:
    told: dict[str, Any] = {
        "number": "4711",
        "direction": "inbound",
        "track": "2",
        "expected_at": MORNING,
        "wagons": listed(),
    }
    return DeclareTrain(**{**told, **fields})


def passing(wagons: Sequence[str] = WAGONS, **fields: Any) -> list[CodeRead]:
    """Return what a portal reads of a train: each wagon and its container, two seconds apart."""
    boxes, codes = dict(zip(WAGONS, BOXES, strict=False)), []
    for place, code in enumerate(wagons, 1):
        at = MORNING + timedelta(seconds=2 * place)
        codes.append(code_read(code, position=place, device_time=at, **fields))
        if code in boxes:
            codes.append(code_read(boxes[code], kind="container", position=place, device_time=at, **fields))
    return codes


@dataclass(frozen=True, slots=True, kw_only=True)
class Yard:
    """A site with a portal."""

    site: NodeInMemory
    began: datetime = field(default=MORNING)

    async def read(self, *codes: CodeRead) -> None:
        """Have the portal read these, one push each."""
        for code in codes:
            await self._push(codes=(code,))

    async def tell(self, number: str = "4711", *, ended: bool = True) -> None:
        """Have the portal tell of a train, and of its end."""
        passed = TrainPassed(
            vendor_id=f"{number}/{ended}",
            train=number,
            track="2",
            began_at=MORNING,
            ended_at=MORNING + timedelta(minutes=2) if ended else None,
        )
        await self._push(trains=(passed,))

    async def _push(self, **told: Any) -> None:
        await self.site.do(TakeReadings(device="portal", received_at=self.site.clock.now(), **told), CAMERA)

    async def passages(self) -> Sequence[TrainPassage]:
        """Return all that passed, the newest on record first."""
        return (await self.site.views.entities(TrainPassage, ALL)).items

    async def train(self, train_id: str) -> Train:
        """Return a train as it stands."""
        train = await self.site.views.entity(Train, train_id)
        assert train is not None
        return train

    async def alarms(self) -> dict[DifferenceKind, str]:
        """Return the alarms that stand, each kind once."""
        items = [alarm for alarm in (await self.site.views.alarms(ALL)).items if alarm.ended_at is None]
        anomalies = [alarm for alarm in items if alarm.source.value == "anomaly"]
        found = {DifferenceKind(alarm.cause.split(":")[0]): alarm.text for alarm in anomalies}
        assert len(found) == len(anomalies)
        return found


@pytest.fixture
async def yard(site: NodeInMemory) -> Yard:
    """A site with a portal; the train of the tests has passed some minutes ago."""
    site.clock.set(MORNING + timedelta(minutes=3))
    await site.do(
        EnrolDevice(
            code="portal",
            site=site.name,
            lane="track-2",
            checkpoint="portal",
            direction="inbound",
            format="hikvision_isapi",
            key_digest="00" * 32,
        ),
        OFFICER,
    )
    return Yard(site=site)
