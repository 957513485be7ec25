"""When devices were heard, how their clocks go, and who is silent."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from adapters.memory.clock import START, SteppingClock
from bus.pushes.contacts import TIMES_KEPT, Contacts
from domain.devices.commands import ReportDevices
from domain.devices.model import Contact, DeviceState
from domain.organisation.model import Device
from domain.registrations.readings import PushContent
from domain.shared.errors import Unavailable
from tests.samples import device, seen

MINUTE = timedelta(minutes=1)
CAMERA = device(code="cam-1", site="dorohusk", silent_after=10 * MINUTE)


class Site:
    """What is on record, and what is known of the devices since the start."""

    def __init__(self) -> None:
        self.clock = SteppingClock()
        self.kept: dict[str, Contact] = {}
        self.recorded: dict[str, DeviceState] = {}
        self.enrolled: dict[str, Device] = {"cam-1": CAMERA}
        self.reports: list[tuple[DeviceState, ...]] = []
        self.is_away = False
        self.meanwhile: Callable[[], None] | None = None
        self.start()

    def start(self) -> None:
        self.known = Contacts("dorohusk", self, self, self.clock, report=self._report)

    async def contacts(self) -> Sequence[Contact]:
        return list(self.kept.values())

    async def entity(self, type_: Any, key: str) -> Any:
        assert type_ is DeviceState
        return self.recorded.get(key)

    async def find(self, code: str) -> Device | None:
        return self.enrolled.get(code)

    async def of_site(self, site: str) -> Sequence[Device]:
        return [device for device in self.enrolled.values() if device.site == site]

    async def _report(self, command: ReportDevices) -> None:
        if self.is_away:
            raise Unavailable
        if self.meanwhile is not None:
            self.meanwhile()
        self.reports.append(command.states)
        for state in command.states:
            if state.last_heard_at is not None:
                heard = Contact(device=state.code, heard_at=state.last_heard_at, pushes=state.pushes)
                self.kept[state.code] = heard
            if state.has_changed(self.recorded.get(state.code)):
                self.recorded[state.code] = state

    def hear(self, *offsets: float, retransmitted: bool = False) -> None:
        for offset in offsets or (None,):
            now = self.clock.now()
            self.known.heard("cam-1", now)
            if offset is not None:
                said = seen(device_time=now + timedelta(seconds=offset), retransmitted=retransmitted)
                self.known.told("cam-1", PushContent(seen=(said,)), now)

    def is_silent(self) -> bool:
        state = self.known.state("cam-1")
        assert state is not None
        return state.silent

    def offset(self) -> float | None:
        state = self.known.state("cam-1")
        return None if state is None else state.clock_offset_seconds


@pytest.fixture
def site() -> Site:
    return Site()


async def test_all_that_is_new_is_reported_at_once_and_nothing_else(site: Site) -> None:
    await site.known.turn()
    assert site.reports == []
    site.hear()
    site.hear()
    await site.known.turn()
    await site.known.turn()
    ((state,),) = site.reports
    assert (state.code, state.node, state.last_heard_at, state.pushes) == ("cam-1", "dorohusk", START, 2)
    assert [state] == site.known.states()


async def test_what_could_not_be_written_is_written_the_next_time(site: Site) -> None:
    site.hear()
    site.is_away = True
    with pytest.raises(Unavailable):
        await site.known.turn()
    site.is_away = False
    await site.known.turn()
    assert len(site.reports) == 1


async def test_what_is_heard_while_it_is_written_is_written_the_next_time(site: Site) -> None:
    site.hear()
    site.meanwhile = site.hear
    await site.known.turn()
    site.meanwhile = None
    await site.known.turn()
    assert [state.pushes for (state,) in site.reports] == [1, 2]


async def test_a_device_is_silent_when_it_says_nothing_for_too_long_and_then_heard_again(site: Site) -> None:
    site.hear()
    await site.known.turn()
    site.clock.step(10 * MINUTE)
    await site.known.turn()
    assert not site.is_silent()
    site.clock.step()
    await site.known.turn()
    assert site.is_silent()
    assert site.recorded["cam-1"].silent
    site.hear()
    assert not site.is_silent()
    await site.known.turn()
    assert not site.recorded["cam-1"].silent


@pytest.mark.parametrize("changes", [{"silent_after": None}, {"withdrawn_at": START}])
async def test_one_that_may_be_silent_or_is_withdrawn_is_never(site: Site, changes: dict[str, Any]) -> None:
    site.hear()
    site.clock.step(11 * MINUTE)
    await site.known.turn()
    assert site.is_silent()
    site.enrolled["cam-1"] = replace(CAMERA, **changes)
    await site.known.turn()
    assert not site.is_silent()


async def silent_from_the_beginning(site: Site) -> None:
    await site.known.turn()
    site.clock.step(10 * MINUTE)
    await site.known.turn()
    assert not site.is_silent()
    assert site.recorded == {}
    site.clock.step()
    await site.known.turn()
    assert site.recorded["cam-1"].silent
    assert site.recorded["cam-1"].last_heard_at is None
    assert site.kept == {}


async def test_one_that_was_never_heard_is_silent_after_its_time_until_it_is_heard(site: Site) -> None:
    await silent_from_the_beginning(site)
    site.hear()
    await site.known.turn()
    assert not site.recorded["cam-1"].silent
    assert site.kept["cam-1"].pushes == 1


async def test_one_that_is_enrolled_later_has_its_time_from_then(site: Site) -> None:
    site.enrolled.clear()
    await site.known.turn()
    site.clock.step(60 * MINUTE)
    site.enrolled["cam-1"] = CAMERA
    await site.known.turn()
    site.clock.step(10 * MINUTE)
    await site.known.turn()
    assert not site.is_silent()
    site.clock.step()
    await site.known.turn()
    assert site.is_silent()


@pytest.mark.parametrize("changes", [{"silent_after": None}, {"withdrawn_at": START}])
async def test_one_that_was_never_heard_is_silent_no_more_when_it_may_be_or_is_withdrawn(
    site: Site, changes: dict[str, Any]
) -> None:
    await silent_from_the_beginning(site)
    site.enrolled["cam-1"] = replace(CAMERA, **changes)
    await site.known.turn()
    assert not site.recorded["cam-1"].silent


@pytest.mark.parametrize("changes", [{"silent_after": None}, {"withdrawn_at": START}, {"site": "terespol"}])
async def test_nobody_waits_for_one_that_may_be_silent_is_withdrawn_or_elsewhere(
    site: Site, changes: dict[str, Any]
) -> None:
    site.enrolled["cam-1"] = replace(CAMERA, **changes)
    await site.known.turn()
    assert site.known.states() == []


async def test_one_that_was_never_heard_is_silent_after_a_restart_too_and_not_told_again(site: Site) -> None:
    await silent_from_the_beginning(site)
    site.start()
    site.reports.clear()
    await site.known.turn()
    assert site.is_silent()
    assert site.reports == []


async def test_what_is_known_outlives_the_program(site: Site) -> None:
    site.hear(2, 2, 2)
    await site.known.turn()
    site.clock.step(5 * MINUTE)
    site.start()
    site.hear()
    await site.known.turn()
    state = site.known.state("cam-1")
    assert state is not None
    assert (state.pushes, state.clock_offset_seconds) == (4, 2.0)


async def test_who_was_silent_before_a_restart_still_is_and_the_others_have_their_time_anew(site: Site) -> None:
    site.hear()
    await site.known.turn()
    site.clock.step(60 * MINUTE)
    site.start()
    await site.known.turn()
    assert not site.is_silent()
    assert site.known.states()[0].last_heard_at == START
    site.clock.step(11 * MINUTE)
    await site.known.turn()
    assert site.is_silent()
    site.start()
    await site.known.turn()
    assert site.is_silent()


async def test_the_offset_is_a_median_that_strays_and_old_readings_do_not_move(site: Site) -> None:
    site.hear(3, 3)
    assert site.offset() is None
    site.hear(3, -3000, 3.5, 3)
    assert site.offset() == 3
    site.hear(*[-60] * TIMES_KEPT, retransmitted=True)
    assert site.offset() == 3
    site.hear(*[-8.25] * TIMES_KEPT)
    assert site.offset() == -8.25


async def test_the_clock_of_a_device_that_is_withdrawn_matters_no_more(site: Site) -> None:
    site.hear(*[900] * TIMES_KEPT)
    await site.known.turn()
    assert site.offset() == 900
    site.enrolled["cam-1"] = replace(CAMERA, withdrawn_at=START)
    await site.known.turn()
    assert site.offset() is None
    site.start()
    await site.known.turn()
    assert site.offset() is None


async def test_no_time_gives_no_offset(site: Site) -> None:
    site.hear()
    site.known.told("cam-1", PushContent(seen=(seen(device_time=None),), heartbeat=True), START)
    site.known.told("nobody", PushContent(seen=(seen(),)), START)
    assert site.offset() is None
    assert site.known.state("nobody") is None


def state(offset: float | None = None, *, silent: bool = False, at: datetime | None = START) -> DeviceState:
    return DeviceState(
        code="cam-1", node="dorohusk", last_heard_at=at, clock_offset_seconds=offset, silent=silent, pushes=1
    )


@pytest.mark.parametrize(
    ("before", "now", "changed"),
    [
        (None, state(), True),
        (state(at=None), state(), True),
        (state(silent=True, at=None), state(silent=True, at=None), False),
        (state(), state(at=START + MINUTE), False),
        (state(), state(silent=True), True),
        (state(), state(0.2), True),
        (state(1), state(2), False),
        (state(1), state(2.1), True),
        (state(-1), state(0.5), True),
        (state(1), state(None), False),
    ],
)
def test_what_others_should_know(before: DeviceState | None, now: DeviceState, *, changed: bool) -> None:
    assert now.has_changed(before) is changed
