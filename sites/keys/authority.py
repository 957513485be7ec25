"""The certificate authority of a parent: it says which key is whose, to its own nats-server and to its children.

Each parent has its own: who gets hold of one can speak for that parent's children and for nobody else's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sites.keys.locked import locked
from sites.keys.node_key import NodeKey
from sites.servers.folders import write_private

AUTHORITY_FILE: Final = "authority.pem"
AUTHORITY_LASTS: Final = timedelta(days=3650)
BACKDATED: Final = timedelta(days=1)
"""The clock of a site may be behind."""


class AuthorityDamaged(Exception):  # noqa: N818 - a state of the folder, not of the program
    """The file of the certificate authority cannot be read; the text says where it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """An authority.

    Attributes:
        certificate: its own, PEM; what children trust.
    """

    certificate: str
    _issuer: x509.Certificate = field(repr=False)
    _key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def of(cls, state: Path, code: str, now: datetime) -> Self:
        """Return the authority of node ``code``, which keeps it in its state folder; made on first use.

        Raises:
            AuthorityDamaged: the file there is none.
        """
        file = state / AUTHORITY_FILE
        with locked(state):
            if not file.exists():
                write_private(file, _made(code, now))
        content = file.read_bytes()
        try:
            key, issuer = load_pem_private_key(content, None), x509.load_pem_x509_certificate(content)
        except ValueError as error:
            raise AuthorityDamaged(f"{file} does not hold a key and a certificate") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise AuthorityDamaged(f"{file} holds a key of another kind")
        return cls(certificate=issuer.public_bytes(Encoding.PEM).decode(), _issuer=issuer, _key=key)

    @property
    def not_after(self) -> datetime:
        """When its own certificate ends."""
        return self._issuer.not_valid_after_utc

    def certify(self, key: NodeKey, name: str, until: datetime, *, hosts: Sequence[str] = ()) -> str:
        """Return a certificate (PEM) over a node's key, which lasts no longer than the authority's own.

        With ``hosts``, names or addresses, it is a server's too.
        """
        purposes = [ExtendedKeyUsageOID.CLIENT_AUTH, *([ExtendedKeyUsageOID.SERVER_AUTH] if hosts else [])]
        names = [x509.DNSName(name), *(_host(host) for host in hosts)]
        building = (
            _begun(name, key.private.public_key(), self._issuer.subject, self._issuer.not_valid_before_utc)
            .not_valid_after(min(until, self.not_after))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        return building.sign(self._key, None).public_bytes(Encoding.PEM).decode()


def _made(code: str, now: datetime) -> str:
    """Return a new authority's key and certificate."""
    key = Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"authority of {code}")])
    building = (
        _begun(f"authority of {code}", key.public_key(), name, now - BACKDATED)
        .not_valid_after(now + AUTHORITY_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return (private + building.sign(key, None).public_bytes(Encoding.PEM)).decode()


def _begun(name: str, key: Ed25519PublicKey, issuer: x509.Name, since: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
