"""Devices are remembered between their pushes, and looked up again when anything about them changes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, cast

import pytest

from bus.live import Live
from bus.pushes.known_devices import KnownDevices
from bus.recorded import Recorded
from bus.replication.log import LogId
from domain.organisation.model import Device
from domain.organisation.views import OrganisationViews
from domain.shared.views import Page, Window
from tests.samples import MORNING, audited, device


class Register:
    """The devices on record, and how often they were asked for."""

    def __init__(self) -> None:
        self.live = Live()
        self.enrolled = {"cam-1": device(code="cam-1")}
        self.asked = 0
        self.change_meanwhile = False
        self.known = KnownDevices(cast("OrganisationViews", self), self.live)

    async def device(self, code: str) -> Device | None:
        self.asked += 1
        found = self.enrolled.get(code)
        if self.change_meanwhile:
            self.change_meanwhile = False
            self.move()
            self.tell("DeviceAdjusted")
            await asyncio.sleep(0)
        return found

    async def devices(self, window: Window) -> Page[Device]:
        self.asked += 1
        codes = sorted((code for code in self.enrolled if window.after is None or code < window.after), reverse=True)
        return Page(items=[self.enrolled[code] for code in codes[: window.limit]], more=len(codes) > window.limit)

    def move(self) -> None:
        self.enrolled["cam-1"] = replace(self.enrolled["cam-1"], lane=f"lane-{self.asked + 1}")

    def tell(self, kind: str) -> None:
        told: dict[str, Any] = {"id": "", "seq": 1, "hash": b"", "hlc": 1, "at": MORNING, "salt": b"", "body": b""}
        self.live.heard([Recorded(**told, log=LogId("centre", 1, "organisation"), kind=kind, event=audited())])


@pytest.fixture
async def register() -> AsyncIterator[Register]:
    """The devices on record, followed."""
    register = Register()
    following = asyncio.create_task(register.known.watch())
    await asyncio.sleep(0)
    yield register
    following.cancel()
    with suppress(asyncio.CancelledError):
        await following


async def test_a_device_is_asked_for_once_and_one_that_nobody_has_each_time(register: Register) -> None:
    assert await register.known.find("cam-1") == await register.known.find("cam-1") == register.enrolled["cam-1"]
    assert register.asked == 1
    assert [await register.known.find("cam-9"), await register.known.find("cam-9")] == [None, None]
    assert register.asked == 3
    assert await register.known.find("no code!") is None
    assert register.asked == 3


@pytest.mark.parametrize("kind", ["DeviceEnrolled", "DeviceKeyRenewed", "DeviceWithdrawn", "DeviceAdjusted"])
async def test_whatever_changes_is_looked_up_again(register: Register, kind: str) -> None:
    before = await register.known.find("cam-1")
    register.move()
    register.tell(kind)
    async with asyncio.timeout(5):
        while (after := await register.known.find("cam-1")) == before:  # noqa: ASYNC110 - nobody would set an event
            await asyncio.sleep(0)
    assert after == register.enrolled["cam-1"]


async def test_what_changes_while_it_is_looked_up_is_not_remembered(register: Register) -> None:
    register.change_meanwhile = True
    await register.known.find("cam-1")

    assert await register.known.find("cam-1") == register.enrolled["cam-1"]


async def test_those_of_a_site_are_asked_for_once_until_something_changes(register: Register) -> None:
    register.enrolled |= {f"cam-{number}": device(code=f"cam-{number}") for number in range(2, 700)}
    register.enrolled["cam-x"] = device(code="cam-x", site="terespol")
    first = await register.known.of_site("dorohusk")
    assert await register.known.of_site("dorohusk") is first
    assert {one.code for one in first} == register.enrolled.keys() - {"cam-x"}
    assert register.asked == 2
    register.tell("DeviceEnrolled")
    await asyncio.sleep(0)
    assert [one.code for one in await register.known.of_site("terespol")] == ["cam-x"]
    assert register.asked == 4
