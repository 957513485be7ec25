"""Pictures of readings and measurements."""

from collections.abc import Iterable

import strawberry

from api.ids import global_id
from bus.pushes.gallery import PICTURE_MAX
from domain.registrations.model import KeptPicture


@strawberry.type(
    description="A picture that the site of a reading or measurement keeps for a while, for those who may look at it."
)
class Picture:
    """A picture of a reading or measurement."""

    hash: str = strawberry.field(description="SHA-256 of its content, in hexadecimal.")
    size: int = strawberry.field(description=f"In bytes, at most {PICTURE_MAX}.")
    media_type: str = strawberry.field(description="`image/jpeg`, `image/png` or `image/webp`.")
    shows: str = strawberry.field(description="`scene`, `vehicle` or `plate`; `unknown` when the device does not tell.")
    path: str = strawberry.field(description="Where the site serves it; `/thumbnail` behind it gives a small JPEG.")


def pictures_of(kind: str, local: str, kept: Iterable[KeptPicture]) -> list[Picture]:
    """Return the pictures of an object of type ``kind`` with their paths."""
    owner = global_id(kind, local)
    return [
        Picture(
            hash=one.hash,
            size=one.size,
            media_type=one.media_type,
            shows=one.shows,
            path=f"/pictures/{owner}/{one.hash}",
        )
        for one in kept
    ]
