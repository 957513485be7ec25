"""Officers of a site: register persons, take alarms, test the line."""

import asyncio
import random
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from sites.demo.book import Book, Passing
from sites.demo.lanes import LANES
from sites.demo.papers import Passport, Travellers
from sites.desk import Desk, Refused

SOUGHT_EVERY = 4
TAKES_AFTER = (1.5, 3.0)
TAKES, OF = 2, 3
TEST = "line-test"
TAKEN = "ALARM_ACKNOWLEDGED_ALREADY"

_LANE = LANES[0]
_PROBLEM = "... on Problem { code message }"
REGISTER_PERSON = f"""mutation Person($input: PersonRegisterInput!) {{
  personRegister(input: $input) {{ __typename ... on RegisterSuccess {{ registration {{ id label }} }} {_PROBLEM} }}
}}
"""
ACKNOWLEDGE = f"""mutation Take($input: AlarmAcknowledgeInput!) {{
  alarmAcknowledge(input: $input) {{ __typename ... on AlarmAcknowledgeSuccess {{ alarm {{ id }} }} {_PROBLEM} }}
}}
"""
RAISE = f"""mutation Raise($input: AlarmRaiseInput!) {{
  alarmRaise(input: $input) {{ __typename ... on AlarmRaiseSuccess {{ alarm {{ id }} }} {_PROBLEM} }}
}}
"""


Sought = Callable[[], Passport | None]


class Officer:
    """The officer on duty at a site."""

    def __init__(self, site: str, desk: Desk, *, book: Book, travellers: Travellers, sought: Sought) -> None:
        """Work at ``desk`` of ``site``; what is done is entered in ``book``. ``sought`` gives who is sought, if any."""
        self._site = site
        self._desk = desk
        self._book = book
        self._travellers = travellers
        self._sought = sought
        self._chance = random.Random(site)  # noqa: S311 - not secret
        self._persons = 0
        self._alarms = 0

    async def register_person(self) -> None:
        """Register the next person, every fourth one sought."""
        self._persons += 1
        sought = self._sought() if self._persons % SOUGHT_EVERY == 1 else None
        passport = sought or self._travellers.passport()
        passing = Passing(
            site=self._site,
            lane=_LANE.code,
            label=passport.number,
            spellings=frozenset({passport.number}),
            country=passport.issuer,
            kind="person",
            sought=sought is not None,
            pushed_at=None,
        )
        self._book.enter(passing)
        wish = {
            "idempotencyKey": str(uuid4()),
            "lane": _LANE.code,
            "direction": _LANE.direction,
            "mrz": passport.mrz,
        }
        await self._desk.insist(REGISTER_PERSON, wish)

    def will_take(self) -> bool:
        """Tell whether this alarm is one that the officer takes."""
        self._alarms += 1
        return self._alarms % OF < TAKES

    async def take(self, alarm: Mapping[str, Any]) -> None:
        """Look at an alarm for a moment, and take it unless whoever watches the demo was faster."""
        await asyncio.sleep(self._chance.uniform(*TAKES_AFTER))
        try:
            await self._desk.insist(ACKNOWLEDGE, {"idempotencyKey": str(uuid4()), "alarmId": alarm["id"]})
        except Refused as refusal:
            if refusal.code != TAKEN:
                raise
        self._book.acknowledged[self._site] += 1

    async def test_line(self) -> None:
        """Raise an alarm that tests the line."""
        wish = {
            "idempotencyKey": str(uuid4()),
            "lane": _LANE.code,
            "label": TEST,
            "priority": 3,
            "text": "Test of the line at the beginning of the shift",
        }
        await self._desk.insist(RAISE, wish)
