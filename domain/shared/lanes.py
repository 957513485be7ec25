"""How a lane is described, wherever somebody names one."""

from domain.shared.errors import Invalid
from domain.shared.texts import is_code

DIRECTIONS = ("inbound", "outbound")


class LaneMalformed(Invalid):
    """A lane's code is 1 to 40 lower-case letters, digits and hyphens, and begins with a letter."""

    code = "LANE_MALFORMED"


class DirectionUnknown(Invalid):
    """A lane runs inbound or outbound."""

    code = "DIRECTION_UNKNOWN"


def check_lane(lane: str) -> None:
    """Refuse what is no code of a lane.

    Raises:
        LaneMalformed: it is none.
    """
    if not is_code(lane):
        raise LaneMalformed(path=("lane",))


def check_direction(direction: str) -> None:
    """Refuse what is no direction.

    Raises:
        DirectionUnknown: neither inbound nor outbound.
    """
    if direction not in DIRECTIONS:
        raise DirectionUnknown(path=("direction",))
