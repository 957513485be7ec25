"""A node's place below its parent, as its invitation said: kept in the node's state folder."""

from pathlib import Path
from typing import Final

from sites.keys.invitation import Invitation

MEMBERSHIP_FILE: Final = "membership.json"


def membership(state: Path) -> Invitation | None:
    """Return the invitation that a node took last; None if it never took one.

    Raises:
        InvitationUnreadable: what is kept is none.
    """
    file = state / MEMBERSHIP_FILE
    return Invitation.read(file) if file.exists() else None


def drop_membership(state: Path) -> None:
    """Forget the invitation, and with it the node's key."""
    (state / MEMBERSHIP_FILE).unlink(missing_ok=True)


def keep_membership(state: Path, invitation: Invitation) -> None:
    """Keep an invitation in a node's state folder, in place of the one before."""
    state.mkdir(parents=True, exist_ok=True)
    invitation.write(state / MEMBERSHIP_FILE)
