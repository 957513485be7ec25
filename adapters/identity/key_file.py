"""What a node must keep to itself, in files that nobody else may read: the key pair it signs with, and secrets."""

import json
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from adapters.identity.errors import KeyDamaged, KeyExposed

CURVE: Final = "Ed25519"
SECRET_BYTES: Final = 32
_OTHERS = 0o077


def key_pair(file: Path) -> OKPKey:
    """Return the key pair in ``file``; made, with mode 0600, when there is none.

    Raises:
        KeyExposed: others may read the file.
        KeyDamaged: the file holds something else.
    """
    content = _content(file, lambda: json.dumps(OKPKey.generate_key(CURVE, private=True).as_dict(private=True)))
    try:
        key = OKPKey.import_key(json.loads(content))
    except (JoseError, ValueError, KeyError) as damage:  # KeyError: of a curve that joserfc does not know
        raise KeyDamaged(f"{file} holds no key") from damage
    if not key.is_private or key.curve_name != CURVE:
        raise KeyDamaged(f"{file} holds no {CURVE} key pair")
    return key


def secret(file: Path) -> bytes:
    """Return the secret of ``SECRET_BYTES`` in ``file``; made, with mode 0600, when there is none.

    Raises:
        KeyExposed: others may read the file.
        KeyDamaged: the file holds something else.
    """
    content = _content(file, lambda: os.urandom(SECRET_BYTES).hex())
    try:
        found = bytes.fromhex(content.decode("ascii"))
    except ValueError as damage:
        raise KeyDamaged(f"{file} holds no secret") from damage
    if len(found) != SECRET_BYTES:
        raise KeyDamaged(f"{file} holds no secret of {SECRET_BYTES} bytes")
    return found


def _content(file: Path, make: Callable[[], str]) -> bytes:
    if not file.exists():
        _write(file, make())
    if file.stat().st_mode & _OTHERS:
        raise KeyExposed(f"{file} must have mode 0600")
    return file.read_bytes()


def _write(file: Path, content: str) -> None:
    """Write whole or not at all; of two processes that do so at once, one wins."""
    with tempfile.NamedTemporaryFile("w", dir=file.parent) as draft:  # its mode is 0600
        draft.write(content)
        draft.flush()
        os.fsync(draft.fileno())
        with suppress(FileExistsError):
            os.link(draft.name, file)
