"""The key pair with which a node signs, in a file that nobody else may read."""

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from adapters.identity.errors import KeyDamaged, KeyExposed

CURVE: Final = "Ed25519"
_OTHERS = 0o077


def key_pair(file: Path) -> OKPKey:
    """Return the key pair in ``file``; made, with mode 0600, when there is none.

    Raises:
        KeyExposed: others may read the file.
        KeyDamaged: the file holds something else.
    """
    if not file.exists():
        _make(file)
    if file.stat().st_mode & _OTHERS:
        raise KeyExposed(f"{file} must have mode 0600")
    try:
        key = OKPKey.import_key(json.loads(file.read_bytes()))
    except (JoseError, ValueError, KeyError) as damage:  # KeyError: of a curve that joserfc does not know
        raise KeyDamaged(f"{file} holds no key") from damage
    if not key.is_private or key.curve_name != CURVE:
        raise KeyDamaged(f"{file} holds no {CURVE} key pair")
    return key


def _make(file: Path) -> None:
    """Write a fresh pair whole or not at all; of two processes that do so at once, one wins."""
    key = OKPKey.generate_key(CURVE, private=True)
    with tempfile.NamedTemporaryFile("w", dir=file.parent) as draft:  # its mode is 0600
        json.dump(key.as_dict(private=True), draft)
        draft.flush()
        os.fsync(draft.fileno())
        with suppress(FileExistsError):
            os.link(draft.name, file)
