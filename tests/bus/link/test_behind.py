"""How far a node is behind its parent."""

from bus.link.behind import Behind
from bus.link.messages import Standing
from bus.link.shares import SHARE
from bus.replication import LogId, Position
from domain.watchlist.events import EntryActivated
from tests.bus.link.nodes import Chain, play
from tests.bus.link.virtual_time import until
from tests.samples import entry

PL, LUBLIN = (LogId("central", 1, f"watchlist.{scope}") for scope in ("pl", "lublin"))


def head(log: LogId, seq: int) -> Standing:
    return Standing(log, Position(seq, bytes(32)), True)  # noqa: FBT003 - as it is said on the wire


def test_nothing_is_known_until_the_parent_has_spoken() -> None:
    behind = Behind()
    behind.reached(PL, 3)
    assert behind.events is None
    behind.told([], 0)
    assert behind.events == 0


def test_what_is_still_to_come_is_counted_down() -> None:
    behind = Behind()
    behind.told([head(PL, 5), head(LUBLIN, 2)], 2)
    behind.reached(PL, 4)
    assert behind.events == 3
    behind.told([head(PL, 6), head(LUBLIN, 2)], 2)
    assert behind.events == 4
    behind.reached(PL, 7)
    behind.reached(LUBLIN, 2)
    assert behind.events == 0


def test_what_is_told_no_more_has_come_unless_only_a_share_was_told() -> None:
    behind = Behind()
    behind.told([head(PL, 5)], 1)
    behind.told([head(LUBLIN, 2)], SHARE)
    assert behind.events == 7
    behind.told([head(LUBLIN, 2)], 1)
    assert behind.events == 2


def test_nothing_is_known_while_only_shares_were_told_and_none_repeats() -> None:
    behind = Behind()
    behind.told([head(PL, 5)], SHARE)
    behind.reached(PL, 5)
    behind.told([head(LUBLIN, 2)], SHARE)
    assert behind.events is None
    assert set(behind.missing) == {LUBLIN}
    behind.told([head(PL, 6), head(LUBLIN, 2)], SHARE)
    assert behind.events == 8
    behind.reached(PL, 6)
    behind.reached(LUBLIN, 2)
    behind.told([head(PL, 7)], SHARE)
    assert behind.events == 7


def test_a_node_knows_how_far_it_is_behind_its_parent() -> None:
    async def scenario(chain: Chain) -> None:
        await until(lambda: chain.region.link.status().behind == 0, 5)
        assert chain.centre.link.status().behind is None
        await chain.region.stop()
        await chain.centre.record(*(EntryActivated(entry=entry()) for _ in range(3)))
        await chain.region.restart()
        assert chain.region.link.status().behind is None
        await until(lambda: chain.region.link.status().behind == 0, 5)
        assert chain.region.head("central", "watchlist.pl") == 3

    play(scenario)
