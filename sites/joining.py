"""How a node comes to its parent: a fresh one joins, one that has data moves."""

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sites.keys.invitation import ChildRole, Invitation
from sites.keys.membership import keep_membership, membership
from sites.occupancy import occupied
from sites.settings import DATABASE_FILE


class NotJoined(Exception):  # noqa: N818 - what came of a wish
    """The node did not take the invitation; the text says why."""


def join(state: Path, invitation: Invitation, role: ChildRole, *, now: datetime) -> None:
    """Have a fresh node take its invitation: what is in its state folder then makes it a child of its parent.

    Raises:
        NotJoined: the folder is a node's already, or the invitation is not for this one.
        StateInUse: a node runs there.
    """
    with occupied(state):
        _check(invitation, role, now)
        if membership(state) is not None or _has_data(state):
            raise NotJoined(f"{state} is a node's already: `caifs {role} move` takes it below another parent")
        keep_membership(state, invitation)


def move(state: Path, invitation: Invitation, role: ChildRole, *, code: str | None, now: datetime) -> None:
    """Have a node that has data take another invitation, of the same parent or of another; it keeps its data.

    Args:
        state: of the node.
        invitation: for the same node.
        role: of the node.
        code: of the node, where neither its membership nor its database tells.
        now: the time.

    Raises:
        NotJoined: there is no node to move, or the invitation is not for this one.
        StateInUse: it runs.
    """
    with occupied(state):
        _check(invitation, role, now)
        if membership(state) is None and not _has_data(state):
            raise NotJoined(f"there is no node in {state}: `caifs {role} join` makes one")
        owner = owner_of(state, code)
        if owner != invitation.child:
            raise NotJoined(f"the invitation is for {invitation.child}, and {state} is of {owner or 'nobody known'}")
        keep_membership(state, invitation)


def owner_of(state: Path, code: str | None) -> str | None:
    """Return whose a state folder is, as its membership or its database tells; ``code`` where neither does."""
    known = membership(state)
    return known.child if known is not None else _code_of_site(state) or code


def _check(invitation: Invitation, role: ChildRole, now: datetime) -> None:
    if invitation.role != role:
        raise NotJoined(f"{invitation.child} was invited as a {invitation.role}")
    if invitation.not_after <= now:
        raise NotJoined(f"the certificate in the invitation ended at {invitation.not_after:%Y-%m-%d %H:%M} UTC")


def _has_data(state: Path) -> bool:
    return any((state / name).exists() for name in (DATABASE_FILE, "postgres"))


def _code_of_site(state: Path) -> str | None:
    """Return whose a site's database is; None if there is none, or it is empty."""
    if not (state / DATABASE_FILE).exists():
        return None
    with closing(sqlite3.connect(f"{(state / DATABASE_FILE).as_uri()}?mode=ro", uri=True)) as database:
        try:
            row = database.execute("SELECT code FROM node").fetchone()
        except sqlite3.OperationalError:
            return None
    return None if row is None else str(row[0])
