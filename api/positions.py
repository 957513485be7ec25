"""Where something is, as callers say it."""

import strawberry

from domain.organisation.places import Position


@strawberry.input(description="A place on the earth, in degrees of WGS 84.")
class PositionInput:
    """A place on the earth."""

    latitude: float = strawberry.field(description="North is positive.")
    longitude: float = strawberry.field(description="East is positive.")

    def read(self) -> Position:
        """Return it in the words of the domain."""
        return Position(latitude=self.latitude, longitude=self.longitude)
