"""What a node shows to its parent's nats-server, and by what it knows that server again."""

import ssl
import tempfile
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A node's key with its certificate.

    Attributes:
        seed: the key, as NATS writes it.
        certificate: PEM.
        key: the same key, PEM.
        authority: the certificate of whom the parent's server is certified by, PEM.
    """

    seed: str = field(repr=False)
    certificate: str
    key: str = field(repr=False)
    authority: str

    def tls(self) -> ssl.SSLContext:
        """Return how to speak TLS: with this certificate, and to nobody but a server of the authority."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_verify_locations(cadata=self.authority)
        with tempfile.NamedTemporaryFile("w", prefix="caifs-") as file:  # mode 0600; ssl reads keys from files only
            file.write(self.certificate + self.key)
            file.flush()
            context.load_cert_chain(file.name)
        return context
