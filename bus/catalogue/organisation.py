"""Messages of the organisation."""

from collections.abc import Callable
from typing import Any

from bus.catalogue.entries import EntityEntry, Shows, always, command, event
from bus.feed_modules import ORGANISATION, feed
from domain.organisation import folding
from domain.organisation.commands import (
    AdjustDevice,
    EndPart,
    EndPermittedTraffic,
    EnrolDevice,
    PermitTraffic,
    PlaceCheckpoint,
    PlaceLane,
    PlaceLeg,
    PlacePost,
    PlaceSite,
    PlaceUnit,
    RenewDeviceKey,
    WithdrawDevice,
)
from domain.organisation.ending import end_part
from domain.organisation.events import (
    CheckpointSet,
    DeviceAdjusted,
    DeviceEnrolled,
    DeviceKeyRenewed,
    DeviceWithdrawn,
    LaneSet,
    LegSet,
    PermittedTrafficEnded,
    PostSet,
    SiteSet,
    TrafficPermitted,
    UnitSet,
)
from domain.organisation.handlers import adjust_device, enrol_device, renew_device_key, withdraw_device
from domain.organisation.laying_out import place_checkpoint, place_lane, place_leg
from domain.organisation.layout import Checkpoint, Lane, Leg
from domain.organisation.model import Device
from domain.organisation.permitting import end_permitted_traffic, permit_traffic
from domain.organisation.places import COUNTRY, Post, Site, Unit
from domain.organisation.placing import place_post, place_site, place_unit
from domain.organisation.traffic import PermittedTraffic

COMMANDS = (
    command(EnrolDevice, enrol_device, Device, lambda c, _: c.code[:40]),
    command(RenewDeviceKey, renew_device_key, Device, lambda c, _: c.code),
    command(WithdrawDevice, withdraw_device, Device, lambda c, _: c.code),
    command(AdjustDevice, adjust_device, Device, lambda c, _: c.code),
    command(PlaceUnit, place_unit, Unit, lambda c, _: c.unit.code),
    command(PlacePost, place_post, Post, lambda c, _: c.post.code),
    command(PlaceSite, place_site, Site, lambda c, _: c.site.code),
    command(PlaceLane, place_lane, Lane, lambda c, _: f"{c.lane.site}/{c.lane.code}"),
    command(PlaceCheckpoint, place_checkpoint, Checkpoint, lambda c, _: f"{c.checkpoint.site}/{c.checkpoint.code}"),
    command(PlaceLeg, place_leg, Leg, lambda c, _: f"{c.leg.site}/{c.leg.origin}/{c.leg.target}"),
    command(EndPart, end_part, None, lambda c, _: f"{c.kind.value}/{c.key}"),
    command(PermitTraffic, permit_traffic, PermittedTraffic, lambda c, _: c.permitted.post),
    command(EndPermittedTraffic, end_permitted_traffic, PermittedTraffic, lambda c, _: c.permitted_id),
)


def _whole(entity: type[Any], fold: Callable[[Any, Any], Any], key: Callable[[Any], str]) -> Shows:
    """Return what an event does that says all of an entity, whether that was there or not."""
    return Shows(entity=entity, key=key, fold=fold, begins=True)


_EVERYBODY = always(feed(ORGANISATION, COUNTRY))

EVENTS = (
    event("DeviceEnrolled", DeviceEnrolled, lambda e: feed(ORGANISATION, e.device.site)),
    event("DeviceKeyRenewed", DeviceKeyRenewed, lambda e: feed(ORGANISATION, e.site)),
    event("DeviceWithdrawn", DeviceWithdrawn, lambda e: feed(ORGANISATION, e.site)),
    event("DeviceAdjusted", DeviceAdjusted, lambda e: feed(ORGANISATION, e.site)),
    event("UnitSet", UnitSet, _EVERYBODY, _whole(Unit, folding.unit, lambda e: e.unit.code)),
    event("PostSet", PostSet, _EVERYBODY, _whole(Post, folding.post, lambda e: e.post.code)),
    event(
        "SiteSet",
        SiteSet,
        lambda e: feed(ORGANISATION, e.site.code),
        _whole(Site, folding.site, lambda e: e.site.code),
    ),
    event(
        "LaneSet",
        LaneSet,
        lambda e: feed(ORGANISATION, e.lane.site),
        _whole(Lane, folding.lane, lambda e: e.lane.id),
    ),
    event(
        "CheckpointSet",
        CheckpointSet,
        lambda e: feed(ORGANISATION, e.checkpoint.site),
        _whole(Checkpoint, folding.checkpoint, lambda e: e.checkpoint.id),
    ),
    event(
        "LegSet",
        LegSet,
        lambda e: feed(ORGANISATION, e.leg.site),
        _whole(Leg, folding.leg, lambda e: e.leg.id),
    ),
    event(
        "TrafficPermitted",
        TrafficPermitted,
        _EVERYBODY,
        _whole(PermittedTraffic, folding.permit, lambda e: e.permitted.id),
    ),
    event(
        "PermittedTrafficEnded",
        PermittedTrafficEnded,
        _EVERYBODY,
        Shows(entity=PermittedTraffic, key=lambda e: e.permitted_id, fold=folding.end),
    ),
)

ENTITIES: tuple[EntityEntry, ...] = (
    EntityEntry(
        type=Unit,
        table="unit",
        key="code",
        owner="scope",
        columns={"kind": "text", "parent": "text", "customs_code": "text"},
        indexes=(("parent",), ("customs_code",)),
    ),
    EntityEntry(
        type=Post,
        table="post",
        key="code",
        owner="scope",
        columns={"border": "text", "unit": "text"},
        indexes=(("border",), ("unit",)),
    ),
    EntityEntry(
        type=PermittedTraffic,
        table="permitted_traffic",
        owner="scope",
        columns={"post": "text", "valid_from": "instant"},
        indexes=(("post",),),
    ),
    EntityEntry(
        type=Site,
        table="site",
        key="code",
        owner="scope",
        columns={"post": "text", "unit": "text"},
        indexes=(("post",), ("unit",)),
    ),
    EntityEntry(
        type=Lane,
        table="lane",
        owner="site",
        columns={"code": "text", "post": "text"},
        indexes=(("site", "code"), ("post",)),
    ),
    EntityEntry(
        type=Checkpoint,
        table="checkpoint",
        owner="site",
        columns={"code": "text", "lane": "text"},
        indexes=(("site", "code"),),
    ),
    EntityEntry(
        type=Leg,
        table="leg",
        owner="site",
        columns={"origin": "text", "target": "text"},
        indexes=(("site", "origin"), ("site", "target")),
    ),
)
