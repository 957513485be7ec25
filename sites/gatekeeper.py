"""Keeps the gate of a running parent: who is let in follows the register of children, within a second or two."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Self

import structlog
from nats.aio.client import Client

from adapters.nats.connection import NatsConnection
from adapters.nats.credentials import Credentials
from adapters.nats.subjects import rights_of_child
from adapters.nats.visitors import Visitor, cut_off, visitors
from bus.link.tasks import Tasks
from domain.shared.ports import Clock
from sites.keys.admission import Admission, Admitted
from sites.keys.authority import Authority
from sites.keys.node_key import draw
from sites.keys.register import ChildUnfit, Register, RegisterDamaged
from sites.servers.gate import GateCertificate, KeyUser, NatsGate
from sites.servers.keeping import keep

LOOK_EVERY: Final = 1.0
CERTIFICATE_LASTS: Final = timedelta(days=90)
_RENEWED_BEFORE: Final = timedelta(days=30)
_SEEN_WRITTEN_EVERY: Final = timedelta(minutes=1)
_ANSWERS_WITHIN: Final = 5.0
_ENDS_WITHIN: Final = 5.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A gate that runs, and what the node needs to keep it.

    Attributes:
        hosts: names and addresses under which it is dialled.
    """

    node: str
    server: NatsGate
    authority: Authority
    hosts: tuple[str, ...]


class Gatekeeper:
    """The keeper of a gate. Without one, as where the nats-server is the operator's, the link alone heeds the register.

    Attributes:
        admission: the children there are now.
    """

    def __init__(self, admission: Admission, register: Register, clock: Clock, gate: Gate | None) -> None:
        """Keep ``gate``, which does not run yet."""
        self.admission = admission
        self._register = register
        self._clock = clock
        self._gate = gate
        self._seen: dict[str, datetime] = {}
        self._seen_written_at: datetime | None = None

    def open(self) -> Self:
        """Read the register and start the gate; from the main thread.

        Raises:
            ChildError: the gate does not start.
            OSError: its files cannot be made or reached.
        """
        self.admission.refresh(self._clock.now())
        if self._gate is not None:
            self._certify(self._gate)
            self._gate.server.start(self._shown, self._users(self._gate))
        return self

    def close(self) -> None:
        """Stop the gate."""
        if self._gate is not None:
            self._gate.server.stop()

    async def run(self) -> None:
        """Heed the register until cancelled; then nothing of it is left running."""
        tasks = Tasks()
        self._looked_at = _now()
        try:
            tasks.forever("gate register", self._heed)
            if self._gate is not None:
                tasks.forever("gate visitors", partial(self._connection(self._gate).run, self._watch))
                tasks.forever("gate", partial(keep, self._kept(self._gate)))
            await asyncio.get_running_loop().create_future()
        finally:
            await tasks.end()

    async def _heed(self) -> None:
        is_to_tell = False
        while True:
            is_to_tell = self.admission.refresh(self._clock.now()) or is_to_tell
            if self._gate is not None:
                try:
                    is_to_tell = self._tell(self._gate, is_changed=is_to_tell)
                except OSError as fault:
                    _log.error("gate_not_told", error=str(fault))
            await asyncio.sleep(LOOK_EVERY)

    def _tell(self, gate: Gate, *, is_changed: bool) -> bool:
        """Tell the gate whom to let in, if that changed, and give it another certificate in time; False: it knows."""
        is_old = self._certified_until - self._clock.now() < _RENEWED_BEFORE
        if is_old:
            self._certify(gate)
        if is_changed or is_old:
            gate.server.admit(self._shown, self._users(gate))
            _log.info("gate_told", keys=len(self.admission.keys_let_in))
        return False

    async def _watch(self, system: Client) -> None:
        """Look again and again at who is there; nats-server leaves leaves alone when their users are gone."""
        while True:
            for visitor in await visitors(system):
                await self._judge(system, visitor)
            self._looked_at = _now()
            await asyncio.sleep(LOOK_EVERY)

    async def _judge(self, system: Client, visitor: Visitor) -> None:
        """Cut off whoever is no longer let in, or shows the key of one and the certificate of another."""
        if not visitor.user.startswith("U"):
            return
        admitted = {one.nkey: one for one in self.admission.keys_let_in}.get(visitor.user)
        if admitted is None or admitted.fingerprint != visitor.fingerprint:
            _log.warning("visitor_cut_off", nkey=visitor.user, name=visitor.name, is_known=admitted is not None)
            await cut_off(system, visitor)
            return
        self._note(admitted)

    def _note(self, admitted: Admitted) -> None:
        """Somebody is there with a key that is good; if it is a child's newest its older ones are not needed again."""
        now = self._clock.now()
        self._seen[admitted.nkey] = now
        try:
            if admitted.is_newest and sum(one.child == admitted.child for one in self.admission.keys_let_in) > 1:
                self._register.forget_older(admitted.child, admitted.nkey)
            if self._seen_written_at is None or now - self._seen_written_at > _SEEN_WRITTEN_EVERY:
                self._seen_written_at = now
                self._register.note_seen({**self._register.seen(), **self._seen})
        except (RegisterDamaged, ChildUnfit, OSError) as fault:
            _log.error("register_not_written", error=str(fault))

    def _certify(self, gate: Gate) -> None:
        """Draw a key for the gate, and certify it."""
        key = draw()
        self._certified_until = self._clock.now() + CERTIFICATE_LASTS
        certificate = gate.authority.certify(key, gate.node, self._certified_until, hosts=gate.hosts)
        self._shown = GateCertificate(certificate=certificate, key=key.pem)

    def _connection(self, gate: Gate) -> NatsConnection:
        """Return a connection with a key of its own, which nothing but this process ever has."""
        key, authority = draw(), gate.authority
        credentials = Credentials(
            seed=key.seed,
            certificate=authority.certify(key, gate.node, authority.not_after),
            key=key.pem,
            authority=authority.certificate,
        )
        return NatsConnection(gate.server.client_url, node=gate.node, purpose="gate", credentials=credentials)

    def _kept(self, gate: Gate) -> "_KeptGate":
        return _KeptGate(
            server=gate.server,
            answered_at=lambda: self._looked_at,
            start=lambda: gate.server.start(self._shown, self._users(gate)),
        )

    def _users(self, gate: Gate) -> list[KeyUser]:
        return [
            KeyUser(nkey=one.nkey, rights=rights_of_child(gate.node, one.child, one.scopes))
            for one in self.admission.keys_let_in
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _KeptGate:
    """A gate, of which the keeper knows whether it answers: it asks it who is there all the time."""

    server: NatsGate
    answered_at: Callable[[], float]
    start: Callable[[], None]

    @property
    def name(self) -> str:
        return "gate"

    @property
    def runs(self) -> bool:
        return self.server.runs

    async def answers(self) -> bool:
        return self.runs and _now() - self.answered_at() < _ANSWERS_WITHIN

    async def restart(self) -> None:
        """Start it with whoever is let in by then; nobody is admitted while the main thread waits for it."""
        await asyncio.to_thread(self.server.stop, within=_ENDS_WITHIN)
        self.start()


def _now() -> float:
    return asyncio.get_running_loop().time()
