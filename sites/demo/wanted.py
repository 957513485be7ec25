"""Who and what is sought: entries that one analyst submits and another approves, and what of them may pass where."""

import asyncio
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any
from uuid import uuid4

import httpx

from domain.shared.actors import Role
from sites.demo.papers import Passport, Travellers
from sites.demo.show import Show
from sites.demo.topology import CENTRE, COUNTRY, REGION, Topology
from sites.demo.traffic import Traffic, Vehicle
from sites.demo.waiting import until
from sites.desk import Desk

FEW = 3
EACH = 6
LOOK_EVERY = 5.0
VALID = timedelta(days=30)

_ANSWER = "{ __typename ... on WatchlistEntrySuccess { entry { id } } ... on Problem { code message } }"
CREATE = f"mutation Create($input: WatchlistEntryCreateInput!) {{ watchlistEntryCreate(input: $input) {_ANSWER} }}"
APPROVE = f"mutation Approve($input: WatchlistEntryApproveInput!) {{ watchlistEntryApprove(input: $input) {_ANSWER} }}"
_ENTRY = "query Entry($id: ID!) { watchlistEntry(id: $id) { state } }"
_LEGAL_BASIS = "Union Customs Code, art. 46"
_REASONS = (
    ("Tobacco behind a false front wall", "SEARCH", 1, "Lead to the X-ray lane; call the duty officer."),
    ("Carrier without valid permits", "QUESTION", 2, "Ask for permit and consignment note."),
    ("Vehicle reported stolen", "SEIZE", 1, "Do not let it move on; call the police."),
    ("Excise goods under monitoring", "INFORM", 3, "Report place and time of the crossing."),
)
_PERSONS = ("Person sought for questioning", "DETAIN", 1, "Lead to the second line; call the duty officer.")


class Wanted:
    """What is sought and live, and has not passed yet."""

    def __init__(
        self, topology: Topology, traffic: Mapping[str, Traffic], travellers: Mapping[str, Travellers], show: Show
    ) -> None:
        """Seek vehicles of ``traffic`` and persons of ``travellers``, both by site."""
        self._topology = topology
        self._traffic = traffic
        self._travellers = travellers
        self._show = show
        self._reasons = cycle(_REASONS)
        self._author = topology.desk(CENTRE, "demo-analyst", (Role.ANALYST,))
        self._approver = topology.desk(CENTRE, "demo-supervisor", (Role.ANALYST,))
        self._vehicles: Mapping[str, deque[Vehicle]] = {site: deque() for site in traffic}
        self._passports: Mapping[str, deque[Passport]] = {site: deque() for site in traffic}

    def vehicle(self, site: str) -> Vehicle | None:
        """Return a sought vehicle that may pass a site now, or None."""
        return self._vehicles[site].popleft() if self._vehicles[site] else None

    def passport(self, site: str) -> Passport | None:
        """Return the passport of a sought person who may pass a site now, or None."""
        return self._passports[site].popleft() if self._passports[site] else None

    async def begin(self) -> None:
        """Issue the first entries: for the country, the region and one site."""
        for scope in (COUNTRY, REGION, next(iter(self._traffic))):
            await self._seek_vehicles(scope, 2)
        await self._seek_persons()

    async def keep(self) -> None:
        """Issue more whenever few are left, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            with suppress(httpx.TransportError):  # the centre may be away for a while
                if any(len(stock) < FEW for stock in self._vehicles.values()):
                    await self._seek_vehicles(COUNTRY, EACH)
                if any(len(stock) < FEW for stock in self._passports.values()):
                    await self._seek_persons()

    async def _seek_vehicles(self, scope: str, each: int) -> None:
        drawn = {site: [self._traffic[site].vehicle() for _ in range(each)] for site in self._sites(scope)}
        criteria = [_plate(vehicle) for vehicles in drawn.values() for vehicle in vehicles]
        await self._issue(scope, next(self._reasons), criteria)
        for site, vehicles in drawn.items():
            self._vehicles[site].extend(vehicles)

    async def _seek_persons(self) -> None:
        drawn = {site: [self._travellers[site].passport() for _ in range(EACH)] for site in self._sites(COUNTRY)}
        criteria = [_document(passport) for passports in drawn.values() for passport in passports]
        await self._issue(COUNTRY, _PERSONS, criteria)
        for site, passports in drawn.items():
            self._passports[site].extend(passports)

    async def _issue(self, scope: str, reason: tuple[str, str, int, str], criteria: Sequence[dict[str, str]]) -> None:
        entry_id = await submit(self._author, scope, reason, criteria)
        await approve(self._approver, entry_id)
        began, sites = time.perf_counter(), self._sites(scope)
        for site in sites:
            await self._await_entry(site, entry_id)
        took = (time.perf_counter() - began) * 1000
        self._show.say(f"sought in {scope}: {reason[0]}; live at {' and '.join(sites)} after {took:.0f} ms")

    async def _await_entry(self, site: str, entry_id: str) -> None:
        desk = self._topology.desk(site, "demo-analyst", (Role.ANALYST,))

        async def live() -> bool:
            return (await desk.look(_ENTRY, id=entry_id))["watchlistEntry"] is not None

        await until(live, f"an approved entry is live at {site}")

    def _sites(self, scope: str) -> list[str]:
        return [site for site in self._traffic if scope in self._topology.nodes[site].plan.scopes]


async def submit(
    author: Desk, scope: str, reason: tuple[str, str, int, str], criteria: Sequence[dict[str, str]]
) -> str:
    """Submit an entry and return its id; ``reason`` is title, category, priority and instructions.

    Raises:
        Refused: the centre does not take it.
    """
    title, category, priority, instructions = reason
    wish: dict[str, Any] = {
        "idempotencyKey": str(uuid4()),
        "title": title,
        "category": category,
        "priority": priority,
        "legalBasis": _LEGAL_BASIS,
        "instructions": instructions,
        "scope": scope,
        "validUntil": (datetime.now(UTC) + VALID).isoformat(),
        "criteria": criteria,
    }
    return str((await author.ask(CREATE, wish))["entry"]["id"])


async def approve(approver: Desk, entry_id: str) -> None:
    """Approve an entry.

    Raises:
        Refused: it may not be approved by this person, or not now.
    """
    await approver.ask(APPROVE, {"idempotencyKey": str(uuid4()), "entryId": entry_id})


def _plate(vehicle: Vehicle) -> dict[str, str]:
    return {"kind": "plate", "value": vehicle.plate, "country": vehicle.country}


def _document(passport: Passport) -> dict[str, str]:
    return {"kind": "document", "value": passport.number, "country": passport.issuer}
