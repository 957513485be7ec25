"""Where pictures are looked at: ``GET /pictures/{owner}/{hash}``, and ``/thumbnail`` behind it.

A picture is looked at as one of a reading or a measurement, its owner: the rights
are those of registrations, and the look is on audit.
"""

import re
from collections.abc import Mapping
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api import guard
from api.callers import caller_of_request
from api.context import Context
from api.doors import Doors
from api.ids import local_id, parted
from api.language import language
from api.problems import message
from api.refusals import PictureUnknown, PurposeMalformed, PurposeMissing, RoleMissing
from api.registrations import LOOK
from domain.registrations.measurements import Measurement
from domain.registrations.model import KeptPicture, Reading
from domain.shared.errors import Forbidden, Invalid, NotFound, NotHere, Refusal, Unavailable

ACTION: Final = "picture"
"""Under this name a look is on audit; the target is its owner."""
_HASH = re.compile(r"[0-9a-f]{64}")
_STATUS: Final[Mapping[type[Refusal], int]] = {
    RoleMissing: 403,
    PurposeMissing: 400,
    PurposeMalformed: 400,
    Forbidden: 401,
    Invalid: 404,
    NotFound: 404,
    NotHere: 421,
    Unavailable: 503,
}
_ASKED_FOR: Final[Mapping[int, Mapping[str, str]]] = {401: {"www-authenticate": "Bearer"}}
_HEADERS: Final = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
    "content-disposition": "inline",
}


class Pictures:
    """The endpoints for the pictures of readings."""

    def __init__(self, doors: Doors) -> None:
        """Serve what ``doors`` leads to."""
        self._doors = doors

    async def whole(self, request: Request) -> Response:
        """Answer with a picture as the device sent it."""
        return await self._answer(request, small=False)

    async def thumbnail(self, request: Request) -> Response:
        """Answer with a small JPEG of it."""
        return await self._answer(request, small=True)

    async def _answer(self, request: Request, *, small: bool) -> Response:
        spoken = language(request.headers.get("accept-language", ""))
        try:
            context = Context(self._doors, spoken, caller_of_request(request, self._doors))
            return await self._shown(request, context, small=small)
        except Refusal as refusal:
            status = next(_STATUS[each] for each in type(refusal).__mro__ if each in _STATUS)
            node = {"node": refusal.facts["node"]} if isinstance(refusal, NotHere) else {}
            problem = {"code": refusal.code, "message": message(refusal, spoken), **node}
            headers = {"cache-control": "no-store", **_ASKED_FOR.get(status, {})}
            return Response(orjson.dumps({"problem": problem}), status, headers, "application/json")

    async def _shown(self, request: Request, context: Context, *, small: bool) -> Response:
        target = request.path_params["owner"]
        await guard.enter(context, ACTION, LOOK, guard.local(target), look=True)
        picture = await self._picture(target, request.path_params["hash"])
        files = self._doors.pictures
        if files is None:
            raise PictureUnknown
        content = await (files.thumbnail(picture.hash) if small else files.picture(picture.hash))
        if content is None:
            raise PictureUnknown
        return Response(content, headers=_HEADERS, media_type="image/jpeg" if small else picture.media_type)

    async def _picture(self, target: str, hash_: str) -> KeptPicture:
        """Return the picture of a reading or a measurement.

        Raises:
            PictureUnknown: there is nothing of this id, or it has no such picture.
            NotHere: it is kept at another node.
        """
        owner = await self._owner(target)
        pictures = () if owner is None or not _HASH.fullmatch(hash_) else owner.pictures
        found = next((one for one in pictures if one.hash == hash_), None)
        if owner is None or found is None:
            raise PictureUnknown
        if owner.node != self._doors.node:
            raise NotHere(owner.node)
        return found

    async def _owner(self, target: str) -> Reading | Measurement | None:
        views = self._doors.views
        kind, local = parted(target)
        if kind == "Measurement":
            return await views.entity(Measurement, local)
        return await views.reading(local_id(target, "Reading"))
