"""What a parent gives to a child so that it can join: one file, to be handed over as one hands over a key."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal, Self

import msgspec
from cryptography import x509
from msgspec import Meta

from adapters.nats.credentials import Credentials
from domain.watchlist.scopes import is_scope
from sites.keys.node_key import fingerprint_of_pem, from_seed
from sites.servers.folders import write_private

ChildRole = Literal["site", "region"]
_SIZE_MAX: Final = 1 << 16


class InvitationUnreadable(Exception):  # noqa: N818 - what came of reading it
    """The file is no invitation; the text says why."""


class Invitation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A child's place below its parent.

    Attributes:
        leaf_url: where the child's nats-server dials the parent's.
        client_url: where the child itself does, for its alarms.
        scopes: whose feeds the child follows.
        seed: the child's key, as NATS writes it.
        certificate: of the same key, PEM.
        authority: whose certificates the child trusts, PEM.
    """

    caifs_invitation: Literal[1] = 1
    parent: str
    child: str
    role: ChildRole
    scopes: Annotated[tuple[str, ...], Meta(max_length=1000)]
    leaf_url: str
    client_url: str
    seed: str
    certificate: str
    authority: str

    def __repr__(self) -> str:
        """Return everything but the secret."""
        return f"Invitation(parent={self.parent!r}, child={self.child!r}, scopes={self.scopes!r})"

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read a file.

        Raises:
            InvitationUnreadable: it is no invitation.
        """
        try:
            with file.open("rb") as opened:
                invitation = msgspec.json.decode(opened.read(_SIZE_MAX), type=cls)
            invitation.check()
        except (OSError, ValueError, x509.ExtensionNotFound) as error:
            raise InvitationUnreadable(f"{file} is no invitation: {error}") from error
        return invitation

    def write(self, file: Path) -> None:
        """Write it for its owner alone."""
        write_private(file, msgspec.json.format(msgspec.json.encode(self), indent=1).decode())

    def check(self) -> None:
        """See that its parts belong together.

        Raises:
            ValueError: they do not.
        """
        for code in (self.parent, self.child):
            if not is_scope(code):
                raise ValueError(f"{code!r} is no code of a node")
        if fingerprint_of_pem(self.certificate) != from_seed(self.seed).fingerprint:
            raise ValueError("the certificate is of another key")
        x509.load_pem_x509_certificate(self.authority.encode())

    @property
    def not_after(self) -> datetime:
        """When its certificate ends."""
        return x509.load_pem_x509_certificate(self.certificate.encode()).not_valid_after_utc

    @property
    def credentials(self) -> Credentials:
        """What the child shows to its parent's nats-server."""
        return Credentials(
            seed=self.seed, certificate=self.certificate, key=from_seed(self.seed).pem, authority=self.authority
        )
