"""Pushes that cannot be taken are kept within a budget per device, counted and settled."""

import hashlib

import pytest

from domain.alarms.commands import AcknowledgeAlarm
from domain.alarms.model import AlarmSource
from domain.registrations import quarantine as budget
from domain.registrations.commands import QuarantinePush, SetPushAside, TakeReadings
from domain.registrations.errors import QuarantinedPushSettled, QuarantinedPushUnknown
from domain.registrations.quarantine import QUARANTINE_BODY_MAX
from domain.registrations.readings import Push
from domain.shared.messages import Command
from domain.shared.quarantine import QuarantineState
from domain.shared.texts import TextMissing
from tests.nodes import ALL, CAMERA, NodeInMemory, carry
from tests.samples import new_id, seen


async def send(
    post: NodeInMemory, body: bytes = b"<broken", *, content_type: str = "text/xml", device: str = "cam-1"
) -> str | None:
    """Have a push that cannot be read quarantined and return its id, or None when there is no room."""
    push_id: str | None = await post.do(
        QuarantinePush(
            device=device,
            push=Push(content_type=content_type, body=body),
            size=len(body),
            reason="malformed",
            message="The XML is not well-formed.",
            received_at=post.clock.now(),
        ),
        CAMERA,
    )
    return push_id


async def quarantine(post: NodeInMemory, body: bytes = b"<broken", *, content_type: str = "text/xml") -> str:
    """Put a push in quarantine and return its id."""
    push_id = await send(post, body, content_type=content_type)
    assert push_id is not None
    return push_id


async def test_without_room_on_the_disk_pushes_are_counted_and_nothing_is_put_on_record(post: NodeInMemory) -> None:
    held = await quarantine(post)
    post.changes.has_room = False
    assert await send(post, b"<another") is None
    assert await send(post) == held
    assert await refused(post) == 1
    assert (await post.views.alarms(ALL)).items == []
    post.changes.has_room = True
    assert await send(post, b"<another") is not None


async def refused(post: NodeInMemory, device: str = "cam-1") -> int | None:
    """Return how many pushes of a device were not kept."""
    tallies = (await post.views.quarantine_tallies(ALL)).items
    return next(each.refused for each in tallies if each.device == device)


def replay(push_id: str, post: NodeInMemory) -> TakeReadings:
    return TakeReadings(device="cam-1", seen=(seen(),), received_at=post.clock.now(), push_id=push_id)


async def state_of(post: NodeInMemory, push_id: str) -> QuarantineState:
    found = await post.views.quarantined(push_id)
    assert found is not None
    return found[0].state


async def test_a_push_is_kept_as_it_came(post: NodeInMemory) -> None:
    push_id = await quarantine(post, b"\x00\xff<broken")

    found = await post.views.quarantined(push_id)
    assert found is not None
    push, body = found
    assert body == b"\x00\xff<broken"
    assert (push.id, push.node, push.device, push.state) == (push_id, "dorohusk", "cam-1", QuarantineState.HELD)
    assert (push.size, push.truncated, push.digest) == (9, False, hashlib.sha256(body).hexdigest())
    assert (push.reason, push.message) == ("malformed", "The XML is not well-formed.")
    assert await post.views.quarantine_count() == 1


async def test_of_a_push_too_large_to_keep_the_head_is_kept(post: NodeInMemory) -> None:
    push_id = await quarantine(post, bytes(QUARANTINE_BODY_MAX + 1))

    found = await post.views.quarantined(push_id)
    assert found is not None
    push, body = found
    assert (len(body), push.size, push.truncated) == (QUARANTINE_BODY_MAX, QUARANTINE_BODY_MAX + 1, True)
    assert push.digest == hashlib.sha256(body).hexdigest()


async def test_an_overlong_content_type_is_cut(post: NodeInMemory) -> None:
    push_id = await quarantine(post, content_type="x" * 5000)

    found = await post.views.quarantined(push_id)
    assert found is not None
    assert found[0].content_type == "x" * 200


async def test_the_body_does_not_travel(post: NodeInMemory, centre: NodeInMemory) -> None:
    push_id = await quarantine(post)
    await carry(post, centre)

    assert [push.id for push in (await centre.views.quarantine(ALL)).items] == [push_id]
    assert await centre.views.quarantined(push_id) is None


async def test_a_replayed_push_leaves_quarantine_with_its_readings_taken(post: NodeInMemory) -> None:
    push_id = await quarantine(post)
    (taken,) = await post.do(replay(push_id, post))

    assert taken.status == "registered"
    assert await state_of(post, push_id) is QuarantineState.REPLAYED
    assert [event.readings for event in post.happened("PushReplayed")] == [1]
    assert await post.views.quarantine_count() == 0


async def test_a_push_is_set_aside_for_a_reason(post: NodeInMemory) -> None:
    push_id = await quarantine(post)
    with pytest.raises(TextMissing):
        await post.do(SetPushAside(push_id=push_id, reason="  "))
    assert await state_of(post, push_id) is QuarantineState.HELD

    await post.do(SetPushAside(push_id=push_id, reason="a firmware test"))
    found = await post.views.quarantined(push_id)
    assert found is not None
    assert (found[0].state, found[0].note) == (QuarantineState.SET_ASIDE, "a firmware test")


@pytest.mark.parametrize("first", ["replayed", "set aside"])
@pytest.mark.parametrize("second", ["replayed", "set aside"])
async def test_a_push_leaves_quarantine_once(post: NodeInMemory, first: str, second: str) -> None:
    push_id = await quarantine(post)
    settle: dict[str, Command] = {
        "replayed": replay(push_id, post),
        "set aside": SetPushAside(push_id=push_id, reason="x"),
    }
    await post.do(settle[first])
    before = len(post.happened("ReadingTaken"))

    with pytest.raises(QuarantinedPushSettled):
        await post.do(settle[second])
    assert len(post.happened("ReadingTaken")) == before


async def test_only_what_is_held_here_can_be_settled(post: NodeInMemory, centre: NodeInMemory) -> None:
    push_id = await quarantine(post)
    await carry(post, centre)

    with pytest.raises(QuarantinedPushUnknown):
        await post.do(SetPushAside(push_id=new_id(), reason="x"))
    with pytest.raises(QuarantinedPushUnknown):
        await post.do(replay(new_id(), post))
    with pytest.raises(QuarantinedPushUnknown):
        await centre.do(SetPushAside(push_id=push_id, reason="x"))
    assert post.happened("ReadingTaken") == []


async def test_the_same_push_again_is_held_once_until_it_is_settled(post: NodeInMemory) -> None:
    first = await quarantine(post)
    assert await quarantine(post) == first
    assert await quarantine(post, b"<broken too") != first
    assert await post.views.quarantine_count() == 2

    await post.do(SetPushAside(push_id=first, reason="known fault"))
    assert await quarantine(post) != first
    assert await post.views.quarantine_count() == 2


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for two pushes of a device, of 20 bytes together."""
    monkeypatch.setattr(budget, "DEVICE_PUSHES_MAX", 2)
    monkeypatch.setattr(budget, "DEVICE_BYTES_MAX", 20)


@pytest.mark.usefixtures("narrow")
async def test_beyond_the_count_nothing_is_kept_and_nothing_older_is_dropped(post: NodeInMemory) -> None:
    kept = [await send(post, b"1"), await send(post, b"2")]

    assert await send(post, b"3") is None
    assert await send(post, b"4") is None
    assert {push.id for push in (await post.views.quarantine(ALL)).items} == set(kept)
    assert len(post.changes.tables.bodies.all()) == 2
    assert await refused(post) == 2


@pytest.mark.usefixtures("narrow")
async def test_beyond_the_bytes_nothing_is_kept(post: NodeInMemory) -> None:
    assert await send(post, bytes(21)) is None
    assert await send(post, bytes(15)) is not None
    assert await send(post, bytes(6)) is None
    assert await send(post, bytes(5)) is not None
    assert await refused(post) == 2


@pytest.mark.usefixtures("narrow")
async def test_what_is_held_already_needs_no_room(post: NodeInMemory) -> None:
    first = await quarantine(post, b"1")
    await quarantine(post, b"2")

    assert await send(post, b"1") == first
    assert await refused(post) == 0


@pytest.mark.usefixtures("narrow")
async def test_one_device_leaves_room_for_the_others(post: NodeInMemory) -> None:
    for body in (b"1", b"2", b"3"):
        await send(post, body)

    assert await send(post, b"1", device="cam-2") is not None
    assert await refused(post, "cam-2") == 0


@pytest.mark.usefixtures("narrow")
async def test_the_first_refusal_alone_is_put_on_record_and_raises_an_alarm(post: NodeInMemory) -> None:
    for number in range(50):
        await send(post, bytes([number]))
    assert await refused(post) == 48

    (filled,) = post.happened("QuarantineFilled")
    assert (filled.node, filled.device, filled.lane) == ("dorohusk", "cam-1", "lane-1")
    assert (filled.held, filled.size, filled.at) == (2, 2, post.clock.now())
    (alarm,) = (await post.views.alarms(ALL)).items
    assert (alarm.source, alarm.cause, alarm.label, alarm.lane) == (
        AlarmSource.FAULT,
        "quarantine:full",
        "cam-1",
        "lane-1",
    )
    assert (alarm.priority, alarm.repeats) == (1, 0)
    assert [one.log.channel for one in post.heard if one.kind == "QuarantineFilled"] == ["technical"]


@pytest.mark.usefixtures("narrow")
async def test_room_that_was_made_is_used_and_the_next_refusal_is_told_again(post: NodeInMemory) -> None:
    first, second = await quarantine(post, b"1"), await quarantine(post, b"2")
    await send(post, b"3")
    await post.do(SetPushAside(push_id=first, reason="known fault"))

    assert await send(post, b"4") is not None
    assert len(post.happened("QuarantineFilled")) == 1
    assert await send(post, b"5") is None
    assert len(post.happened("QuarantineFilled")) == 2
    (alarm,) = (await post.views.alarms(ALL)).items
    assert alarm.repeats == 1

    await post.do(AcknowledgeAlarm(alarm_id=alarm.id))
    await post.do(replay(second, post))
    await quarantine(post, b"6")
    assert await send(post, b"7") is None
    assert len((await post.views.alarms(ALL)).items) == 2


@pytest.mark.usefixtures("narrow")
async def test_the_centre_sees_that_a_device_is_full(post: NodeInMemory, centre: NodeInMemory) -> None:
    for body in (b"1", b"2", b"3"):
        await send(post, body)
    await carry(post, centre)

    (tally,) = (await centre.views.quarantine_tallies(ALL)).items
    assert (tally.node, tally.held, tally.size, tally.refused) == ("dorohusk", 2, 2, None)
    assert tally.full_since == post.clock.now()
    assert [alarm.cause for alarm in (await centre.views.alarms(ALL)).items] == ["quarantine:full"]


@pytest.mark.usefixtures("narrow")
async def test_a_device_that_stands_nowhere_here_any_more_is_full_all_the_same(site: NodeInMemory) -> None:
    for body in (b"1", b"2", b"3"):
        await send(site, body, device="cam-9")
    assert [(each.device, each.lane) for each in site.happened("QuarantineFilled")] == [("cam-9", "")]


def test_the_budget_is_what_it_is_said_to_be() -> None:
    assert (budget.DEVICE_BYTES_MAX, budget.DEVICE_PUSHES_MAX) == (64 * 1024 * 1024, 10_000)
