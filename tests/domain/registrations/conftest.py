"""A site with cameras, and what they see."""

from datetime import timedelta
from typing import Any

import pytest

from domain.organisation.commands import EnrolDevice
from domain.registrations.commands import TakeReadings
from domain.registrations.intake import Taken
from tests.domain.registrations.sights import Look
from tests.nodes import CAMERA, OFFICER, NodeInMemory
from tests.samples import seen


@pytest.fixture
async def post(site: NodeInMemory) -> NodeInMemory:
    """The site with two cameras at one gate and one at another; each merges within 10 seconds."""
    for code, checkpoint in (("cam-1", "gate-1"), ("cam-2", "gate-1"), ("cam-3", "gate-2")):
        await site.do(
            EnrolDevice(
                code=code,
                site=site.name,
                lane="lane-1",
                checkpoint=checkpoint,
                direction="outbound",
                format="hikvision_isapi",
                key_digest="00" * 32,
            ),
            OFFICER,
        )
    return site


@pytest.fixture
def look(post: NodeInMemory) -> Look:
    """Have a camera see a plate so many seconds from the start and tell the site a second later, or when said."""
    began = post.clock.now()

    async def looked(
        plate: str, at: float = 0, *, device: str = "cam-1", told: float | None = None, **fields: Any
    ) -> Taken:
        received = began + timedelta(seconds=at + 1 if told is None else told)
        post.clock.set(received)
        reading = seen(plate, device_time=began + timedelta(seconds=at), **fields)
        taken: tuple[Taken] = await post.do(TakeReadings(device=device, seen=(reading,), received_at=received), CAMERA)
        return taken[0]

    return looked
