"""The logs of a node on their way up: which are sent, and what is done about the parent's other histories."""

import pytest

from bus.replication import (
    START,
    Admit,
    Ascent,
    AscentEffect,
    Ask,
    GiveWay,
    Hold,
    LogId,
    LookUp,
    Open,
    Position,
    Recover,
    Recovered,
    Take,
)
from bus.replication.recovery import FETCH

NODE = "dorohusk"
OLD, NOW = LogId(NODE, 5, "facts"), LogId(NODE, 9, "facts")
OTHER = LogId("terespol", 7, "facts")


def at(seq: int, history: str = "") -> Position:
    return Position(seq, f"{history}{seq}".encode().ljust(32) if seq else bytes(32))


@pytest.fixture
def ascent() -> Ascent:
    ascent = Ascent(NODE, NOW.epoch)
    ascent.link_up()
    return ascent


def test_nothing_is_sent_before_the_parent_answers() -> None:
    ascent = Ascent(NODE, NOW.epoch)
    assert ascent.held(NOW, 3) == []
    assert ascent.link_up() == [Admit(NOW)]
    assert ascent.link_down() == [Hold(NOW)]


def test_a_later_epoch_waits_until_the_parent_holds_the_earlier_one(ascent: Ascent) -> None:
    assert ascent.held(OLD, 3) == [Admit(OLD)]
    assert ascent.held(NOW, 1) == []
    assert ascent.told(OLD, at(2)) == []
    assert ascent.told(OLD, at(3)) == [Admit(NOW)]


def test_a_parent_that_lost_the_earlier_epoch_gets_that_first(ascent: Ascent) -> None:
    ascent.held(OLD, 3, at(3))
    assert ascent.held(NOW, 1) == [Admit(NOW)]
    assert ascent.told(OLD, START) == [Hold(NOW)]


def test_word_of_events_that_gave_way_meanwhile_is_forgotten(ascent: Ascent) -> None:
    ascent.held(OLD, 5, at(4))
    ascent.held(NOW, 1)
    ascent.looks()
    ascent.held(OLD, 4)
    assert ascent.found(OLD) == [Admit(NOW)]


def test_word_that_came_while_the_logs_were_looked_up_counts(ascent: Ascent) -> None:
    ascent.held(OLD, 4, at(4))
    assert ascent.held(NOW, 1) == [Admit(NOW)]
    ascent.looks()
    assert ascent.held(OLD, 5) == [Hold(NOW)]
    ascent.held(OLD, 4)
    assert ascent.found(OLD) == []


def test_channels_and_origins_do_not_wait_for_each_other(ascent: Ascent) -> None:
    alarms = LogId(NODE, NOW.epoch, "alarms")
    ascent.held(OLD, 3)
    assert ascent.held(alarms, 1) == [Admit(alarms)]
    assert ascent.held(OTHER, 1) == [Admit(OTHER)]


def test_a_later_epoch_that_the_parent_knows_is_gone_beyond(ascent: Ascent) -> None:
    assert ascent.ruling(NOW.epoch) == []
    assert ascent.ruling(12) == [Open(12)]
    assert ascent.ruling(12) == []


def test_nothing_of_ones_own_is_sent_while_the_epoch_changes(ascent: Ascent) -> None:
    assert ascent.held(NOW, 3) == [Admit(NOW)]
    assert ascent.held(OTHER, 3) == [Admit(OTHER)]
    assert ascent.ruling(12) == [Hold(NOW), Open(12)]
    assert ascent.held(LogId(NODE, NOW.epoch, "alarms"), 1) == []
    assert ascent.admits(OTHER)


def test_an_epoch_that_is_held_and_greater_than_the_present_one_is_gone_beyond(ascent: Ascent) -> None:
    """A wiped node, whose clock is wrong, took back what it had recorded before."""
    assert ascent.held(LogId(NODE, 20, "facts"), 2) == [Open(19)]


def test_a_lost_tail_of_an_earlier_epoch_is_taken_back(ascent: Ascent) -> None:
    ascent.held(OLD, 1, at(1))
    assert ascent.told(OLD, at(2)) == [Hold(OLD), Recover(OLD, LookUp(1)), Recover(OLD, Ask(2, 1))]
    assert ascent.differs(OLD)
    ascent.looked_up(OLD, 1, at(1).hash)
    assert ascent.answered(OLD, 2, at(1).hash) == [Recover(OLD, Ask(2, FETCH))]
    assert ascent.answered(OLD, 2, at(1).hash) == [Recover(OLD, Take())]
    assert ascent.took(OLD, 2) == [Recover(OLD, LookUp(2))]
    assert ascent.looked_up(OLD, 2, at(2).hash) == [Recovered(OLD, at(2)), Admit(OLD)]
    assert not ascent.differs(OLD)


def test_what_another_way_brought_meanwhile_is_compared_anew(ascent: Ascent) -> None:
    ascent.held(OLD, 1, at(1))
    ascent.told(OLD, at(2))
    ascent.looked_up(OLD, 1, at(1).hash)
    ascent.answered(OLD, 2, at(1).hash)
    ascent.answered(OLD, 2, at(1).hash)
    ascent.took(OLD, 3)
    assert ascent.looked_up(OLD, 2, at(3).hash) == []
    assert ascent.differs(OLD)
    assert ascent.told(OLD, at(2)) == [Recover(OLD, LookUp(2))]


def test_a_log_that_is_not_here_is_taken_back_whole(ascent: Ascent) -> None:
    assert ascent.told(OTHER, at(2)) == [Recover(OTHER, Ask(1, FETCH))]
    assert ascent.differing == (OTHER,)


@pytest.mark.parametrize("head", [1, 4])
def test_the_present_epoch_ends_before_its_log_gives_way(ascent: Ascent, head: int) -> None:
    ascent.held(NOW, head)
    assert ascent.forked(NOW) == [Hold(NOW)]
    ascent.told(NOW, at(1, "theirs"))
    assert ascent.looked_up(NOW, 1, at(1).hash) == [Open(NOW.epoch)]


def test_a_log_of_an_earlier_epoch_gives_way(ascent: Ascent) -> None:
    ascent.held(OLD, 4)
    ascent.forked(OLD)
    ascent.told(OLD, at(1, "theirs"))
    assert ascent.looked_up(OLD, 1, at(1).hash) == [Recover(OLD, GiveWay(0))]


def test_the_present_epoch_ends_before_its_lost_tail_is_taken_back(ascent: Ascent) -> None:
    assert ascent.told(NOW, at(2))[-1] == Open(NOW.epoch)


def test_a_fork_that_is_none_changes_nothing(ascent: Ascent) -> None:
    """The word was of a time before the parent was restored."""
    ascent.held(NOW, 3)
    ascent.forked(NOW)
    assert ascent.told(NOW, at(2))[-1] == Recover(NOW, LookUp(2))
    assert ascent.looked_up(NOW, 2, at(2).hash) == [Recovered(NOW, at(2)), Admit(NOW)]
    assert ascent.epoch == NOW.epoch


def test_a_step_that_failed_begins_anew_with_the_parents_next_word(ascent: Ascent) -> None:
    ascent.told(OTHER, at(2))
    ascent.failed(OTHER)
    assert ascent.differs(OTHER)
    assert Recover(OTHER, Ask(1, FETCH)) in ascent.told(OTHER, at(2))


def test_answers_to_a_recovery_that_was_given_up_are_passed_by(ascent: Ascent) -> None:
    ascent.told(OTHER, at(2))
    ascent.failed(OTHER)
    answers: list[list[AscentEffect]] = [
        ascent.answered(OTHER, 1, START.hash),
        ascent.looked_up(OTHER, 1, None),
        ascent.gave_way(OTHER),
        ascent.took(OTHER, 1),
    ]
    assert answers == [[], [], [], []]


def test_logs_that_the_parent_does_not_list_are_gone_there(ascent: Ascent) -> None:
    ascent.held(OLD, 3, at(3))
    ascent.held(NOW, 1)
    assert ascent.unlisted([NOW], is_whole=True) == [OLD]
    ascent.told(OLD, START)
    assert ascent.unlisted([NOW], is_whole=True) == [OLD]
    assert ascent.unlisted([OLD, NOW], is_whole=True) == []


def test_a_list_in_shares_is_whole_when_one_is_repeated(ascent: Ascent) -> None:
    ascent.held(OLD, 3, at(3))
    assert ascent.unlisted([NOW], is_whole=False) == []
    assert ascent.unlisted([OTHER], is_whole=False) == []
    assert ascent.unlisted([NOW], is_whole=False) == [OLD]


def test_a_log_whose_recovery_failed_hears_that_the_parent_lost_it(ascent: Ascent) -> None:
    """The parent was restored while it was asked: there is nothing to take back any more."""
    ascent.told(OTHER, at(2))
    ascent.told(OTHER, START)
    ascent.failed(OTHER)
    assert ascent.unlisted([], is_whole=True) == [OTHER]
    assert ascent.told(OTHER, START) == [Recovered(OTHER, START), Admit(OTHER)]


def test_a_log_may_be_admitted_before_anything_of_it_is_held(ascent: Ascent) -> None:
    """The parent has begun it: the sender that comes later is to be linked at once."""
    assert ascent.told(OLD, START) == [Admit(OLD)]
    assert ascent.held(OLD, 1) == []
    assert ascent.admits(OLD)
