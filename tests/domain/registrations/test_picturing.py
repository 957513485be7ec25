"""Pictures that come once their reading is on record."""

import pytest

from domain.registrations.commands import TakeReadings
from domain.registrations.model import KeptPicture
from tests.domain.registrations.sights import Look
from tests.nodes import CAMERA, NodeInMemory
from tests.samples import seen

CROP = KeptPicture(hash="ab" * 32, size=9, media_type="image/jpeg", shows="plate")
SCENE = KeptPicture(hash="cd" * 32, size=9, media_type="image/jpeg", shows="scene")


async def told_again(post: NodeInMemory, *pictures: KeptPicture) -> str:
    """Have the camera tell its ``event-7`` with pictures; return what became of it."""
    reading = seen("WA 12345", vendor_id="event-7")
    command = TakeReadings(device="cam-1", seen=(reading,), received_at=post.clock.now(), pictures=pictures)
    (taken,) = await post.do(command, CAMERA)
    return str(taken.status)


@pytest.mark.parametrize("linked", [False, True], ids=["alone", "linked to another since"])
async def test_a_reading_told_again_with_pictures_has_them(post: NodeInMemory, look: Look, *, linked: bool) -> None:
    await look("WA 12345", at=0, vendor_id="earlier")
    taken = await look("WA 12345", at=15, vendor_id="event-7")
    if linked:
        await look("WA 12345", at=8, told=17)
    before = len(post.heard)

    assert await told_again(post, CROP, SCENE) == "duplicate"

    (reading,) = [one for one in await post.views.readings([taken.registration_id]) if one.vendor_id == "event-7"]
    assert reading.pictures == (CROP, SCENE)
    (added,) = post.happened("PicturesAdded")
    assert (added.reading_id, added.registration_id) == (reading.id, taken.registration_id)
    assert len(post.heard) == before + 1


async def test_a_reading_that_has_pictures_keeps_those(post: NodeInMemory) -> None:
    assert [await told_again(post, *shown) for shown in ((CROP,), (SCENE,), ())] == ["registered", *["duplicate"] * 2]

    assert post.happened("PicturesAdded") == []
    (reading,) = await post.views.readings([post.happened("ReadingTaken")[0].registration_id])
    assert reading.pictures == (CROP,)


async def test_what_is_told_again_without_pictures_is_not_put_on_record(post: NodeInMemory, look: Look) -> None:
    await look("WA 12345", vendor_id="event-7")
    before = len(post.heard)

    assert await told_again(post) == "duplicate"
    assert len(post.heard) == before


async def test_pictures_are_added_once(post: NodeInMemory, look: Look) -> None:
    await look("WA 12345", vendor_id="event-7")
    await told_again(post, CROP)
    await told_again(post, CROP, SCENE)

    assert [added.pictures for added in post.happened("PicturesAdded")] == [(CROP,)]
