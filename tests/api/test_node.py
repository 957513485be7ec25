"""What a node tells of itself: lists that have not arrived, feeds that stand still, faults of the link."""

from pathlib import Path

from bus.link.status import ALONE, LinkStatus
from bus.link.stopped import Stopped
from bus.replication import LogId
from domain.registrations.commands import RegisterVehicle
from domain.shared.actors import Actor, Role
from tests.api.nodes import Node, memory_node
from tests.samples import MORNING

STATE = """{ thisNode {
  missingLists
  stoppedLogs { origin epoch channel seq reason since kept }
  linkFaults { name count }
} }"""
REGISTRATIONS = "{ registrations { edges { node { screening { outcome reason listVersion { feed seq } } } } } }"
PL = LogId("central", 7, "watchlist.pl")


async def state(node: Node) -> dict[str, object]:
    shown: dict[str, object] = (await node.ask(STATE, Role.ADMINISTRATOR))["thisNode"]
    return shown


async def screenings(node: Node) -> list[object]:
    shown = await node.ask(REGISTRATIONS, Role.OFFICER)
    return [edge["node"]["screening"] for edge in shown["registrations"]["edges"]]


async def test_a_node_alone_misses_nothing(site: Node) -> None:
    assert await state(site) == {"missingLists": [], "stoppedLogs": [], "linkFaults": []}


async def test_a_list_that_never_arrived_shows_at_the_node_and_at_what_it_registers(tmp_path: Path) -> None:
    site = memory_node(tmp_path, lists=("watchlist.pl",))
    assert (await state(site))["missingLists"] == ["watchlist.pl"]
    jan = Actor(name="jan", roles=frozenset({Role.OFFICER}), purpose="patrol")
    wish = RegisterVehicle(lane="in-1", direction="inbound", plate="WA 1")
    await site.doors.dispatcher.dispatch(wish, jan)
    await site.logs.note_arrival(PL, "lublin")
    await site.doors.dispatcher.dispatch(wish, jan)

    assert (await state(site))["missingLists"] == []
    assert await screenings(site) == [
        {"outcome": "CHECKED", "reason": "", "listVersion": [{"feed": "watchlist.pl", "seq": "0"}]},
        {"outcome": "NOT_CHECKED", "reason": "never arrived here: watchlist.pl", "listVersion": []},
    ]


async def test_feeds_that_stand_still_and_faults_of_the_link_are_shown(tmp_path: Path) -> None:
    still = Stopped(
        origin="central",
        epoch=2**62,
        channel="watchlist.pl",
        seq=2**53 + 1,
        reason="OverflowError",
        since=MORNING,
        kept=True,
    )
    told = LinkStatus(parent=ALONE.parent, children={}, stopped=(still,), tally={"parent_silent": 2, "log_forked": 1})
    site = memory_node(tmp_path, link=lambda: told)

    assert await state(site) == {
        "missingLists": [],
        "stoppedLogs": [
            {
                "origin": "central",
                "epoch": str(2**62),
                "channel": "watchlist.pl",
                "seq": str(2**53 + 1),
                "reason": "OverflowError",
                "since": MORNING.isoformat(),
                "kept": True,
            }
        ],
        "linkFaults": [{"name": "log_forked", "count": "1"}, {"name": "parent_silent", "count": "2"}],
    }
