"""How long certificates last: those of a node, and of its children."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from cryptography import x509

from sites.keys.authority import AUTHORITY_FILE
from sites.keys.membership import membership
from sites.keys.register import Register

SERVER_FILE: Final = "server.crt"
"""In the state folder: the certificate that an operator's nats-server was given last, to know when it ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate that ends.

    Attributes:
        use: `own`: shown to the parent; `child`: shown by a child; `authority`: what this node certifies children with;
            `server`: shown to children by the operator's nats-server of this node.
        node: whose it is.
    """

    use: Literal["own", "child", "authority", "server"]
    node: str
    not_after: datetime


def certificates(state: Path, node: str) -> Sequence[Certificate]:
    """Return the certificates that somebody has to renew, of a node and its children, by its state folder.

    Of a child that was given a new key only the new one counts. A server that a parent brings along is certified anew
    by itself. `caifs keys rotate` at the parent renews a child's, `caifs keys certify` that of an operator's server.

    Raises:
        InvitationUnreadable: what the node keeps of its parent is damaged.
        RegisterDamaged: its register of children is.
    """
    told = [
        Certificate(use="child", node=code, not_after=child.keys[0].not_after)
        for code, child in Register(state).read().items()
        if child.keys
    ]
    own = membership(state)
    if own is not None:
        told.append(Certificate(use="own", node=own.child, not_after=own.not_after))
    files: dict[str, Literal["authority", "server"]] = {AUTHORITY_FILE: "authority", SERVER_FILE: "server"}
    for name, use in files.items():
        if (state / name).exists():
            kept = x509.load_pem_x509_certificate((state / name).read_bytes())
            told.append(Certificate(use=use, node=node, not_after=kept.not_valid_after_utc))
    return told
