"""A node's key: an Ed25519 key, written as an nkey for NATS and as PEM for TLS."""

import hashlib
import secrets
from dataclasses import dataclass, field

import nkeys  # type: ignore[import-untyped]  # it has none
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

_RAW_LENGTH = 32


class SeedUnreadable(ValueError):  # noqa: N818 - errors are named by what happened
    """This is no seed of an nkey."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeKey:
    """A key that one node has and nobody else.

    Attributes:
        seed: the secret, as NATS writes it.
        nkey: the public key, as NATS writes it.
    """

    seed: str = field(repr=False)
    nkey: str
    private: Ed25519PrivateKey = field(repr=False)

    @property
    def pem(self) -> str:
        """The secret, as TLS reads it (PKCS 8)."""
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    @property
    def fingerprint(self) -> str:
        """What the public key is told by, in this tree and by nats-server."""
        return fingerprint(self.private.public_key())


def draw() -> NodeKey:
    """Return a new key."""
    seed: bytes = nkeys.encode_seed(secrets.token_bytes(_RAW_LENGTH), nkeys.PREFIX_BYTE_USER)
    return from_seed(seed.decode())


def from_seed(seed: str) -> NodeKey:
    """Return the key of a seed.

    Raises:
        SeedUnreadable: it is none.
    """
    try:
        pair = nkeys.from_seed(bytearray(seed.encode()))
        prefix, raw = nkeys.decode_seed(bytearray(seed.encode()))
        nkey: str = pair.public_key.decode()
    except (nkeys.NkeysError, ValueError) as error:
        raise SeedUnreadable(SeedUnreadable.__doc__) from error
    if prefix != nkeys.PREFIX_BYTE_USER:
        raise SeedUnreadable(SeedUnreadable.__doc__)
    return NodeKey(seed=seed, nkey=nkey, private=Ed25519PrivateKey.from_private_bytes(bytes(raw)))


def fingerprint(key: Ed25519PublicKey) -> str:
    """Return the SHA-256 of a public key (SubjectPublicKeyInfo), in hexadecimal digits."""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def fingerprint_of_pem(certificate: str) -> str:
    """Return the fingerprint of the key that a certificate is of.

    Raises:
        ValueError: it is no certificate over such a key.
    """
    key = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("the certificate is not of an Ed25519 key")  # noqa: TRY004 - what is wrong is what was given
    return fingerprint(key)
