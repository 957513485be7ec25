"""Where something is."""

from api.objects.lens import described, lens
from domain.organisation import places


@lens(places.Position, description="A place on the earth, in degrees of WGS 84.")
class Position:
    """A place on the earth."""

    latitude: float = described("North is positive.")
    longitude: float = described("East is positive.")
