"""The play: cameras see vehicles, officers see persons, analysts seek some of them."""

import asyncio
import random
import time
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

import httpx

from domain.shared.actors import Role
from sites.demo.book import Book, Passing
from sites.demo.cameras import SHAPES, Shot, Sight
from sites.demo.ears import Ears
from sites.demo.junk import junk
from sites.demo.lanes import Camera, cameras, expect
from sites.demo.officers import Officer
from sites.demo.organisation import set_up
from sites.demo.papers import Travellers
from sites.demo.show import Show
from sites.demo.topology import CENTRE, Topology
from sites.demo.traffic import POSTS, Traffic, Vehicle
from sites.demo.waiting import DemoFailed, until
from sites.demo.wanted import Wanted

SOUGHT_EVERY, FIRST_SOUGHT = 30, 3
PERSON_EVERY = 5.0
FINISHES_WITHIN = 30.0
SECONDS_A_DAY = 86_400
JUNK_EVERY = 4.0
NEXT_READING = (0.2, 0.4)


class Play:
    """Everybody who acts in the demo.

    Attributes:
        book: what was done and heard.
    """

    def __init__(self, topology: Topology, http: httpx.AsyncClient, show: Show, *, rate: float, seed: int) -> None:
        """Let ``rate`` vehicles a second pass, over all sites in their proportions; the same for the same seed."""
        sites = [site.code for site in topology.of_role("site")]
        per_day = sum(POSTS[site].per_day for site in sites)
        self.book = Book()
        self._topology = topology
        self._http = http
        self._show = show
        self._rates = {site: rate * POSTS[site].per_day / per_day for site in sites}
        self._faster = rate * SECONDS_A_DAY / per_day
        self._traffic = {site: Traffic(site, seed) for site in sites}
        travellers = {site: Travellers(site, seed) for site in sites}
        self._chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self._wanted = Wanted(topology, self._traffic, travellers, show)
        self._officers = {
            site: Officer(
                site,
                topology.desk(site, f"demo-officer-{site}", (Role.OFFICER,)),
                book=self.book,
                travellers=travellers[site],
                sought=partial(self._wanted.passport, site),
            )
            for site in sites
        }
        self._ears = Ears(topology, self.book, show, self._take)
        self._cameras: Mapping[str, Sequence[Camera]] = {}
        self._doing: asyncio.TaskGroup | None = None
        self._sights = count(time.time_ns())  # a number is never used twice, in no play on this machine

    async def listen(self) -> None:
        """Hear what the nodes tell, until cancelled; runs beside all else."""
        await self._ears.listen()

    async def prepare(self) -> None:
        """Set up the organisation, enrol cameras, issue entries, wait until both are known at the sites, test the line.

        Raises:
            DemoFailed: something does not come true in time.
        """
        administrator = self._topology.desk(CENTRE, "demo-administrator", (Role.ADMINISTRATOR,))
        await set_up(administrator, self._officers)
        self._cameras = await cameras(self._topology, self._http)
        await self._wanted.begin()
        await until(self._line_tested, "every node hears the alarms of every site below it")

    async def run(self, ending: asyncio.Event) -> None:
        """Act until ``ending`` is set, then finish what has begun.

        Raises:
            DemoFailed: a site does not answer as it must, or not in time.
        """
        self._show.say(f"{sum(self._rates.values()):g} vehicles a second: a real day, {self._faster:.0f} times as fast")
        try:
            async with asyncio.timeout(None) as patience, asyncio.TaskGroup() as doing:
                self._doing = doing
                acting = [doing.create_task(act) for act in self._acts()]
                await ending.wait()
                self._doing = None
                for act in acting:
                    act.cancel()
                patience.reschedule(asyncio.get_running_loop().time() + FINISHES_WITHIN)
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from failures
        except TimeoutError:
            raise DemoFailed(f"sites have not answered within {FINISHES_WITHIN:g} s") from None

    def _acts(self) -> Iterator[Coroutine[Any, Any, None]]:
        yield self._wanted.keep()
        for site, officer in self._officers.items():
            yield self._repeat(self._rates[site], self._passings(site))
            yield self._repeat(1 / PERSON_EVERY, iter(officer.register_person, None))
            yield self._repeat(1 / JUNK_EVERY, self._junk(site))

    async def _repeat(self, rate: float, doings: Iterator[Coroutine[Any, Any, None]]) -> None:
        """Begin one doing after the other at random moments, so many a second on average."""
        while True:
            await asyncio.sleep(self._chance.expovariate(rate))
            self._begin(next(doings))

    def _begin(self, doing: Coroutine[Any, Any, None]) -> None:
        if self._doing is None:
            doing.close()
        else:
            self._doing.create_task(doing)

    async def _line_tested(self) -> bool:
        expected = {(site, site) for site in self._officers}
        expected |= {
            (node.code, site) for node in self._topology.of_role("region", "central") for site in self._officers
        }
        if not expected <= self._ears.tested:
            for officer in self._officers.values():
                await officer.test_line()
            await asyncio.sleep(0.5)
        return expected <= self._ears.tested

    def _take(self, alarm: Mapping[str, Any]) -> None:
        officer = self._officers[alarm["node"]]
        if officer.will_take():
            self._begin(officer.take(alarm))

    def _passings(self, site: str) -> Iterator[Coroutine[Any, Any, None]]:
        """Yield vehicles that pass; every thirtieth is sought, the third first of all."""
        for number in count(1):
            sought = self._wanted.vehicle(site) if number % SOUGHT_EVERY == FIRST_SOUGHT else None
            yield self._pass(site, sought or self._traffic[site].vehicle(), sought=sought is not None)

    async def _pass(self, site: str, vehicle: Vehicle, *, sought: bool) -> None:
        """Have a vehicle read once or several times at one of the lanes of its direction."""
        traffic = self._traffic[site]
        camera = self._chance.choice([one for one in self._cameras[site] if one.lane.direction == vehicle.direction])
        spellings = [traffic.misread(vehicle.plate) for _ in range(traffic.readings())]
        if sought:  # in one spelling, right or wrong: another would be another match, and the summary counts matches
            spellings = [self._chance.choice((vehicle.plate, traffic.look_alike(vehicle.plate)))] * len(spellings)
        self.book.enter(
            Passing(
                site=site,
                lane=camera.lane.code,
                label=spellings[0],
                spellings=frozenset(spellings),
                country=vehicle.country,
                kind=vehicle.kind,
                sought=sought,
                pushed_at=time.perf_counter(),
            )
        )
        at = datetime.now(UTC)
        for number, plate in enumerate(spellings):
            pause = self._chance.uniform(*NEXT_READING) if number else 0
            at += timedelta(seconds=pause)  # the vehicle drives on, whether or not its site has answered meanwhile
            await asyncio.sleep(pause)
            await self._push(camera, vehicle, plate, at)

    async def _push(self, camera: Camera, vehicle: Vehicle, plate: str, at: datetime) -> None:
        sight = Sight(
            camera=camera.code,
            number=next(self._sights),
            plate=plate,
            country=vehicle.country,
            kind=vehicle.kind,
            confidence=round(self._chance.uniform(0.75, 0.99), 2),
            at=at,
        )
        shot = self._chance.choice(SHAPES[camera.lane.format])(sight)
        expect(await camera.push(shot), "registered", "merged", "duplicate")
        self.book.pushes += 1

    def _junk(self, site: str) -> Iterator[Coroutine[Any, Any, None]]:
        for number in self._sights:
            yield self._push_junk(site, junk(number))

    async def _push_junk(self, site: str, shot: Shot) -> None:
        answer = expect(await self._chance.choice(self._cameras[site]).push(shot), "quarantined")
        self.book.quarantined[site].add(answer["pushId"])
