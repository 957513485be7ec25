"""The key of a node's seal, in a file of its state folder; the node's database knows which it is."""

import asyncio
from pathlib import Path
from typing import Final

import structlog

from adapters.database.node import note_seal, noted_seal
from adapters.database.session import Database
from adapters.identity.errors import SealLost
from adapters.identity.key_file import secret
from bus.replication.seal import Seal

SEAL_FILE: Final = "events.secret"
GIVEN_UP_FILE: Final = "events.secret.lost"
_log = structlog.get_logger(__name__)


async def own_seal(database: Database, state: Path) -> Seal:
    """Return the seal of the node to which a database belongs; made, and noted there, when there is none yet.

    Where the operator has given the key up (`GIVEN_UP_FILE` is in the state folder) the one that is there, or a new
    one, is noted in its place.

    Raises:
        SealLost: the key is not the one that the database knows.
        KeyExposed: others may read its file.
        KeyDamaged: the file holds something else.
    """
    noted, file, given_up = await noted_seal(database), state / SEAL_FILE, state / GIVEN_UP_FILE
    is_given_up = await asyncio.to_thread(given_up.exists)
    if noted is not None and not is_given_up and not await asyncio.to_thread(file.exists):
        raise SealLost(_lost(file, given_up))
    seal = Seal(await asyncio.to_thread(secret, file))
    if noted not in (None, seal.mark):
        if not is_given_up:
            raise SealLost(_lost(file, given_up))
        _log.warning("seal_given_up", file=str(file))
    if noted != seal.mark:
        await note_seal(database, seal.mark)
    await asyncio.to_thread(given_up.unlink, missing_ok=True)
    return seal


def _lost(file: Path, given_up: Path) -> str:
    return (
        f"{file} is not the key with which this database's events were sealed: put it back from where the database is"
        f" from. Without it nothing that other nodes still hold of this one comes back. Where it is lost for good,"
        f" make an empty file {given_up}, and start again"
    )
