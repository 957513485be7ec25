"""What traffic the posts permit, and the words of traffic."""

from datetime import datetime

import strawberry

from api.objects.lens import Node, described, id_of, lens
from api.objects.organisation_words import TrafficKind, VehicleClass
from domain.organisation import traffic


@lens(traffic.PermittedTraffic, description="What was decided of a post: what it permits from a time on.")
class PermittedTraffic(Node):
    """A decision."""

    id: strawberry.ID = id_of("PermittedTraffic")
    post: str = described("Code of the post.")
    directions: list[str] = described("To which it applies; none named is both.")
    kinds: list[TrafficKind] = described("To which it applies; none named is every one.")
    classes: list[VehicleClass] = described("To which it applies; none named is every one.")
    countries: list[str] = described("Of registration, two letters; none named is every one.")
    max_kg: int | None = described("Heavier vehicles may not pass; null: all may.")
    heavier_empty: bool = described("Heavier ones may pass when they are empty.")
    closed: bool = described("Nothing of it may pass.")
    valid_from: datetime = described("From when on it holds.")
    valid_until: datetime | None = described("From then on it is as was decided before; null: until further notice.")
    decree: str = described("Its legal basis.")
    decided_by: str = described("Who put it on record.")
    decided_at: datetime | None = described("When it was put on record.")


@lens(traffic.Standing, description="What holds at a time, of one direction and kind of traffic.")
class TrafficStanding:
    """What holds."""

    direction: str = described("`inbound` or `outbound`.")
    kind: TrafficKind = described("How traffic passes.")
    classes: list[VehicleClass] = described("The vehicles of which it holds.")
    is_permitted: bool = described("Whether any of it may pass.")
    decision: PermittedTraffic | None = described("The newest in force; null: none was ever made, so nothing may pass.")
