"""Keys of devices, derived from a secret of the node: the same request gives the same key, and none is kept."""

import hmac
import json
from base64 import urlsafe_b64encode
from pathlib import Path

from adapters.identity.key_file import secret

SECRET_FILE = "device-keys.secret"  # noqa: S105 - the name of the file


class DerivedDeviceKeys:
    """Derives keys with HMAC-SHA256."""

    def __init__(self, folder: Path) -> None:
        """Derive from the secret in ``folder``, made when there is none.

        It stands beside the database and not in it: who reads the database alone learns no key. When it is lost, keys
        stay in force, but requests made before are no longer answered again.

        Args:
            folder: state folder of the node.

        Raises:
            KeyExposed, KeyDamaged: the secret is not fit for use.
        """
        self._secret = secret(folder / SECRET_FILE)

    def key(self, actor: str, request: str, code: str) -> str:
        """Return the key that a request of ``actor`` gives the device of this code."""
        told = json.dumps([actor, request, code]).encode()
        return urlsafe_b64encode(hmac.digest(self._secret, told, "sha256")).rstrip(b"=").decode()
