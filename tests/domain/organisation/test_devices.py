"""Enrolling devices, and the keys by which they prove themselves."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.organisation.commands import AdjustDevice, EnrolDevice, RenewDeviceKey, WithdrawDevice
from domain.organisation.errors import (
    CodeMalformed,
    DeviceTaken,
    DeviceUnknown,
    DeviceWithdrawnAlready,
    DirectionWordsMalformed,
    FormatUnknown,
    MergeWindowImpossible,
    PartChangedMeanwhile,
    SilenceImpossible,
)
from domain.organisation.model import View, digest
from domain.registrations.commands import TakeReadings
from domain.shared.errors import Refusal
from domain.shared.lanes import DirectionUnknown
from domain.shared.messages import Command
from domain.shared.texts import TextMissing
from tests.nodes import ALL, CAMERA, NodeInMemory, carry
from tests.samples import MORNING, device, seen

WISH = EnrolDevice(
    code="cam-1",
    site="dorohusk",
    lane="lane-1",
    checkpoint="gate-1",
    direction="inbound",
    format="hikvision_isapi",
    key_digest=digest("a key"),
)


async def test_a_device_is_enrolled_as_it_is_wished(centre: NodeInMemory) -> None:
    enrolled = await centre.do(WISH)

    assert await centre.views.device("cam-1") == enrolled
    assert (enrolled.site, enrolled.lane, enrolled.checkpoint) == ("dorohusk", "lane-1", "gate-1")
    assert (enrolled.direction, enrolled.format) == ("inbound", "hikvision_isapi")
    assert enrolled.merge_window == timedelta(seconds=10)
    assert [one.log.channel for one in centre.heard if one.kind == "DeviceEnrolled"] == ["organisation.dorohusk"]


@pytest.mark.parametrize(
    ("wish", "refusal", "path"),
    [
        (replace(WISH, code="Cam 1"), CodeMalformed, ("code",)),
        (replace(WISH, site=""), CodeMalformed, ("site",)),
        (replace(WISH, site="dorohusk.>"), CodeMalformed, ("site",)),
        (replace(WISH, lane="1"), CodeMalformed, ("lane",)),
        (replace(WISH, checkpoint="a" * 41), CodeMalformed, ("checkpoint",)),
        (replace(WISH, direction="both"), DirectionUnknown, ("direction",)),
        (replace(WISH, format="fax"), FormatUnknown, ("format",)),
    ],
)
async def test_a_wish_that_makes_no_sense_is_refused(
    centre: NodeInMemory, wish: EnrolDevice, refusal: type[Refusal], path: tuple[str, ...]
) -> None:
    with pytest.raises(refusal) as refused:
        await centre.do(wish)

    assert refused.value.path == path
    assert (await centre.views.devices(ALL)).items == []


async def test_an_unknown_format_is_answered_with_the_known_ones(centre: NodeInMemory) -> None:
    with pytest.raises(FormatUnknown) as refused:
        await centre.do(replace(WISH, format="fax"))

    assert refused.value.facts == {"known": ["hikvision_isapi", "plate_recognizer_stream"]}


async def test_a_code_is_given_once_in_the_whole_system(centre: NodeInMemory) -> None:
    await centre.do(WISH)

    with pytest.raises(DeviceTaken):
        await centre.do(replace(WISH, site="koroszczyn"))
    assert len((await centre.views.devices(ALL)).items) == 1


async def test_a_device_enrolled_at_the_centre_stands_at_its_site(centre: NodeInMemory, site: NodeInMemory) -> None:
    await centre.do(WISH)
    await carry(centre, site)

    assert await site.views.device("cam-1") == await centre.views.device("cam-1")


def test_a_device_accepts_its_own_key_alone() -> None:
    known = device(key_digest=digest("a key"))

    assert known.accepts("a key")
    assert not known.accepts("A key")
    assert not known.accepts("")
    assert not known.accepts(known.key_digest)
    assert not known.accepts("żółć")
    assert not known.withdrawn(MORNING).accepts("a key")


RENEWAL = RenewDeviceKey(code="cam-1", key_digest=digest("another key"))
WITHDRAWAL = WithdrawDevice(code="cam-1", reason="stolen")


async def test_another_key_takes_the_place_of_the_first(centre: NodeInMemory, site: NodeInMemory) -> None:
    enrolled = await centre.do(WISH)
    renewed = await centre.do(RENEWAL)
    await carry(centre, site)

    assert renewed == replace(enrolled, key_digest=digest("another key"))
    assert await centre.views.device("cam-1") == renewed
    assert await site.views.device("cam-1") == renewed
    assert [one.log.channel for one in centre.heard if one.kind == "DeviceKeyRenewed"] == ["organisation.dorohusk"]


async def test_a_device_is_withdrawn_for_good(centre: NodeInMemory, site: NodeInMemory) -> None:
    await centre.do(WISH)
    withdrawn = await centre.do(WITHDRAWAL)
    await carry(centre, site)

    assert withdrawn.withdrawn_at == centre.clock.now()
    assert await centre.views.device("cam-1") == withdrawn
    assert await site.views.device("cam-1") == withdrawn
    (event,) = centre.happened("DeviceWithdrawn")
    assert (event.site, event.reason, event.withdrawn_by) == ("dorohusk", "stolen", "anna")
    for again in (RENEWAL, WITHDRAWAL):
        with pytest.raises(DeviceWithdrawnAlready):
            await centre.do(again)
    with pytest.raises(DeviceTaken):
        await centre.do(WISH)


@pytest.mark.parametrize("wish", [RENEWAL, WITHDRAWAL])
async def test_what_is_not_on_the_books_is_neither_renewed_nor_withdrawn(centre: NodeInMemory, wish: Command) -> None:
    with pytest.raises(DeviceUnknown) as refused:
        await centre.do(wish)
    assert refused.value.path == ("deviceId",)


async def test_a_withdrawal_needs_a_reason(centre: NodeInMemory) -> None:
    await centre.do(WISH)
    with pytest.raises(TextMissing):
        await centre.do(replace(WITHDRAWAL, reason=" "))
    assert centre.happened("DeviceWithdrawn") == []


ADJUSTMENT = AdjustDevice(
    code="cam-1", silent_after=timedelta(minutes=5), view=View.REAR, direction_words={"forward": "outbound"}
)


async def test_a_device_is_adjusted_for_its_site(centre: NodeInMemory, site: NodeInMemory) -> None:
    await centre.do(WISH)
    adjusted = await centre.do(ADJUSTMENT)
    await carry(centre, site)

    assert (adjusted.silent_after, adjusted.view) == (timedelta(minutes=5), View.REAR)
    assert await site.views.device("cam-1") == adjusted
    again = await centre.do(AdjustDevice(code="cam-1", direction_words={}))
    assert (again.silent_after, again.view, again.direction_words) == (None, None, {})


async def test_who_adjusts_a_device_does_not_overwrite_what_somebody_else_adjusted(
    centre: NodeInMemory, site: NodeInMemory
) -> None:
    enrolled = await centre.do(WISH)
    first = await centre.do(replace(ADJUSTMENT, seen=enrolled.version))
    with pytest.raises(PartChangedMeanwhile) as refused:
        await centre.do(replace(ADJUSTMENT, view=View.FRONT, seen=enrolled.version))
    assert (refused.value.path, refused.value.facts) == (("seen",), {"version": 2})
    assert await centre.views.device("cam-1") == first

    await centre.do(RENEWAL)
    await centre.do(replace(ADJUSTMENT, view=View.FRONT, seen=first.version))
    last = await centre.do(replace(ADJUSTMENT, view=View.SIDE))
    await carry(centre, site)
    assert (enrolled.version, first.version, last.version) == (1, 2, 4)
    known = await site.views.device("cam-1")
    assert known is not None
    assert (known.version, known.view) == (4, View.SIDE)


@pytest.mark.parametrize(
    ("wish", "refusal"),
    [
        (replace(ADJUSTMENT, silent_after=timedelta(seconds=1)), SilenceImpossible),
        (replace(ADJUSTMENT, silent_after=timedelta(days=31)), SilenceImpossible),
        (replace(ADJUSTMENT, merge_window=timedelta(seconds=0.4)), MergeWindowImpossible),
        (replace(ADJUSTMENT, merge_window=timedelta(seconds=61)), MergeWindowImpossible),
        (replace(ADJUSTMENT, direction_words={"": "inbound"}), DirectionWordsMalformed),
        (replace(ADJUSTMENT, direction_words={str(word): "inbound" for word in range(21)}), DirectionWordsMalformed),
        (replace(ADJUSTMENT, direction_words={"forward": "ahead"}), DirectionUnknown),
        (replace(ADJUSTMENT, code="cam-2"), DeviceUnknown),
    ],
)
async def test_adjustments_that_make_no_sense_are_refused(
    centre: NodeInMemory, wish: AdjustDevice, refusal: type[Refusal]
) -> None:
    await centre.do(WISH)
    with pytest.raises(refusal):
        await centre.do(wish)


async def test_readings_are_merged_as_far_apart_as_their_device_says(centre: NodeInMemory, site: NodeInMemory) -> None:
    await centre.do(WISH)
    await centre.do(replace(ADJUSTMENT, merge_window=timedelta(seconds=30)))
    kept = await centre.do(ADJUSTMENT)
    await carry(centre, site)
    assert kept.merge_window == timedelta(seconds=30)
    for after in (0, 25, 56):
        sight = seen("WA 12345", vendor_id=str(after), device_time=MORNING + timedelta(seconds=after))
        await site.do(TakeReadings(device="cam-1", received_at=MORNING + timedelta(minutes=1), seen=(sight,)), CAMERA)
    assert len(site.happened("Registered")) == 2


async def test_a_word_that_means_a_direction_gives_it_to_the_registration(
    centre: NodeInMemory, site: NodeInMemory
) -> None:
    await centre.do(WISH)
    await centre.do(ADJUSTMENT)
    await carry(centre, site)
    for plate, word in (("WA 12345", "forward"), ("LU 99999", "sideways")):
        await site.do(TakeReadings(device="cam-1", received_at=MORNING, seen=(seen(plate, direction=word),)), CAMERA)

    directions = {one.registration.label: one.registration.direction for one in site.happened("Registered")}
    assert directions == {"WA12345": "outbound", "LU99999": "inbound"}
