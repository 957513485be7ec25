"""A whole node in memory behind its doors, and callers who come in by HTTP or WebSocket."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import httpx
import orjson
from starlette.types import ASGIApp

from adapters.devices.formats import FORMATS
from adapters.identity.development import DevelopmentIssuer
from adapters.identity.device_keys import DerivedDeviceKeys
from adapters.memory.changes import MemoryChanges
from adapters.memory.clock import SteppingClock
from adapters.memory.custody import MemoryCustody
from adapters.memory.ids import SeededIds
from adapters.memory.logs import MemoryLogs
from adapters.memory.views import MemoryViews
from adapters.pictures import FilePictures
from api.app import build_app
from api.doors import Doors, NodeRole
from bus.dispatcher import Dispatcher
from bus.link.status import ALONE
from bus.live import Live
from bus.ports import WholeChange
from bus.pushes.contacts import Contacts
from bus.pushes.gallery import Gallery
from bus.pushes.intake import Intake
from bus.pushes.known_devices import KnownDevices
from bus.replication.batch import pack, unpack
from bus.watch.condition import Disk
from bus.watch.monitor import Monitor
from bus.watch.observer import Observer
from bus.watch.thresholds import Thresholds
from domain.organisation.events import DeviceEnrolled
from domain.organisation.model import Device, digest
from domain.shared.actors import Role, system
from domain.shared.messages import Command, Event

KEY = "4fQ8wVbWJX0m7cJ3mJ0x8b6bqkq6Hq3p2p1h9Z0yXxA"
HOUR = timedelta(hours=1)
SITE = "dorohusk"
DISK = Disk(free=60 << 30, room=100 << 30)


async def _disk() -> Disk:
    return DISK


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node and all that a test may want to reach behind its doors."""

    doors: Doors
    app: ASGIApp
    clock: SteppingClock
    changes: MemoryChanges
    logs: MemoryLogs
    issuer: DevelopmentIssuer

    @property
    def views(self) -> MemoryViews:
        """What can be looked up."""
        assert isinstance(self.doors.views, MemoryViews)
        return self.doors.views

    async def record(self, *events: Event) -> None:
        """Record events in one change."""

        async def work(change: WholeChange) -> None:
            for event in events:
                await change.record(event)

        await self.changes.run(system(self.doors.node), work)

    async def hear(self, other: "Node") -> None:
        """Apply what another node has recorded, as the link would bring it."""
        for held in await other.logs.held():
            here = await self.logs.find(held.log)
            first = 1 if here is None else here.head.seq + 1
            if first <= held.head.seq:
                before, records = await other.logs.read(held.log, first, 500)
                await self.logs.apply([unpack(pack(held.log, first, before, records).data)], other.doors.node)

    async def enrol(self, code: str = "cam-1", form: str = "plate_recognizer_stream", **fields: Any) -> None:
        """Put a device of the key ``KEY`` on the books."""
        device = Device(
            code=code,
            site=self.doors.node,
            lane="lane-1",
            checkpoint="gate-1",
            direction="outbound",
            format=form,
            key_digest=digest(KEY),
        )
        await self.record(DeviceEnrolled(device=replace(device, **fields)))

    def token(self, *roles: Role, name: str = "jan", ttl: timedelta = HOUR) -> str:
        """Return a token of a person with these roles."""
        return self.issuer.mint(name, roles, ttl)

    def http(self) -> httpx.AsyncClient:
        """Return a client without credentials."""
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://node")

    async def post(
        self, query: str, *roles: Role, name: str = "jan", purpose: str = "patrol", **more: Any
    ) -> httpx.Response:
        """Send a GraphQL request as a person with these roles; ``variables`` and ``headers`` may be given."""
        headers = {"x-purpose": purpose} if purpose else {}
        if roles:
            headers["authorization"] = f"Bearer {self.token(*roles, name=name)}"
        body = {"query": query, "variables": more.get("variables")}
        async with self.http() as client:
            return await client.post("/graphql", json=body, headers={**headers, **more.get("headers", {})})

    async def ask(self, query: str, *roles: Role, name: str = "jan", purpose: str = "patrol", **variables: Any) -> Any:
        """Return the data of an answer that must be free of errors."""
        response = await self.post(query, *roles, name=name, purpose=purpose, variables=variables)
        answer = response.json()
        assert "errors" not in answer, answer
        return answer["data"]

    async def refused(self, query: str, *roles: Role, purpose: str = "patrol", **variables: Any) -> list[str]:
        """Return the codes of the errors of an answer that must have some."""
        answer = (await self.post(query, *roles, purpose=purpose, variables=variables)).json()
        return [error["extensions"]["code"] for error in answer["errors"]]

    async def push(self, body: bytes, code: str = "cam-1", **headers: str) -> httpx.Response:
        """Push as the device of this code with the right key."""
        given = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.http() as client:
            return await client.post(f"/devices/{code}/push", content=body, headers=given)

    def socket(self, **headers: str) -> "Socket":
        """Return a WebSocket that is not connected yet."""
        return Socket(self.app, headers)

    @asynccontextmanager
    async def subscribed(
        self, query: str, *roles: Role, purpose: str = "patrol", ttl: timedelta = HOUR
    ) -> AsyncIterator["Socket"]:
        """Return a WebSocket with one subscription under way."""
        async with self.socket() as socket:
            await socket.init(authorization=f"Bearer {self.token(*roles, ttl=ttl)}", purpose=purpose)
            await socket.subscribe(query)
            yield socket


async def _plenty(_: int) -> int:
    return 1 << 30


async def _unreported(command: Command) -> None:
    """Take note of nothing: nobody turns the watch of a node in memory."""
    raise AssertionError(command)


def memory_node(
    folder: Path,
    code: str = SITE,
    role: NodeRole = "site",
    *,
    development: bool = False,
    lists: Collection[str] = (),
    **doors: Any,
) -> Node:
    """Return a node in memory."""
    clock = SteppingClock()
    ids = SeededIds(clock, seed=code)
    changes = MemoryChanges(code, clock, ids, FORMATS, lists=lists, is_centre=role == "central")
    live, logs = Live(), MemoryLogs(changes)
    changes.listeners.append(live.heard)
    logs.listeners.append(live.heard)
    issuer = DevelopmentIssuer(folder, code, clock)

    async def ready() -> Mapping[str, str | None]:
        return {"database": None}

    views = MemoryViews(changes)
    link = doors.get("link", lambda: ALONE)
    observer = Observer(code, "0.2.0", views=views, link=link, clock=clock, disk=_disk, clocks_ahead={})
    watch = Monitor(observer, Thresholds(), report=_unreported, standing=views.standing_faults, clock=clock)
    given = {"dispatcher": Dispatcher(code, changes), "formats": FORMATS, "views": views, **doors}
    pictures = FilePictures(folder / "pictures")
    gallery = Gallery(pictures, views, clock, kept_for=timedelta(days=30), has_room=lambda: True, room=_plenty)
    known = KnownDevices(given["views"], live)
    contacts = Contacts(code, views, known, clock, report=_unreported)
    intake = Intake(
        code,
        given["dispatcher"],
        known,
        formats=given["formats"],
        clock=clock,
        gallery=gallery,
        contacts=contacts,
    )
    made = Doors(
        **{
            "node": code,
            "role": role,
            "development": development,
            "watch": watch,
            "live": live,
            "tokens": issuer,
            "device_keys": DerivedDeviceKeys(folder),
            "readiness": ready,
            "holdings": MemoryCustody(changes),
            "clock": clock,
            "ids": ids,
            "issuer": issuer,
            "intake": intake if role == "site" else None,
            "device_state": contacts.state,
            "pictures": pictures if role == "site" else None,
            **given,
        }
    )
    return Node(doors=made, app=build_app(made), clock=clock, changes=changes, logs=logs, issuer=issuer)


class Closed(Exception):  # noqa: N818 - it is what a test may wait for
    """The node closed the WebSocket."""

    def __init__(self, code: int, reason: str) -> None:
        """Tell how."""
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Socket:
    """A WebSocket to an application in the same event loop."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        """Come with these headers."""
        self._app = app
        self._headers = {"host": "node", **headers}
        self._inward: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._outward: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self.protocols = ["graphql-transport-ws"]
        self.pings = 0

    async def __aenter__(self) -> Self:
        """Connect; raises `Closed` when the node refuses."""
        scope = {
            "type": "websocket",
            "path": "/graphql",
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in self._headers.items()],
            "subprotocols": self.protocols,
            "app": self._app,
        }
        self._inward.put_nowait({"type": "websocket.connect"})
        self._task = asyncio.create_task(self._app(scope, self._inward.get, self._put))
        first = await self._next()
        assert first == {"type": "websocket.accept", "subprotocol": "graphql-transport-ws", "headers": []}
        return self

    async def __aexit__(self, *_: object) -> None:
        """Leave."""
        self._inward.put_nowait({"type": "websocket.disconnect", "code": 1000})
        if self._task is not None:
            await asyncio.wait_for(self._task, 5)

    async def _put(self, message: Any) -> None:
        self._outward.put_nowait(message)

    async def _next(self) -> dict[str, Any]:
        message = await asyncio.wait_for(self._outward.get(), 5)
        if message["type"] == "websocket.close":
            raise Closed(message["code"], message["reason"])
        return message

    def send(self, message: object) -> None:
        """Send a message of the protocol, or any text."""
        self.send_text(json.dumps(message))

    def send_text(self, text: str) -> None:
        """Send a text."""
        self._inward.put_nowait({"type": "websocket.receive", "text": text})

    async def receive(self) -> Any:
        """Return the next message that is not a ping; raises `Closed`."""
        while True:
            message = orjson.loads((await self._next())["text"])
            if message["type"] != "ping":
                return message
            self.pings += 1

    async def init(self, **params: object) -> Any:
        """Say who comes and return the payload of the answer."""
        self.send({"type": "connection_init", "payload": params})
        answer = await self.receive()
        assert answer["type"] == "connection_ack"
        return answer["payload"]

    async def subscribe(self, query: str, id_: str = "1", **variables: object) -> None:
        """Begin an operation; returns when the node has taken it up."""
        payload = {"query": query, "variables": variables}
        self.send({"type": "subscribe", "id": id_, "payload": payload})
        self.send({"type": "ping"})
        assert (await self.receive())["type"] == "pong"
        for _ in range(20):
            await asyncio.sleep(0)

    async def result(self, id_: str = "1") -> Any:
        """Return the payload of the next result."""
        message = await self.receive()
        assert message["type"] == "next", message
        assert message["id"] == id_
        return message["payload"]


def key() -> str:
    """Return a fresh idempotency key."""
    return str(uuid.uuid4())


def stream_push(*plates: str, at: str | None = None, camera: str = "camera-1", score: float = 0.9) -> bytes:
    """Return what a camera of Plate Recognizer Stream pushes."""
    results = [{"plate": plate, "score": score, "region": {"code": "pl"}} for plate in plates]
    data = {"camera_id": camera, "filename": "image.jpg", "timestamp": at, "results": results}
    return orjson.dumps({"hook": {"event": "recognition"}, "data": data})


@asynccontextmanager
async def following(node: Node) -> AsyncIterator[None]:
    """Have a site follow what changes about its devices."""
    assert node.doors.intake is not None
    running = asyncio.create_task(node.doors.intake.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[None]:
    """Open an application as a server does, and close it at the end."""
    told: asyncio.Queue[Any] = asyncio.Queue()
    heard: asyncio.Queue[Any] = asyncio.Queue()
    running = asyncio.create_task(app({"type": "lifespan", "asgi": {"version": "3.0"}}, told.get, heard.put))
    await told.put({"type": "lifespan.startup"})
    assert (await heard.get())["type"] == "lifespan.startup.complete"
    try:
        yield
    finally:
        await told.put({"type": "lifespan.shutdown"})
        assert (await heard.get())["type"] == "lifespan.shutdown.complete"
        await running
