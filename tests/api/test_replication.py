"""What a node tells those who look after it: its neighbours, its logs at both ends, and what is wrong."""

from pathlib import Path
from typing import Any

import pytest

from bus.link.messages import Health
from bus.link.stopped import Stopped
from bus.link.wire import Stream
from bus.replication import LogId
from domain.shared.actors import Role
from tests.api.nodes import Node, memory_node
from tests.bus.watch.conditions import ago, child, link, wire
from tests.samples import MORNING, audited

ALL = """{ replication {
  node now
  health { version waiting waitingSince quarantined diskFree diskRoom }
  neighbours {
    code isParent up heardAt version clockOffset
    connections { stream up heardAt }
    health { version waiting waitingSince quarantined diskFree diskRoom }
  }
  logs { origin channel seq parent centre waiting waitingSince lagSeconds quarantined via stopped { reason }
         children { child seq } }
  faults { cause label priority text }
} }"""
HEALTH = Health(
    version="0.2.0",
    now=int(MORNING.timestamp() * 1000),
    waiting=2**40,
    oldest=int(ago(90).timestamp() * 1000),
    quarantined=3,
    free=2**50,
    room=2**51,
)


async def shown(node: Node, query: str = ALL, role: Role = Role.ADMINISTRATOR) -> Any:
    return (await node.ask(query, role))["replication"]


@pytest.mark.parametrize("role", [Role.OFFICER, Role.ANALYST, Role.ADMINISTRATOR, Role.AUDITOR])
async def test_everybody_who_works_here_may_look_and_nobody_else(site: Node, role: Role) -> None:
    assert (await shown(site, "{ replication { node } }", role)) == {"node": "dorohusk"}
    assert await site.refused("{ replication { node } }") == ["UNAUTHENTICATED"]


async def test_a_node_alone_has_no_neighbours_and_nothing_is_wrong(site: Node) -> None:
    assert await shown(site) == {
        "node": "dorohusk",
        "now": site.clock.now().isoformat(),
        "health": {
            "version": "0.2.0",
            "waiting": "0",
            "waitingSince": None,
            "quarantined": "0",
            "diskFree": str(60 << 30),
            "diskRoom": str(100 << 30),
        },
        "neighbours": [],
        "logs": [],
        "faults": [],
    }


async def test_what_waits_here_is_counted_with_the_time_of_the_oldest(site: Node) -> None:
    began = site.clock.now()
    await site.record(audited(), audited())
    told = await shown(site)

    (log,) = told["logs"]
    assert (log["origin"], log["channel"], log["via"], log["waiting"]) == ("dorohusk", "audit", None, "2")
    assert (log["seq"], log["parent"], log["centre"], log["quarantined"]) == ("2", "0", "0", "0")
    assert (log["stopped"], log["children"]) == (None, [])
    assert told["health"]["waiting"] == "2"
    assert told["health"]["waitingSince"] == log["waitingSince"] == began.isoformat()


async def test_neighbours_are_told_parent_first_with_both_connections(tmp_path: Path) -> None:
    stands = link(
        parent=(wire(Stream.ALARMS), wire(Stream.BULK, up=False, answered_at=None, clock_offset=-0.5)),
        children={"koroszczyn": child(health=HEALTH), "dorohusk": child(heard={}, clock_offset=None)},
    )
    region = memory_node(tmp_path, "lublin", "region", link=lambda: stands)
    region.clock.set(MORNING)
    parent, silent, heard = (await shown(region))["neighbours"]

    assert (parent["code"], parent["isParent"], parent["up"], parent["version"]) == ("central", True, False, "0.2.0")
    assert (parent["clockOffset"], parent["health"], parent["heardAt"]) == (0.01, None, ago(1).isoformat())
    assert parent["connections"] == [
        {"stream": "ALARMS", "up": True, "heardAt": ago(1).isoformat()},
        {"stream": "BULK", "up": False, "heardAt": None},
    ]
    assert (silent["code"], silent["up"], silent["heardAt"], silent["clockOffset"]) == ("dorohusk", False, None, None)
    assert (heard["code"], heard["up"], heard["version"], heard["clockOffset"]) == ("koroszczyn", True, "0.2.0", -0.02)
    assert heard["health"] == {
        "version": "0.2.0",
        "waiting": str(2**40),
        "waitingSince": ago(90).isoformat(),
        "quarantined": "3",
        "diskFree": str(2**50),
        "diskRoom": str(2**51),
    }


async def test_a_log_that_stands_still_says_why_and_is_a_fault(tmp_path: Path) -> None:
    still: list[Stopped] = []
    site = memory_node(tmp_path, link=lambda: link(parent=(), children={}, stopped=tuple(still)))
    await site.record(audited())
    (own,) = await site.views.statuses()
    still.append(
        Stopped(
            origin=own.origin, epoch=own.epoch, channel="audit", seq=1, reason="OverflowError", since=MORNING, kept=True
        )
    )
    told = await shown(site)

    assert [log["stopped"] for log in told["logs"]] == [{"reason": "OverflowError"}]
    (fault,) = told["faults"]
    assert (fault["cause"], fault["label"], fault["priority"]) == ("standstill", "dorohusk audit", 2)


async def test_a_feed_is_told_with_how_far_each_child_is(tmp_path: Path) -> None:
    held: dict[LogId, int] = {}
    stands = link(parent=(), children={"lublin": child(held=held), "bialystok": child()})
    central = memory_node(tmp_path, "central", "central", link=lambda: stands)
    await central.logs.begin("watchlist.pl")
    held[(await central.logs.held())[0].log] = 0
    (told,) = (await shown(central))["logs"]

    assert (told["channel"], told["waiting"]) == ("watchlist.pl", "0")
    assert told["children"] == [{"child": "lublin", "seq": "0"}]


async def test_logs_are_narrowed_by_origin_and_by_the_way_they_come(region: Node, site: Node) -> None:
    await site.record(audited())
    await region.record(audited())
    await region.hear(site)

    async def told(arguments: str) -> list[str]:
        found = await shown(region, f"{{ replication {{ logs{arguments} {{ origin }} }} }}")
        return [log["origin"] for log in found["logs"]]

    assert await told("") == ["dorohusk", "region-lublin"]
    assert await told('(origin: "region-lublin")') == ["region-lublin"]
    assert await told('(via: "dorohusk")') == ["dorohusk"]
    assert await told('(via: "elsewhere")') == []
