"""Who passes the gate of a parent, and for how long."""

import asyncio
import ssl
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import nats.errors
import pytest
from nats.aio.client import Client

from adapters.nats import subjects
from adapters.nats.streams import stream_name
from bus.link.wire import Stream
from sites.keys.invitation import Invitation
from sites.keys.node_key import draw
from tests.adapters.nats.lawless import LawlessLeaf
from tests.adapters.nats.places import Place
from tests.adapters.nats.speaking import ANSWERED_SURELY_WITHIN, is_answered, reaches
from tests.gates import OpenGate, authority_of, enter, entered, welcomed
from tests.waiting import until

REFUSED = (nats.errors.Error, OSError)
OWN = subjects.batches("lublin", "koroszczyn", "facts")
WITHIN = 15.0
"""Seconds within which a gate heeds its register, on a busy machine."""


@pytest.fixture
async def koroszczyn(gate: OpenGate) -> Invitation:
    """An invitation with which somebody was let in."""
    invitation = gate.invite("koroszczyn", "pl")
    await (await welcomed(invitation)).close()
    return invitation


@pytest.fixture
def leaf_of(start_place: Callable[..., Place], connect: Any) -> Callable[[Invitation], Any]:
    """Start the server of a child; return a client of it, whose batches have arrived once."""

    async def started(invitation: Invitation) -> Client:
        place = start_place(invitation.child, invitation=invitation)
        client: Client = await connect(place.address.client_url, invitation.child)
        await reaches(client, OWN)
        return client

    return started


async def is_refused(invitation: Invitation, **other: Any) -> bool:
    try:
        client = await enter(invitation, **other)
    except REFUSED:
        return True
    await client.close()
    return False


async def refused(invitation: Invitation) -> None:
    async with asyncio.timeout(WITHIN):
        while not await is_refused(invitation):
            pass


async def silenced(leaf: Client) -> None:
    async with asyncio.timeout(WITHIN):
        while await is_answered(leaf, OWN):
            pass


async def test_a_key_that_nobody_entered_opens_nothing(gate: OpenGate, koroszczyn: Invitation) -> None:
    stranger = gate.certificate_for("koroszczyn")
    assert await is_refused(koroszczyn, seed=stranger.seed)
    assert await is_refused(koroszczyn, seed=stranger.seed, certificate=stranger.certificate, key=stranger.key)
    assert not await is_refused(koroszczyn)


async def test_without_a_certificate_nobody_passes(koroszczyn: Invitation) -> None:
    trusting = ssl.create_default_context(cadata=koroszczyn.authority)
    assert await is_refused(koroszczyn, tls=trusting)


@pytest.mark.parametrize("way", ["leaf_url", "client_url"])
async def test_without_tls_nobody_passes(way: str, koroszczyn: Invitation) -> None:
    caller = await LawlessLeaf.open(getattr(koroszczyn, way))
    await until(caller.is_cut)
    assert b"PONG" not in caller.told
    await caller.close()


async def test_the_certificate_of_another_authority_opens_nothing(
    gate: OpenGate, koroszczyn: Invitation, tmp_path: Path
) -> None:
    other = authority_of("lublin", tmp_path / "elsewhere")
    key = draw()
    forged = other.certify(key, "koroszczyn", gate.clock.now() + timedelta(days=1))
    assert await is_refused(koroszczyn, certificate=forged, key=key.pem)
    assert not await is_refused(koroszczyn)


async def test_a_server_of_another_authority_is_not_trusted(koroszczyn: Invitation, tmp_path: Path) -> None:
    other = authority_of("lublin", tmp_path / "elsewhere")
    assert await is_refused(koroszczyn, authority=other.certificate)


async def test_with_the_certificate_of_another_the_line_is_cut(gate: OpenGate, koroszczyn: Invitation) -> None:
    """TLS and the key each by itself are in order; nats-server does not compare them, the keeper of the gate does."""
    dorohusk = gate.invite("dorohusk", "pl")
    await (await welcomed(dorohusk)).close()
    for shown in (dorohusk.credentials, gate.certificate_for("koroszczyn")):
        client = await enter(koroszczyn, certificate=shown.certificate, key=shown.key)
        await until(lambda cut=client: cut.is_closed, WITHIN)  # type: ignore[misc]


async def test_a_certificate_that_has_ended_opens_nothing(gate: OpenGate, koroszczyn: Invitation) -> None:
    ended = gate.invite("dorohusk", "pl", lasts=timedelta(seconds=-1))
    assert await is_refused(ended)
    assert not await is_refused(koroszczyn)


async def test_a_revoked_child_is_cut_off_and_not_let_in_again(
    gate: OpenGate, koroszczyn: Invitation, parent: Client, leaf_of: Callable[[Invitation], Any]
) -> None:
    client, leaf = await enter(koroszczyn), await leaf_of(koroszczyn)
    gate.register.revoke("koroszczyn")
    await until(lambda: client.is_closed, WITHIN)
    await silenced(leaf)
    assert await is_refused(koroszczyn)
    await until(lambda: "koroszczyn" not in gate.keeper.admission)
    assert (await parent.jetstream().stream_info(stream_name(Stream.BULK, "lublin"))).state.messages > 0


async def test_the_others_stay_when_a_child_is_revoked(
    gate: OpenGate, koroszczyn: Invitation, leaf_of: Callable[[Invitation], Any]
) -> None:
    leaf = await leaf_of(koroszczyn)
    dorohusk = gate.invite("dorohusk", "pl")
    client = await welcomed(dorohusk)
    gate.register.revoke("dorohusk")
    await until(lambda: client.is_closed, WITHIN)
    assert await is_answered(leaf, OWN, ANSWERED_SURELY_WITHIN)


async def test_the_old_key_is_good_until_the_new_one_is_used(
    gate: OpenGate, koroszczyn: Invitation, leaf_of: Callable[[Invitation], Any]
) -> None:
    leaf = await leaf_of(koroszczyn)
    renewed = gate.rotate("koroszczyn", grace=timedelta(hours=1))
    await (await welcomed(renewed)).close()
    client = await enter(renewed)
    await silenced(leaf)
    await refused(koroszczyn)
    assert not client.is_closed
    await client.close()
    assert [key.nkey for key in gate.register.find("koroszczyn").keys] == [gate.keeper.admission.keys_let_in[0].nkey]


async def test_the_old_key_is_good_no_longer_than_its_time_of_grace(gate: OpenGate, koroszczyn: Invitation) -> None:
    client = await enter(koroszczyn)
    renewed = gate.rotate("koroszczyn", grace=timedelta(seconds=0))
    await until(lambda: client.is_closed, WITHIN)
    assert await is_refused(koroszczyn)
    await (await welcomed(renewed)).close()


async def test_a_gate_with_no_children_lets_nobody_in(gate: OpenGate) -> None:
    shown = gate.certificate_for("koroszczyn")
    with pytest.raises(REFUSED):
        await entered(gate.client_url, tls=shown.tls())


async def test_who_is_seen_is_written_down(gate: OpenGate, koroszczyn: Invitation) -> None:
    (key,) = gate.register.find("koroszczyn").keys
    client = await enter(koroszczyn)
    await until(lambda: key.nkey in gate.register.seen(), WITHIN)
    await client.close()
