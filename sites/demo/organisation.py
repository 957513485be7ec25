"""The organisation in which the demo plays: the reference data, its sites at their posts, and their lanes."""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import uuid4

from sites.demo.lanes import LANES
from sites.demo.waiting import DemoFailed
from sites.desk import Desk
from sites.reference.book import read
from sites.reference.load import DONE, load_at

_SITES: Final[Mapping[str, Mapping[str, Any]]] = {
    "koroszczyn": {
        "name": "Terminal Koroszczyn",
        "unit": "oc-301040",
        "post": "kukuryki",
        "subsystems": ["SOC_T", "ARTR"],
    },
    "dorohusk": {"name": "Dorohusk", "unit": "oc-302060", "post": "dorohusk", "subsystems": ["SOC_T", "SOC_O"]},
}
_KINDS: Final = {"koroszczyn": ["ROAD_FREIGHT"], "dorohusk": ["ROAD_FREIGHT", "ROAD_PASSENGER"]}
_KNOWN: Final = "{ sites(first: 100) { edges { node { code } } } lanes(first: 100) { edges { node { site code } } } }"
_PLACE_SITE: Final = """mutation Place($input: SitePlaceInput!) {
  sitePlace(input: $input) { __typename ... on Problem { code message } }
}"""
_PLACE_LANE: Final = """mutation Place($input: LanePlaceInput!) {
  lanePlace(input: $input) { __typename ... on Problem { code message } }
}"""


async def set_up(administrator: Desk, sites: Iterable[str]) -> None:
    """Have the centre hold the organisation, with these sites, unless it does.

    Raises:
        DemoFailed: it refuses something of the reference data.
        Refused: it refuses a site or a lane.
    """
    await _load(administrator)
    known = await administrator.look(_KNOWN)
    for site in sites:
        if {"code": site} not in _nodes(known["sites"]):
            await administrator.ask(_PLACE_SITE, {**_new(), "code": site, **_SITES[site]})
        for lane in LANES:
            place = {"site": site, "code": lane.code}
            if place not in _nodes(known["lanes"]):
                said = {"post": _SITES[site]["post"], "direction": lane.direction, "kinds": _KINDS[site]}
                await administrator.ask(_PLACE_LANE, {**_new(), **place, **said})


async def _load(administrator: Desk) -> None:
    refused: list[str] = []

    def note(outcome: str, line: str) -> None:
        if outcome == "refused":
            refused.append(line)

    if await load_at(administrator, read(), dry_run=False, tell=note) != DONE:
        raise DemoFailed("; ".join(refused))


def _nodes(page: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [edge["node"] for edge in page["edges"]]


def _new() -> Mapping[str, Any]:
    return {"idempotencyKey": str(uuid4()), "isNew": True}
