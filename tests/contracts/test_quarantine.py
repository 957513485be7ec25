"""Quarantine: what is held, what has left it, and how much there is of each device."""

import asyncio
from datetime import timedelta

import pytest

from bus.ports import WholeChange
from domain.registrations import quarantine
from domain.registrations.commands import QuarantinePush
from domain.registrations.events import PushReplayed, PushSetAside
from domain.registrations.model import QuarantinedPush, QuarantineTally
from domain.registrations.quarantine import quarantine_push
from domain.registrations.readings import Push
from domain.shared.quarantine import QuarantineState
from domain.shared.views import Page, Window
from tests.contracts.backends import Node, Receive
from tests.samples import MORNING, NODE, new_id, push_quarantined, quarantine_filled

ALL = Window(limit=100)
HOUR = timedelta(hours=1)


async def test_a_push_is_held_with_its_body(node: Node) -> None:
    event = push_quarantined()
    body = bytes(range(256)) * 20

    async def work(change: WholeChange) -> QuarantinedPush | None:
        await change.quarantine.keep(event.push_id, body)
        await change.record(event)
        return await change.quarantine.find(event.push_id)

    held = QuarantinedPush(
        id=event.push_id,
        node=NODE,
        device="cam-1",
        content_type="application/xml",
        digest="cd" * 32,
        size=40_000_000,
        truncated=True,
        reason="malformed",
        message="The XML is not well-formed.",
        received_at=MORNING,
    )
    assert await node.ask(work) == held
    assert await node.views.quarantined(event.push_id) == (held, body)
    assert await node.ask(lambda change: change.quarantine.find(new_id())) is None


async def test_a_push_without_its_body_is_not_handed_out(node: Node) -> None:
    event = push_quarantined()
    await node.record(event)

    assert await node.views.quarantined(event.push_id) is None
    assert await node.views.quarantined(new_id()) is None


async def test_a_push_leaves_quarantine_replayed_or_set_aside(node: Node) -> None:
    replayed, aside, held = push_quarantined(), push_quarantined(), push_quarantined()
    await node.record(replayed, aside, held)
    assert await node.views.quarantine_count() == 3
    await node.record(
        PushReplayed(push_id=replayed.push_id, readings=2), PushSetAside(push_id=aside.push_id, reason="śmieci")
    )

    found = {push.id: (push.state, push.note) for push in (await node.views.quarantine(Window(limit=10))).items}
    assert found == {
        replayed.push_id: (QuarantineState.REPLAYED, ""),
        aside.push_id: (QuarantineState.SET_ASIDE, "śmieci"),
        held.push_id: (QuarantineState.HELD, ""),
    }
    again = await node.ask(lambda change: change.quarantine.find(aside.push_id))
    assert again is not None
    assert (again.state, again.note) == (QuarantineState.SET_ASIDE, "śmieci")
    assert await node.views.quarantine_count() == 1


async def test_a_held_push_is_found_by_device_and_digest(node: Node) -> None:
    held, settled = push_quarantined(digest="aa"), push_quarantined(digest="bb")
    await node.record(held, settled, PushSetAside(push_id=settled.push_id, reason="known fault"))

    assert await node.ask(lambda change: change.quarantine.held(held.device, "aa")) == held.push_id
    assert await node.ask(lambda change: change.quarantine.held("another", "aa")) is None
    assert await node.ask(lambda change: change.quarantine.held(settled.device, "bb")) is None


async def tallies(node: Node) -> list[QuarantineTally]:
    return list((await node.views.quarantine_tallies(ALL)).items)


def tally(held: int, size: int, *, device: str = "cam-1", refused: int | None = 0) -> QuarantineTally:
    return QuarantineTally(device=device, node=NODE, held=held, size=size, refused=refused)


async def test_what_is_held_is_tallied_by_device(node: Node) -> None:
    assert await tallies(node) == []
    first, second = push_quarantined(size=100), push_quarantined(size=20)
    await node.record(first, second, push_quarantined(device="cam-2", size=3))

    assert await tallies(node) == [tally(1, 3, device="cam-2"), tally(2, 120)]
    await node.record(PushReplayed(push_id=first.push_id, readings=1))
    assert await tallies(node) == [tally(1, 3, device="cam-2"), tally(1, 20)]
    await node.record(PushSetAside(push_id=second.push_id, reason="x"))
    assert await tallies(node) == [tally(1, 3, device="cam-2"), tally(0, 0)]


async def test_a_push_leaves_the_tally_once(node: Node) -> None:
    push = push_quarantined(size=100)
    await node.record(push, push_quarantined(size=20))
    await node.record(PushReplayed(push_id=push.push_id, readings=1), PushSetAside(push_id=push.push_id, reason="x"))

    assert await tallies(node) == [tally(1, 20)]


async def test_the_tally_of_a_change_is_true_within_it(node: Node) -> None:
    async def work(change: WholeChange) -> list[QuarantineTally]:
        nothing = await change.quarantine.tally("cam-1")
        await change.record(push_quarantined(size=7))
        return [nothing, await change.quarantine.tally("cam-1"), await change.quarantine.tally("cam-2")]

    assert await node.ask(work) == [
        tally(0, 0, refused=None),
        tally(1, 7, refused=None),
        tally(0, 0, device="cam-2", refused=None),
    ]


async def test_a_device_is_full_until_one_of_its_pushes_leaves(node: Node) -> None:
    push, other = push_quarantined(), push_quarantined(device="cam-2")
    await node.record(push, other, quarantine_filled(at=MORNING + HOUR))

    assert [each.full_since for each in await tallies(node)] == [None, MORNING + HOUR]
    await node.record(push_quarantined(), PushSetAside(push_id=other.push_id, reason="x"))
    assert [each.full_since for each in await tallies(node)] == [None, MORNING + HOUR]
    await node.record(PushSetAside(push_id=push.push_id, reason="x"))
    assert [each.full_since for each in await tallies(node)] == [None, None]


async def test_a_device_can_be_full_with_nothing_held(node: Node) -> None:
    await node.record(quarantine_filled(held=0, size=0))

    assert [(each.held, each.full_since, each.refused) for each in await tallies(node)] == [(0, MORNING, 0)]


async def test_what_was_refused_is_counted_by_device(node: Node) -> None:
    await node.record(push_quarantined(size=1), push_quarantined(device="cam-2", size=1))

    async def work(change: WholeChange) -> None:
        await change.quarantine.count_refused("cam-1")

    for _ in range(3):
        await node.ask(work)
    assert await tallies(node) == [tally(1, 1, device="cam-2"), tally(1, 1, refused=3)]


async def test_another_site_counts_its_refusals_alone(node: Node, receive: Receive) -> None:
    push = push_quarantined(size=40)
    await receive(push, quarantine_filled())

    (theirs,) = await tallies(node)
    assert (theirs.node, theirs.held, theirs.size) == ("koroszczyn", 1, 40)
    assert (theirs.full_since, theirs.refused) == (MORNING, None)
    await receive(PushSetAside(push_id=push.push_id, reason="x"))
    (theirs,) = await tallies(node)
    assert (theirs.held, theirs.size, theirs.full_since) == (0, 0, None)


async def test_tallies_are_read_a_page_at_a_time(node: Node) -> None:
    await node.record(*(push_quarantined(device=f"cam-{number}") for number in range(3)))

    first = await node.views.quarantine_tallies(Window(limit=2))
    assert ([each.device for each in first.items], first.more) == (["cam-2", "cam-1"], True)
    rest = await node.views.quarantine_tallies(Window(limit=2, after="cam-1"))
    assert ([each.device for each in rest.items], rest.more) == (["cam-0"], False)
    assert await node.views.quarantine_tallies(Window(limit=2, after="cam-0")) == Page(items=[], more=False)


def junk(number: int, size: int = 10) -> QuarantinePush:
    return QuarantinePush(
        device="cam-1",
        push=Push(content_type="text/plain", body=number.to_bytes(size)),
        size=size,
        reason="malformed",
        message="It is junk.",
        received_at=MORNING,
    )


async def send(node: Node, *pushes: QuarantinePush) -> list[str | None]:
    """Quarantine pushes at once, each in a change of its own."""

    async def one(push: QuarantinePush) -> str | None:
        return await node.ask(lambda change: quarantine_push(push, change))

    return list(await asyncio.gather(*(one(push) for push in pushes)))


@pytest.mark.parametrize(("most_bytes", "most_pushes"), [(1000, 3), (35, 100), (30, 100)])
async def test_pushes_that_come_at_once_do_not_exceed_the_budget(
    node: Node, monkeypatch: pytest.MonkeyPatch, most_bytes: int, most_pushes: int
) -> None:
    monkeypatch.setattr(quarantine, "DEVICE_BYTES_MAX", most_bytes)
    monkeypatch.setattr(quarantine, "DEVICE_PUSHES_MAX", most_pushes)

    kept = [push_id for push_id in await send(node, *map(junk, range(8))) if push_id is not None]

    assert len(kept) == 3
    assert {push.id for push in (await node.views.quarantine(ALL)).items} == set(kept)
    for push_id in kept:
        assert await node.views.quarantined(push_id) is not None
    (full,) = await tallies(node)
    assert (full.held, full.size, full.refused, full.full_since) == (3, 30, 5, node.clock.now())
    assert [one.kind for one in node.heard if one.kind == "QuarantineFilled"] == ["QuarantineFilled"]
