"""Pushes that cannot be taken are kept, counted and settled, never dropped."""

import hashlib

import pytest

from domain.crossings.commands import QuarantinePush, SetPushAside, TakeReadings
from domain.crossings.errors import QuarantinedPushSettled, QuarantinedPushUnknown
from domain.crossings.model import QuarantineState
from domain.crossings.quarantine import QUARANTINE_BODY_MAX
from domain.crossings.readings import Push
from domain.shared.messages import Command
from domain.shared.texts import TextMissing
from tests.nodes import ALL, CAMERA, NodeInMemory, carry
from tests.samples import new_id, seen


async def quarantine(post: NodeInMemory, body: bytes = b"<broken", *, content_type: str = "text/xml") -> str:
    """Put a push in quarantine and return its id."""
    push_id: str = await post.do(
        QuarantinePush(
            device="cam-1",
            push=Push(content_type=content_type, body=body),
            size=len(body),
            reason="malformed",
            message="The XML is not well-formed.",
            received_at=post.clock.now(),
        ),
        CAMERA,
    )
    return push_id


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
