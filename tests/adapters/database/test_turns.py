"""Turns come in the order in which they were taken."""

import asyncio

from adapters.database.turns import Line, Turn, lines_beside, lines_of
from bus.catalogue import UP
from bus.replication.log import LogId

ALARMS, FACTS, AUDIT = (("koroszczyn", channel) for channel in ("alarms", "facts", "audit"))


async def test_who_asked_first_about_a_log_goes_first_and_others_are_not_kept() -> None:
    last: dict[Line, Turn] = {}
    went: list[str] = []

    async def go(name: str, turn: Turn) -> None:
        await turn.come()
        went.append(name)

    turns = [Turn(last, logs) for logs in ({FACTS}, {FACTS, AUDIT}, {ALARMS}, {AUDIT}, {FACTS})]
    tasks = [asyncio.create_task(go(name, turn)) for name, turn in zip("abcde", turns, strict=True)]
    await asyncio.sleep(0)
    assert went == ["a", "c"]
    for turn in turns[:2]:
        turn.end()
        await asyncio.gather(*tasks[: 1 + turns.index(turn)])
    await asyncio.gather(*tasks)
    assert went == ["a", "c", "b", "d", "e"]
    for turn in turns[2:]:
        turn.end()
    assert last == {}


def test_logs_of_all_epochs_stand_in_one_line() -> None:
    logs = [LogId("koroszczyn", epoch, channel) for epoch in (7, 9) for channel in ("alarms", "facts")]
    assert lines_of(logs) == {ALARMS, FACTS}


def test_what_shows_in_the_same_tables_stands_beside_each_other() -> None:
    facts, drafts, posts = (
        LogId("central", 7, channel) for channel in ("facts", "watchlist.drafts", "organisation.dorohusk")
    )
    assert lines_beside(facts) == {("central", channel) for channel in UP}
    assert lines_beside(drafts) == lines_of([LogId("west", 8, "watchlist.pl")])
    assert not lines_beside(drafts) & lines_beside(posts)


async def test_one_who_leaves_before_his_turn_lets_nobody_overtake() -> None:
    last: dict[Line, Turn] = {}
    first, gone, behind = (Turn(last, {FACTS}) for _ in range(3))
    gone.end()
    waiting = asyncio.create_task(behind.come())
    for _ in range(10):
        await asyncio.sleep(0)
    assert not waiting.done()
    first.end()
    async with asyncio.timeout(1):
        await waiting
