"""Who is connected to a nats-server, as its system account tells, and the means to cut them off."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec
import nats
from nats.aio.client import Client

from bus.link.wire import Unreachable

_ANSWER_WITHIN: Final = 2.0
_MOST: Final = 10_000


class Visitor(NamedTuple):
    """A connection, of a client or of a leaf.

    Attributes:
        server, number: by which it is told.
        name: that of the leaf's server, or what the client calls itself.
        user: the nkey that was shown, or a user's name.
        fingerprint: of the key of the certificate that was shown.
    """

    server: str
    number: int
    name: str
    user: str
    fingerprint: str


class _Certificate(msgspec.Struct):
    spki_sha256: str = ""


class _Connection(msgspec.Struct):
    cid: int
    name: str = ""
    authorized_user: str = ""
    tls_peer_certs: tuple[_Certificate, ...] = ()


class _Connections(msgspec.Struct):
    connections: tuple[_Connection, ...] = ()


class _Server(msgspec.Struct):
    id: str


class _Answer(msgspec.Struct):
    server: _Server
    data: _Connections


async def visitors(system: Client) -> Sequence[Visitor]:
    """Return everybody who has shown a user or a key, asked by a client of the system account.

    Raises:
        Unreachable: the server does not tell.
    """
    wanted = msgspec.json.encode({"auth": True, "limit": _MOST})
    try:
        said = await system.request("$SYS.REQ.SERVER.PING.CONNZ", wanted, timeout=_ANSWER_WITHIN)
        answer = msgspec.json.decode(said.data, type=_Answer)
    except (nats.errors.Error, OSError, msgspec.MsgspecError) as error:
        raise Unreachable(str(error)) from error
    return [
        Visitor(
            answer.server.id,
            one.cid,
            one.name,
            one.authorized_user,
            one.tls_peer_certs[0].spki_sha256 if one.tls_peer_certs else "",
        )
        for one in answer.data.connections
        if one.authorized_user
    ]


async def cut_off(system: Client, visitor: Visitor) -> None:
    """Have a connection cut.

    Raises:
        Unreachable: the server does not answer.
    """
    wanted = msgspec.json.encode({"cid": visitor.number})
    try:
        await system.request(f"$SYS.REQ.SERVER.{visitor.server}.KICK", wanted, timeout=_ANSWER_WITHIN)
    except (nats.errors.Error, OSError) as error:
        raise Unreachable(str(error)) from error
