"""A connection to a nats-server that is made anew whenever it is lost.

nats-py's own reconnecting is off: it gives up for good on some errors of the server, and the task that does it may end
unheard on others.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import nats.errors
import structlog
from nats.aio.client import Client

from adapters.nats import subjects
from adapters.nats.client import close_client, open_client
from adapters.nats.credentials import Credentials
from bus.link.wire import Unreachable

CONNECT_WITHIN: Final = 2
PING_EVERY: Final = 5
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 2.0
_LOOK_EVERY: Final = 0.2
_REFUSALS: Final = ("authorization", "authentication")

Serve = Callable[[Client], Coroutine[Any, Any, None]]

_log = structlog.get_logger(__name__)


class NatsConnection:
    """One connection of a node."""

    def __init__(self, url: str, *, node: str, purpose: str, credentials: Credentials | None = None) -> None:
        """Connect to ``url``; ``purpose`` tells the node's connections apart.

        The user and password in the URL are shown, else the key of ``credentials``; with these it speaks TLS.
        """
        parts = urlsplit(url)
        self._server = f"{parts.scheme}://{parts.hostname}:{parts.port}"
        self._user = None if parts.username is None else unquote(parts.username)
        self._password = None if parts.password is None else unquote(parts.password)
        self._seed = None if credentials is None or self._user is not None else credentials.seed
        self._tls = None if credentials is None else credentials.tls()
        self._name = f"{node} {purpose}"
        self._inbox = subjects.inbox(node)
        self._client: Client | None = None

    @property
    def client(self) -> Client:
        """The connected client.

        Raises:
            Unreachable: there is none now.
        """
        if self._client is None or not self._client.is_connected:
            raise Unreachable(f"{self._name} is not connected")
        return self._client

    async def run(self, serve: Serve) -> None:
        """Stay connected until cancelled; ``serve`` runs from the beginning of each connection to its end.

        Whatever ``serve`` raises while connected is raised here.
        """
        pause, refused = _FIRST_PAUSE, False
        while True:
            try:
                client = await self._connect()
            except (OSError, nats.errors.Error) as error:
                if not refused and _is_refusal(error):
                    refused = True
                    _log.warning("nats_refused", connection=self._name, error=str(error))
                _log.debug("nats_not_connected", connection=self._name, error=repr(error))
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
                continue
            pause, refused = _FIRST_PAUSE, False
            await self._hold(client, serve)

    async def _hold(self, client: Client, serve: Serve) -> None:
        _log.info("nats_connected", connection=self._name)
        self._client = client
        lost = asyncio.create_task(_lost(client))
        serving = asyncio.create_task(serve(client))
        try:
            await asyncio.wait((lost, serving), return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                serving.result()
        finally:
            self._client = None
            lost.cancel()
            serving.cancel()
            await asyncio.gather(lost, serving, close_client(client), return_exceptions=True)
            _log.info("nats_disconnected", connection=self._name)

    async def _connect(self) -> Client:
        return await open_client(
            self._server,
            user=self._user,
            password=self._password,
            nkeys_seed_str=self._seed,
            tls=self._tls,
            name=self._name,
            inbox_prefix=self._inbox,
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            connect_timeout=CONNECT_WITHIN,
            ping_interval=PING_EVERY,
            error_cb=self._on_error,
        )

    async def _on_error(self, error: Exception) -> None:
        if self._client is not None:
            _log.warning("nats_error", connection=self._name, error=repr(error))


def _is_refusal(error: Exception) -> bool:
    """Tell whether a server says that it lets this user in no more, or never did."""
    return any(word in str(error).lower() for word in _REFUSALS)


async def _lost(client: Client) -> None:
    """Wait for the end of a connection. A client on a dead line is closed without calling anybody back."""
    while not client.is_closed:  # noqa: ASYNC110 - nobody would set an event
        await asyncio.sleep(_LOOK_EVERY)
