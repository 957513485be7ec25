"""Which faults a node sees, each at its threshold."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bus.link.heartbeats import ChildStatus, milliseconds
from bus.link.returns import NOT_OURS
from bus.link.stopped import Stopped
from bus.link.wire import Stream
from bus.replication import LogId
from bus.verification.differences import Difference, Fault, Side, Verification
from bus.watch.condition import Certificate, Condition, Disk
from bus.watch.progress import Unmoved, Waiting, Way
from bus.watch.rules import CAUSES, faults
from bus.watch.thresholds import Thresholds
from domain.upkeep.model import DroppedBatches
from tests.bus.watch.conditions import EPOCH, NOW, ago, child, condition, link, log, wire
from tests.samples import device_state

USUAL = Thresholds()
LONG_AGO = ago(100_000)
WAITING = {"seq": 12, "parent": 9, "centre": 9}
STILL = Stopped(
    origin="koroszczyn", epoch=EPOCH, channel="alarms", seq=4, reason="OverflowError", since=ago(5), kept=True
)

GIB = 1 << 30


def found(seen: Condition) -> list[tuple[str, str, int]]:
    return [(fault.cause, fault.label, fault.priority) for fault in faults(seen, USUAL, LONG_AGO).values()]


def texts(seen: Condition) -> list[str]:
    return [fault.text for fault in faults(seen, USUAL, LONG_AGO).values()]


def test_all_is_well() -> None:
    assert found(condition()) == []


def test_a_parent_is_silent_when_it_has_not_answered_for_long() -> None:
    silent = {"up": False, "answered_at": ago(121)}
    both = condition(link=link(parent=(wire(Stream.ALARMS, **silent), wire(Stream.BULK, **silent))))
    one = condition(link=link(parent=(wire(Stream.ALARMS), wire(Stream.BULK, **silent))))
    assert found(both) == found(one) == [("silent", "central", 2)]
    assert texts(both)[0].endswith("(alarms, bulk)")
    assert texts(one)[0].endswith("(bulk)")

    assert found(condition(link=link(parent=(wire(up=False, answered_at=ago(120)),)))) == []
    assert found(condition(link=link(parent=(wire(up=True, answered_at=ago(121)),)))) == []


def test_a_parent_that_never_answered_is_silent_since_the_node_began() -> None:
    never = condition(link=link(parent=(wire(up=False, answered_at=None),)))
    assert list(faults(never, USUAL, ago(121))) == [("silent", "central")]
    assert list(faults(never, USUAL, ago(119))) == []


@pytest.mark.parametrize(
    ("heard", "is_silent"),
    [
        ({}, True),
        ({Stream.BULK: ago(121)}, True),
        ({Stream.BULK: ago(121), Stream.ALARMS: ago(119)}, False),
        ({Stream.BULK: ago(119)}, False),
    ],
)
def test_a_child_is_silent_when_it_has_not_said_hello_for_long(heard: dict[Stream, Any], *, is_silent: bool) -> None:
    seen = condition(link=link(children={"koroszczyn": child(heard=heard)}))
    assert found(seen) == ([("silent", "koroszczyn", 2)] if is_silent else [])


def test_a_child_that_never_said_hello_has_time_since_the_node_began() -> None:
    never = condition(link=link(children={"koroszczyn": child(heard={})}))
    assert list(faults(never, USUAL, ago(60))) == []


@pytest.mark.parametrize(("seconds", "is_silent"), [(119, False), (121, True)])
def test_a_child_that_was_invited_has_time_since_then(seconds: float, *, is_silent: bool) -> None:
    seen = condition(link=link(children={"koroszczyn": child(heard={}, let_in=ago(seconds))}))
    assert found(seen) == ([("silent", "koroszczyn", 2)] if is_silent else [])


@pytest.mark.parametrize(
    ("since", "heard", "is_mute"),
    [(ago(301), ago(1), True), (ago(299), ago(1), False), (ago(301), ago(121), False), (None, ago(1), False)],
)
def test_a_child_is_mute_when_it_is_heard_and_its_alarms_wait_there(since: Any, heard: Any, *, is_mute: bool) -> None:
    seen = condition(link=link(children={"koroszczyn": child(heard={Stream.BULK: heard}, alarms_wait_since=since)}))
    assert (("mute", "koroszczyn", 1) in found(seen)) is is_mute


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({**WAITING, "waiting_since": ago(9), "waits_here_since": ago(9)}, ago(9)),
        ({**WAITING, "waiting_since": ago(9), "parent": 10, "waits_here_since": ago(8)}, ago(8)),
        ({**WAITING, "waiting_since": ago(9), "parent": 12}, None),
        ({"waiting_since": None}, None),
    ],
)
def test_a_node_says_since_when_its_alarms_wait_there(fields: dict[str, Any], said: Any) -> None:
    facts = log(**WAITING, waiting_since=ago(500), waits_here_since=ago(500))
    health = condition(logs=(facts, log(channel="alarms", **fields))).health(NOW)
    assert health.alarms == (None if said is None else milliseconds(said))


def unmoved(seconds: float, channel: str = "facts") -> Unmoved:
    waiting = Waiting(way=Way.UP, of=LogId("lublin", EPOCH, channel), at=(9,), left=3)
    return Unmoved(waiting=waiting, since=ago(seconds))


@pytest.mark.parametrize(("seconds", "is_stuck"), [(301, True), (300, False)])
def test_a_log_is_stuck_when_it_has_not_got_on_for_long(seconds: float, *, is_stuck: bool) -> None:
    assert found(condition(unmoved=[unmoved(seconds)])) == ([("stuck", "lublin facts", 2)] if is_stuck else [])
    assert found(condition(unmoved=[unmoved(seconds, "alarms")])) == (
        [("stuck", "lublin alarms", 1)] if is_stuck else []
    )


def test_what_does_not_come_down_is_stuck_as_well_under_the_name_of_its_feed() -> None:
    feed = Waiting(way=Way.DOWN, of=LogId("central", EPOCH, "watchlist.pl"), left=3)
    copy = Waiting(way=Way.DOWN, of=LogId("dorohusk", EPOCH, "alarms"), left=2)
    load = Waiting(way=Way.LOAD, of="watchlist.lublin", left=8, trouble="Gone('watchlist.lublin')" + "x" * 1000)
    seen = condition(unmoved=[Unmoved(waiting=one, since=ago(301)) for one in (feed, copy, load)])
    assert found(seen) == [
        ("stuck", "watchlist.pl", 2),
        ("stuck", "dorohusk alarms", 1),
        ("stuck", "watchlist.lublin", 2),
    ]
    assert "Gone('watchlist.lublin')" in texts(seen)[2]
    assert max(len(text) for text in texts(seen)) <= 200


def test_the_age_of_events_says_nothing_about_being_stuck() -> None:
    assert found(condition(logs=(log(**WAITING, waiting_since=ago(90_000)),))) == []


def test_a_log_that_stands_still_is_told_with_its_reason() -> None:
    seen = condition(link=link(stopped=(STILL,)))
    assert found(seen) == [("standstill", "koroszczyn alarms", 1)]
    assert "OverflowError" in texts(seen)[0]


def test_a_fork_is_urgent() -> None:
    forked = wire(forked=(LogId("lublin", EPOCH, "facts"),))
    assert found(condition(link=link(parent=(forked,)))) == [("forked", "lublin facts", 1)]


@pytest.mark.parametrize(("seconds", "told"), [(11, [("cloned", "lublin", 1)]), (9, [])])
def test_a_node_that_its_parent_refuses_for_longer_than_a_restart_takes_is_cloned(
    seconds: int, told: list[tuple[str, str, int]]
) -> None:
    refused = wire(up=False, refused=True, answered_at=ago(seconds))
    assert found(condition(link=link(parent=(refused,)))) == told


@pytest.mark.parametrize(
    ("refused", "is_told"),
    [
        ((ago(20), ago(1)), True),
        ((ago(9), ago(1)), False),
        ((ago(200), ago(121)), False),
        (None, False),
    ],
)
def test_a_child_for_which_two_processes_speak_is_cloned(refused: Any, *, is_told: bool) -> None:
    seen = condition(link=link(children={"koroszczyn": child(refused=refused)}))
    assert found(seen) == ([("cloned", "koroszczyn", 1)] if is_told else [])


def test_what_cannot_be_shown_is_told_once_per_log() -> None:
    logs = (log(quarantined=2), log(epoch=8, quarantined=1), log(channel="audit", quarantined=0))
    assert found(condition(logs=logs)) == [("quarantine", "lublin facts", 2)]


def test_batches_that_could_not_be_taken_are_told_once() -> None:
    assert found(condition(held_batches=3)) == [("quarantine", "lublin batches", 2)]
    assert texts(condition(held_batches=3)) == ["3 batches of neighbours are held that could not be taken"]


def test_what_is_given_back_without_the_nodes_seal_is_told() -> None:
    assert found(condition(link=link(tally={NOT_OURS: 2}))) == [("unsealed", "lublin", 1)]
    assert found(condition(link=link(tally={NOT_OURS: 0, "return_unreadable": 2}))) == []


@pytest.mark.parametrize(("seconds", "told"), [(86_399, [("dropped", "koroszczyn", 1)]), (86_401, [])])
def test_batches_that_had_to_make_room_are_told_for_a_day(seconds: int, told: list[tuple[str, str, int]]) -> None:
    assert found(condition(dropped_batches=[DroppedBatches(child="koroszczyn", count=3, last_at=ago(seconds))])) == told


@pytest.mark.parametrize(("offset", "is_off"), [(60.0, False), (60.5, True), (-61.0, True), (None, False)])
def test_a_clock_that_is_far_off_is_told(offset: float | None, *, is_off: bool) -> None:
    of_child = condition(link=link(children={"koroszczyn": child(clock_offset=offset)}))
    of_parent = condition(link=link(parent=(wire(clock_offset=offset), wire(Stream.ALARMS, clock_offset=offset))))
    assert found(of_child) == ([("clock", "koroszczyn", 2)] if is_off else [])
    assert found(of_parent) == ([("clock", "central", 2)] if is_off else [])


def test_events_from_the_future_tell_of_a_clock_for_a_while() -> None:
    assert found(condition(clocks_ahead={"terespol": ago(119)})) == [("clock", "terespol", 2)]
    assert found(condition(clocks_ahead={"terespol": ago(121)})) == []


@pytest.mark.parametrize(("days", "told"), [(31, []), (29, [3]), (-1, [1])])
def test_a_certificate_is_told_before_it_ends_and_more_urgently_after(days: int, told: list[int]) -> None:
    certificate = Certificate(owner="koroszczyn", expires_at=NOW + timedelta(days=days))
    assert found(condition(certificates=(certificate,))) == [("certificate", "koroszczyn", one) for one in told]


@pytest.mark.parametrize(("free", "is_low"), [(10, False), (9, True), (0, True)])
def test_a_disk_that_is_nearly_full_is_told(free: int, *, is_low: bool) -> None:
    assert found(condition(disk=Disk(free=free, room=100))) == ([("disk", "lublin", 1)] if is_low else [])


def test_what_a_site_gives_up_is_told_step_by_step_and_a_region_gives_up_nothing() -> None:
    def labels(free: int, **fields: Any) -> list[str]:
        return [label for _, label, _ in found(condition(disk=Disk(free=free * GIB, room=100 * GIB), **fields))]

    assert [labels(free, sheds=True) for free in (10, 9, 7, 4, 2)] == [
        [],
        ["lublin"],
        ["lublin", "lublin pictures"],
        ["lublin", "lublin pictures", "lublin extras"],
        ["lublin", "lublin pictures", "lublin extras", "lublin history"],
    ]
    assert labels(2) == ["lublin"]


def difference(*, repaired: bool = False) -> Difference:
    return Difference(table="alarm", of="lublin", row="1", fault=Fault.MISSING, side=Side.HERE, repaired=repaired)


def verification(*differences: Difference) -> Verification:
    return Verification(here="lublin", there="central", started_at=ago(9), finished_at=ago(1), differences=differences)


@pytest.mark.parametrize(
    ("compared", "told"),
    [
        (None, []),
        (verification(), []),
        (verification(difference(repaired=True)), []),
        (verification(difference(repaired=True), difference()), [("different", "lublin central", 2)]),
    ],
)
def test_nodes_that_differ_are_told_until_they_do_not(
    compared: Verification | None, told: list[tuple[str, str, int]]
) -> None:
    assert found(condition(link=link(verification=compared))) == told


@pytest.mark.parametrize(("hours", "is_told"), [(None, False), (48.9, False), (49.1, True)])
def test_nodes_that_could_not_be_compared_for_three_nights_are_told(hours: float | None, *, is_told: bool) -> None:
    why = ("everything: the parent is out of reach", *(["x" * 100] * 9))
    since = None if hours is None else ago(hours * 3600)
    compared = replace(verification(), not_compared=why, incomplete_since=since)
    seen = condition(link=link(verification=compared))
    assert found(seen) == ([("unverified", "lublin central", 2)] if is_told else [])
    assert all(why[0] in text and len(text) <= 200 for text in texts(seen))


def test_a_stream_that_the_broker_could_not_write_is_urgent() -> None:
    seen = condition(link=link(unwritable={Stream.BULK: "no space left on device"}))
    assert found(seen) == [("broker", "lublin bulk", 1)]
    assert "no space left on device" in texts(seen)[0]


def test_all_at_once_and_every_cause_is_a_known_one() -> None:
    silent_child = ChildStatus(heard={}, health=None, clock_offset=3600.0, held={})
    seen = condition(
        logs=(log(quarantined=1),),
        unmoved=[unmoved(900)],
        link=link(
            parent=(wire(forked=(LogId("lublin", EPOCH, "facts"),)),),
            children={
                "koroszczyn": silent_child,
                "dorohusk": child(refused=(ago(20), ago(1)), alarms_wait_since=ago(900)),
            },
            stopped=(STILL,),
            verification=replace(verification(difference()), incomplete_since=ago(1_000_000)),
            unwritable={Stream.BULK: "no space left on device"},
            tally={NOT_OURS: 1},
        ),
        certificates=(Certificate(owner="lublin", expires_at=NOW),),
        disk=Disk(free=1, room=100),
        dropped_batches=[DroppedBatches(child="koroszczyn", count=1, last_at=NOW)],
        devices=[device_state(silent=True, clock_offset_seconds=-11.0)],
    )
    assert {cause for cause, _ in faults(seen, USUAL, LONG_AGO)} == set(CAUSES)
    assert max(len(text) for text in texts(seen)) <= 200


def test_a_silent_device_and_a_clock_that_is_off_are_told_by_their_codes() -> None:
    devices = [
        device_state(code="cam-1", silent=True, clock_offset_seconds=None),
        device_state(code="cam-2", silent=False, clock_offset_seconds=-10.4),
        device_state(code="cam-3", silent=False, clock_offset_seconds=10.0),
    ]
    told = found(condition(devices=devices))
    assert [(cause, label) for cause, label, _ in told] == [("device_silent", "cam-1"), ("device_clock", "cam-2")]
    assert "10 s behind" in texts(condition(devices=devices))[1]
    never = [device_state(last_heard_at=None, clock_offset_seconds=None)]
    assert texts(condition(devices=never)) == ["This device has said nothing since it was enrolled"]
