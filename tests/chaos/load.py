"""The load: cameras push, officers raise and take alarms, analysts seek, an administrator erases registrations.

All of them ask through the public interfaces.

Everybody repeats what was not answered, word for word, until it is.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any
from uuid import uuid4

import httpx

from api.ids import global_id, parted
from domain.shared.actors import Role
from sites.demo.cameras import SHAPES, Shot, Sight
from sites.demo.lanes import LANES, Camera, cameras
from sites.demo.officers import ACKNOWLEDGE, RAISE
from sites.demo.topology import CENTRE, COUNTRY, Topology
from sites.demo.traffic import Traffic
from sites.demo.wanted import APPROVE, CREATE
from sites.desk import Desk, Refused
from tests.chaos.book import Answered, Book, What

ALARMS_EVERY, ENTRIES_EVERY, ERASURES_EVERY = 0.5, 1.0, 1.0
ERASED_OF = 100
"""Erased is one of so many of the latest answers: on its way yet, or everywhere."""
AGAIN_AFTER = 0.25
FINISHES_WITHIN = 120.0
VALID = timedelta(days=30)
_TAKEN = frozenset({"registered", "merged", "duplicate"})

HOPELESS = 40
_UNKNOWN = frozenset({"ALARM_UNKNOWN", "ENTRY_UNKNOWN", "NOTHING_TO_ERASE"})
_DONE_ALREADY = frozenset({"ALARM_ACKNOWLEDGED_ALREADY", "ENTRY_NOT_SUBMITTED"})

ERASE = """mutation Erase($input: EraseInput!) {
  erase(input: $input) { __typename ... on EraseSuccess { erasures { id } } ... on Problem { code message } }
}
"""

Wish = dict[str, Any]


class GivenUp(Exception):  # noqa: N818 - named by what happened
    """Something cannot be done: it went with a database that was restored."""


class Load:
    """Everybody who asks something of the nodes.

    Attributes:
        book: what was answered.
    """

    def __init__(self, topology: Topology, http: httpx.AsyncClient, *, rate: float, seed: int) -> None:
        """Push ``rate`` vehicles a second at each site, at most, the same for the same seed."""
        self.book = Book()
        self._topology = topology
        self._http = http
        self._rate = rate
        self._seed = seed
        self._ending = asyncio.Event()
        self._cameras: Mapping[str, Sequence[Camera]] = {}

    async def prepare(self) -> None:
        """Enrol the cameras.

        Raises:
            DemoFailed: a site does not hear of them.
        """
        self._cameras = await cameras(self._topology, self._http)

    @asynccontextmanager
    async def running(self) -> Any:
        """Ask on and on as long as the block; `finish` ends it."""
        tasks = [asyncio.create_task(voice) for voice in self._voices()]
        try:
            yield
            await self._finish(tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _finish(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        """Wait for the answers that are still expected."""
        self._ending.set()
        done, late = await asyncio.wait(tasks, timeout=FINISHES_WITHIN)
        self.book.unanswered += [task.get_name() for task in late]
        for task in done:
            task.result()

    def _voices(self) -> Iterator[Coroutine[Any, Any, None]]:
        for site, theirs in self._cameras.items():
            traffic = Traffic(site, self._seed)
            for camera in theirs:
                yield self._push_vehicles(site, camera, traffic, len(theirs) / self._rate)
            yield self._raise_alarms(site)
        yield self._seek()
        yield self._erase()

    async def _push_vehicles(self, site: str, camera: Camera, traffic: Traffic, pause: float) -> None:
        chance = random.Random(camera.code)  # noqa: S311 - not secret
        for number in self._pauses(lambda: chance.uniform(0, 2 * pause)):
            await number
            vehicle = traffic.vehicle()
            sight = Sight(
                camera=camera.code,
                number=next(_SIGHTS),
                plate=vehicle.plate,
                country=vehicle.country,
                kind=vehicle.kind,
                confidence=0.9,
                at=datetime.now(UTC),
            )
            asked_at = time.monotonic()
            taken = await self._insist(partial(self._push, camera, SHAPES[camera.lane.format][0](sight)))
            self._enter(
                "registration", camera.code, site, taken["registrationId"], label=vehicle.plate, asked_at=asked_at
            )

    async def _push(self, camera: Camera, shot: Shot) -> dict[str, Any]:
        headers = {"Authorization": camera._authorization, "Content-Type": shot.content_type}
        answer = await self._http.post(camera._url, content=shot.body, headers=headers)
        content = answer.json()
        if content.get("status") not in _TAKEN:
            raise Refused(f"push {answer.status_code} {content.get('status')}", content)
        return dict(content["readings"][0])

    async def _raise_alarms(self, site: str) -> None:
        desk = self._topology.desk(site, f"officer-{site}", (Role.OFFICER,))
        for number in self._pauses(lambda: ALARMS_EVERY):
            await number
            label = f"alarm-{next(_SIGHTS)}"
            wish = {"lane": LANES[0].code, "label": label, "priority": 3, "text": "A look into the boot, please"}
            asked_at = time.monotonic()
            alarm = (await self._ask(desk, RAISE, wish))["alarm"]["id"]
            self._enter("alarm", f"officer-{site}", site, _local(alarm), label=label, asked_at=asked_at)
            asked_at = time.monotonic()
            with suppress(GivenUp):
                await self._ask(desk, ACKNOWLEDGE, {"alarmId": alarm})
                self._enter("acknowledgement", f"officer-{site}", site, _local(alarm), label=label, asked_at=asked_at)

    async def _seek(self) -> None:
        author, approver = (self._topology.desk(CENTRE, name, (Role.ANALYST,)) for name in ("bogdan", "celina"))
        scopes = [COUNTRY, *self._cameras]
        for number in self._pauses(lambda: ENTRIES_EVERY):
            await number
            scope = scopes[len(self.book.answered) % len(scopes)]
            entry = (await self._ask(author, CREATE, _sought(scope)))["entry"]["id"]
            asked_at = time.monotonic()
            with suppress(GivenUp):
                await self._ask(approver, APPROVE, {"entryId": entry})
                self._enter("entry", "celina", CENTRE, _local(entry), label=scope, asked_at=asked_at)

    async def _erase(self) -> None:
        desk = self._topology.desk(CENTRE, "ewa", (Role.ADMINISTRATOR,))
        chance = random.Random(f"ewa/{self._seed}")  # noqa: S311 - not secret
        for number in self._pauses(lambda: ERASURES_EVERY):
            await number
            latest = [one for one in self.book.answered[-ERASED_OF:] if one.what == "registration"]
            if not (left := [one for one in latest if one not in self.book.to_erase]):
                continue
            one = chance.choice(left)
            self.book.to_erase.append(one)
            wish = {"ids": [global_id("Registration", one.id)], "reason": "On request", "legalBasis": "GDPR, art. 17"}
            asked_at = time.monotonic()
            with suppress(GivenUp):
                (erasure,) = (await self._ask(desk, ERASE, wish))["erasures"]
                self._enter("erasure", "ewa", CENTRE, _local(erasure["id"]), label=one.node, asked_at=asked_at)
                self.book.erased[_local(erasure["id"])] = one.id

    def _pauses(self, seconds: Callable[[], float]) -> Iterator[Awaitable[None]]:
        """Yield pauses until the load shall end."""
        while not self._ending.is_set():
            yield self._pause(seconds())

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._ending.wait()

    async def _ask(self, desk: Desk, document: str, wish: Wish) -> dict[str, Any]:
        wish = {"idempotencyKey": str(uuid4()), **wish}
        return await self._insist(lambda: desk.ask(document, wish))

    async def _insist(self, ask: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        """Ask until the node does it.

        Raises:
            GivenUp: it does not know what it should be done to, and it is as if it never had.
        """
        hopeless = 0
        while True:
            try:
                return await ask()
            except Refused as refusal:
                self.book.refusals[refusal.code] += 1
                if refusal.code in _DONE_ALREADY:
                    return {}
                hopeless += refusal.code in _UNKNOWN
                if hopeless > HOPELESS:
                    self.book.given_up[refusal.code] += 1
                    raise GivenUp from refusal
            except (httpx.TransportError, ValueError):
                self.book.refusals["no answer"] += 1
            await asyncio.sleep(AGAIN_AFTER)

    def _enter(self, what: What, voice: str, node: str, entered: str, *, label: str, asked_at: float) -> None:
        self.book.answered.append(
            Answered(what=what, voice=voice, node=node, id=entered, label=label, asked_at=asked_at, at=time.monotonic())
        )


def _sought(scope: str) -> Wish:
    return {
        "title": "Vehicle reported stolen",
        "category": "SEIZE",
        "priority": 1,
        "legalBasis": "Union Customs Code, art. 46",
        "instructions": "Do not let it move on; call the police.",
        "scope": scope,
        "validUntil": (datetime.now(UTC) + VALID).isoformat(),
        "criteria": [{"kind": "plate", "value": f"CHAOS{next(_SIGHTS)}", "country": "PL"}],
    }


def _local(global_id: str) -> str:
    return parted(global_id)[1]


_SIGHTS = count(1)
