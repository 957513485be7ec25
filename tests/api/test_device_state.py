"""How devices are, as it is told at their site and elsewhere."""

from typing import Any

from adapters.memory.clock import START
from domain.devices.events import DeviceStateChanged
from domain.organisation.model import digest
from domain.shared.actors import Role
from tests.api.nodes import KEY, Node, stream_push
from tests.samples import MORNING, device_state

STATE = "{ devices { edges { node { code state { lastHeardAt clockOffsetSeconds silent pushes } } } } }"


async def states(node: Node) -> dict[str, Any]:
    edges = (await node.ask(STATE, Role.OFFICER))["devices"]["edges"]
    return {edge["node"]["code"]: edge["node"]["state"] for edge in edges}


async def test_a_site_tells_how_its_devices_are_now(site: Node) -> None:
    await site.enrol()
    await site.enrol("cam-2")
    for number in range(3):
        await site.push(stream_push(f"WA{number}", at=START.isoformat()))
        site.clock.step()
    await site.push(b"junk")
    assert await states(site) == {
        "cam-1": {
            "lastHeardAt": site.clock.now().isoformat(),
            "clockOffsetSeconds": -1.0,
            "silent": False,
            "pushes": "4",
        },
        "cam-2": None,
    }


async def test_who_does_not_prove_itself_is_not_heard(site: Node) -> None:
    await site.enrol(key_digest=digest("another"))
    assert (await site.push(stream_push("WA1"), authorization=f"Bearer {KEY}")).status_code == 401
    assert await states(site) == {"cam-1": None}


async def test_another_node_tells_how_they_were_when_that_changed_last(site: Node, central: Node) -> None:
    await central.enrol(site="dorohusk")
    await site.record(DeviceStateChanged(state=device_state(node="dorohusk", pushes=7_000_000_000)))
    await central.hear(site)
    assert await states(central) == {
        "cam-1": {
            "lastHeardAt": MORNING.isoformat(),
            "clockOffsetSeconds": -1.25,
            "silent": True,
            "pushes": "7000000000",
        }
    }


async def test_one_that_was_never_heard_and_is_silent_has_not_been_heard(site: Node) -> None:
    await site.enrol()
    never = device_state(node="dorohusk", last_heard_at=None, clock_offset_seconds=None, pushes=0)
    await site.record(DeviceStateChanged(state=never))
    assert await states(site) == {
        "cam-1": {"lastHeardAt": None, "clockOffsetSeconds": None, "silent": True, "pushes": "0"}
    }
