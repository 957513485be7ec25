"""A parent's register of children: a file of its state folder, with no secret in it.

The commands write it, a running parent reads it; both may notice at the same time that something is to be changed, so
whoever changes it holds a lock.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from sites.keys.invitation import ChildRole
from sites.keys.locked import locked
from sites.servers.folders import write_private

T = TypeVar("T")

REGISTER_FILE: Final = "children.json"
SEEN_FILE: Final = "children.seen"


class RegisterDamaged(Exception):  # noqa: N818 - a state of the folder, not of the program
    """The register of children cannot be read; the text says why."""


class ChildUnfit(Exception):  # noqa: N818 - what came of a wish
    """What was wished cannot be done with this child; the text says why."""


class ChildKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key of a child.

    Attributes:
        nkey: as NATS writes it.
        fingerprint: of the same key, as TLS tells it.
        not_after: when its certificate ends.
        until: a newer one has taken its place, and this one is let in no longer than that.
    """

    nkey: str
    fingerprint: str
    not_after: datetime
    until: datetime | None = None

    def is_good(self, now: datetime) -> bool:
        """Tell whether who has it is let in."""
        return now < self.not_after and (self.until is None or now < self.until)


class RegisteredChild(msgspec.Struct, frozen=True, kw_only=True):
    """A child.

    Attributes:
        keys: the newest first; none when they were revoked.
    """

    role: ChildRole
    scopes: tuple[str, ...]
    keys: tuple[ChildKey, ...]

    def good_keys(self, now: datetime) -> Sequence[ChildKey]:
        """Return the keys with which it is let in."""
        return [key for key in self.keys if key.is_good(now)]


Children = Mapping[str, RegisteredChild]


class Register:
    """The register of one parent."""

    def __init__(self, state: Path) -> None:
        """Keep it in the state folder of the parent."""
        self._state = state
        self._file = state / REGISTER_FILE
        self._seen_file = state / SEEN_FILE

    def read(self) -> Children:
        """Return all children that were ever invited, by code.

        Raises:
            RegisterDamaged: the file is none.
        """
        return _decoded(self._file, dict[str, RegisteredChild])

    def find(self, code: str) -> RegisteredChild:
        """Return a child that has a key.

        Raises:
            ChildUnfit: it has none.
            RegisterDamaged: the file is none.
        """
        return _with_key(code, self.read().get(code))

    def seen(self) -> Mapping[str, datetime]:
        """Return when each key was connected last, as far as known, by nkey.

        Raises:
            RegisterDamaged: the file is none.
        """
        return _decoded(self._seen_file, dict[str, datetime])

    def note_seen(self, seen: Mapping[str, datetime]) -> None:
        """Write down when keys were connected last."""
        write_private(self._seen_file, msgspec.json.encode(seen).decode())

    def invite(self, code: str, child: RegisteredChild) -> None:
        """Enter a child.

        Raises:
            ChildUnfit: it is there already.
        """

        def entered(known: RegisteredChild | None) -> RegisteredChild:
            if known is not None and known.keys:
                raise ChildUnfit(f"{code} has been invited: `caifs keys rotate` gives it another key")
            return child

        self._change(code, entered)

    def rotate(self, code: str, key: ChildKey, until: datetime) -> None:
        """Give a child a new key; the others are good until then, or until the new one is used.

        Raises:
            ChildUnfit: it was not invited, or revoked.
        """

        def rotated(known: RegisteredChild | None) -> RegisteredChild:
            child = _with_key(code, known)
            earlier = (
                msgspec.structs.replace(one, until=until if one.until is None else min(one.until, until))
                for one in child.keys
            )
            return msgspec.structs.replace(child, keys=(key, *earlier))

        self._change(code, rotated)

    def revoke(self, code: str) -> None:
        """Take all keys from a child.

        Raises:
            ChildUnfit: it has none.
        """

        def revoked(known: RegisteredChild | None) -> RegisteredChild:
            return msgspec.structs.replace(_with_key(code, known), keys=())

        self._change(code, revoked)

    def forget_older(self, code: str, nkey: str) -> None:
        """Drop the keys of a child that are older than one: that one was used.

        Raises:
            ChildUnfit: it has none.
        """

        def settled(known: RegisteredChild | None) -> RegisteredChild:
            child = _with_key(code, known)
            nkeys = [key.nkey for key in child.keys]
            return (
                child if nkey not in nkeys else msgspec.structs.replace(child, keys=child.keys[: nkeys.index(nkey) + 1])
            )

        self._change(code, settled)

    def _change(self, code: str, change: Callable[[RegisteredChild | None], RegisteredChild]) -> None:
        with locked(self._state):
            children = dict(self.read())
            children[code] = change(children.get(code))
            write_private(self._file, msgspec.json.format(msgspec.json.encode(children), indent=1).decode())


def _with_key(code: str, child: RegisteredChild | None) -> RegisteredChild:
    if child is None or not child.keys:
        raise ChildUnfit(f"{code} has no key: `caifs keys invite` gives it one")
    return child


def _decoded(file: Path, kind: type[dict[str, T]]) -> dict[str, T]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except FileNotFoundError:
        return {}
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RegisterDamaged(f"{file} cannot be read: {error}") from error
