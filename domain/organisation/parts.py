"""Finding the parts of the organisation that a command names."""

from typing import Protocol, TypeVar

from domain.organisation.errors import CodeMalformed, CodeTaken, PartChangedMeanwhile, PartEnded, PartUnknown
from domain.organisation.layout import Checkpoint, Lane
from domain.organisation.places import Site
from domain.shared.ports import Change
from domain.shared.texts import is_code


class _Versioned(Protocol):
    @property
    def version(self) -> int: ...


class _Part(_Versioned, Protocol):
    @property
    def ended_at(self) -> object: ...


P = TypeVar("P", bound=_Part)


async def by_code(type_: type[P], code: str, change: Change, *, is_new: bool) -> P | None:
    """Return the unit, post or site of a code that is to be changed; None when it is to be a new one.

    Raises:
        CodeMalformed, CodeTaken, PartUnknown, PartEnded: it is no code, or in use, or there is none to change.
    """
    if not is_code(code):
        raise CodeMalformed(path=("code",))
    return _there(await change.entities.find(type_, code), is_new=is_new)


async def at_site(type_: type[P], site: str, code: str, change: Change, *, is_new: bool) -> P | None:
    """Return the same of a lane or checkpoint, whose code is its site's own.

    Raises:
        CodeMalformed, CodeTaken, PartUnknown, PartEnded: as `by_code`.
    """
    if not is_code(code):
        raise CodeMalformed(path=("code",))
    return _there(await found(type_, change, site=site, code=code), is_new=is_new)


def _there(before: P | None, *, is_new: bool) -> P | None:
    if not is_new:
        return standing(before, "code")
    if before is not None:
        raise CodeTaken(path=("code",))
    return None


def next_version(before: _Versioned | None, seen: int | None) -> int:
    """Return the version of a part that is placed, or of a device that is adjusted.

    Raises:
        PartChangedMeanwhile: it is not as the caller saw it, who said so.
    """
    if before is None:
        return 1
    if seen not in (None, before.version):
        raise PartChangedMeanwhile(path=("seen",), version=before.version)
    return before.version + 1


async def found(type_: type[P], change: Change, **wanted: str) -> P | None:
    """Return the part whose columns are as wanted, or None."""
    return next(iter(await change.entities.those(type_, 1, **wanted)), None)


async def check_stand(site: str, lane: str, checkpoint: str, change: Change) -> None:
    """Refuse a lane or checkpoint that a site does not have; where it has none yet nothing is known of them.

    Raises:
        PartUnknown, PartEnded: there is no such lane or checkpoint, or it has ended, as the site may have.
    """
    known = await change.entities.find(Site, site)
    if known is not None:
        standing(known, "site")
    if await found(Lane, change, site=site) is not None:
        standing(await found(Lane, change, site=site, code=lane), "lane")
    if await found(Checkpoint, change, site=site) is not None:
        standing(await found(Checkpoint, change, site=site, code=checkpoint), "checkpoint")


async def require(type_: type[P], key: str, field: str, change: Change) -> P:
    """Return the part of a key, which must stand.

    Raises:
        PartUnknown, PartEnded: it does not; ``field`` named it.
    """
    return standing(await change.entities.find(type_, key), field)


def standing(part: P | None, field: str) -> P:
    """Return a part that stands.

    Raises:
        PartUnknown, PartEnded: it does not; ``field`` named it.
    """
    if part is None:
        raise PartUnknown(path=(field,))
    if part.ended_at is not None:
        raise PartEnded(path=(field,))
    return part
