"""Setting up a terminal at the centre: unit, site, checkpoints, legs and devices, until its site knows them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeVar
from uuid import uuid4

import httpx

from domain.organisation.layout import Checkpoint, Leg
from domain.shared.actors import Role
from sites.days.pages import every
from sites.days.terminal import SITE, Post, checkpoints, legs, posts
from sites.demo.lanes import Camera, Lane
from sites.demo.topology import CENTRE, Topology
from sites.demo.waiting import until
from sites.desk import Desk

_UNIT: Final = "oc-koroszczyn"
_SAYS = """mutation Place($input: %sPlaceInput!) {
  %sPlace(input: $input) { __typename ... on Problem { code message path } }
}
"""
_ENROL = """mutation Enrol($input: DeviceEnrolInput!) {
  deviceEnrol(input: $input) {
    __typename ... on DeviceEnrolSuccess { key device { id } } ... on Problem { code message path }
  }
}
"""
_ADJUST = """mutation Adjust($input: DeviceAdjustInput!) {
  deviceAdjust(input: $input) { __typename ... on Problem { code message path } }
}
"""
_CHECKPOINTS = """query Checkpoints($after: String) { checkpoints(first: 100, after: $after) {
  edges { node { code } } pageInfo { hasNextPage endCursor } } }"""
_LEGS = """query Legs($after: String) { legs(first: 100, after: $after) {
  edges { node { origin } } pageInfo { hasNextPage endCursor } } }"""
_DEVICES = """query Devices($after: String) { devices(first: 100, after: $after) {
  edges { node { code view } } pageInfo { hasNextPage endCursor } } }"""
_AT_ONCE: Final = 8
P = TypeVar("P")


async def lay_out(topology: Topology, http: httpx.AsyncClient) -> Mapping[str, Camera]:
    """Have an administrator set up the terminal at the centre; return its devices by code once the site knows all.

    Raises:
        DemoFailed: the site does not hear of it in time.
    """
    centre = topology.desk(CENTRE, "day-administrator", (Role.ADMINISTRATOR,))
    await _place(centre, "unit", code=_UNIT, kind="BRANCH", name="Oddział Celny w Koroszczynie")
    await _place(centre, "site", code=SITE, name="Terminal w Koroszczynie", unit=_UNIT, subsystems=["ARTR"])
    await _each(checkpoints(), lambda one: _place(centre, "checkpoint", **_of_checkpoint(one)))
    await _each(legs(), lambda one: _place(centre, "leg", **_of_leg(one)))
    keys = dict(await _each(posts(), lambda post: _enrolled(centre, post)))
    at_site = topology.desk(SITE, "day-administrator", (Role.ADMINISTRATOR,))

    async def known() -> bool:
        standing = [len(await every(at_site, *one)) for one in ((_CHECKPOINTS, "checkpoints"), (_LEGS, "legs"))]
        ready = {one["code"] for one in await every(at_site, _DEVICES, "devices") if one["view"] is not None}
        return standing == [len(checkpoints()), len(legs())] and keys.keys() <= ready

    await until(known, f"the terminal is known at {SITE}")
    site = topology.nodes[SITE]
    return {post.code: Camera(http, site, _lane(post), keys[post.code]) for post in posts()}


async def _place(centre: Desk, part: str, **fields: Any) -> None:
    document = _SAYS % (part.capitalize(), part)
    await centre.ask(document, {"idempotencyKey": str(uuid4()), "isNew": True, **fields})


async def _each(parts: Sequence[P], place: Callable[[P], Awaitable[Any]]) -> Sequence[Any]:
    """Place all parts, a few at once."""
    free = asyncio.Semaphore(_AT_ONCE)

    async def placed(part: P) -> Any:
        async with free:
            return await place(part)

    return await asyncio.gather(*(placed(part) for part in parts))


async def _enrolled(centre: Desk, post: Post) -> tuple[str, str]:
    """Return code and key of a device that has been enrolled, and told what it sees."""
    wish = {
        "idempotencyKey": str(uuid4()),
        "code": post.code,
        "site": SITE,
        "lane": f"{post.direction}-1",
        "checkpoint": post.checkpoint,
        "direction": post.direction,
        "format": post.format,
    }
    enrolled = await centre.ask(_ENROL, wish)
    view = {"idempotencyKey": str(uuid4()), "deviceId": enrolled["device"]["id"], "view": post.view.upper()}
    await centre.ask(_ADJUST, view)
    return post.code, str(enrolled["key"])


def _of_checkpoint(one: Checkpoint) -> dict[str, Any]:
    required = [{"direction": each.direction} for each in one.required]
    return {"site": one.site, "code": one.code, "kind": one.kind.name, "required": required}


def _of_leg(one: Leg) -> dict[str, Any]:
    longest = None if one.longest is None else one.longest.total_seconds()
    ends = {"origin": one.origin, "target": one.target, "direction": one.direction}
    return {"site": one.site, **ends, "longestSeconds": longest}


def _lane(post: Post) -> Lane:
    return Lane(code=post.code.removeprefix(f"{SITE}-"), direction=post.direction, format=post.format)
