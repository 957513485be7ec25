"""Lists that are too long for one message."""

from bus.link.messages import Standing
from bus.link.shares import SHARE, Shares
from bus.replication import START, LogId


def standings(count: int) -> list[Standing]:
    return [Standing(LogId("central", 1, f"watchlist.x{number}"), START, arrived=True) for number in range(count)]


def test_what_fits_is_said_whole() -> None:
    every = standings(SHARE)
    assert Shares().next(every) == every


def test_every_item_has_its_turn_even_if_none_is_ever_settled() -> None:
    every, shares = standings(3 * SHARE + 1), Shares()
    said = [shares.next(every) for _ in range(4)]
    assert {len(share) for share in said} == {SHARE}
    assert {one.log for share in said for one in share} == {one.log for one in every}


def test_an_item_that_stays_has_its_turn_while_the_others_come_and_go() -> None:
    every, shares = standings(4 * SHARE), Shares()
    stays = max(every, key=lambda one: one.log.channel)
    turns = (every, [*every[::2], stays])
    said = [shares.next(turns[turn % 2]) for turn in range(6)]
    assert any(stays in share for share in said)
