"""Gives keys to children: makes the key, certifies it, writes the invitation and enters the key in the register."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sites.keys.authority import Authority
from sites.keys.invitation import ChildRole, Invitation
from sites.keys.node_key import draw
from sites.keys.register import ChildKey, ChildUnfit, Register, RegisteredChild


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """A parent that gives keys.

    Attributes:
        state: its state folder.
        leaf_url, client_url: where its children dial it.
    """

    code: str
    state: Path
    leaf_url: str
    client_url: str

    def invite(
        self, child: str, role: ChildRole, scopes: tuple[str, ...], file: Path, *, now: datetime, lasts: timedelta
    ) -> Invitation:
        """Enter a child, and write its invitation.

        Raises:
            ChildUnfit: it has been invited, or the file exists.
            AuthorityDamaged, RegisterDamaged: what the parent keeps cannot be read.
        """
        invitation, key = self._drawn(child, role, scopes, now, lasts)
        with _written(invitation, file):
            Register(self.state).invite(child, RegisteredChild(role=role, scopes=scopes, keys=(key,)))
        return invitation

    def rotate(self, child: str, file: Path, *, now: datetime, lasts: timedelta, grace: timedelta) -> Invitation:
        """Give a child another key, and write an invitation with it; the old one is good for the time of grace.

        Raises:
            ChildUnfit: it was not invited, or revoked, or the file exists.
            AuthorityDamaged, RegisterDamaged: what the parent keeps cannot be read.
        """
        register = Register(self.state)
        known = register.find(child)
        invitation, key = self._drawn(child, known.role, known.scopes, now, lasts)
        with _written(invitation, file):
            register.rotate(child, key, now + grace)
        return invitation

    def _drawn(
        self, child: str, role: ChildRole, scopes: tuple[str, ...], now: datetime, lasts: timedelta
    ) -> tuple[Invitation, ChildKey]:
        key, authority = draw(), Authority.of(self.state, self.code, now)
        invitation = Invitation(
            parent=self.code,
            child=child,
            role=role,
            scopes=scopes,
            leaf_url=self.leaf_url,
            client_url=self.client_url,
            seed=key.seed,
            certificate=authority.certify(key, child, now + lasts),
            authority=authority.certificate,
        )
        return invitation, ChildKey(nkey=key.nkey, fingerprint=key.fingerprint, not_after=invitation.not_after)


@contextmanager
def _written(invitation: Invitation, file: Path) -> Iterator[None]:
    """Have an invitation in a file; it goes again when what is done meanwhile fails."""
    if file.exists():
        raise ChildUnfit(f"{file} exists already")
    invitation.write(file)
    try:
        yield
    except BaseException:
        file.unlink(missing_ok=True)
        raise
