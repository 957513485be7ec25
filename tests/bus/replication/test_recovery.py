"""One log is brought to where the parent is."""

import pytest

from bus.replication import Ask, GiveWay, LookUp, Position, Recovery, Step, Take
from bus.replication.recovery import FETCH


def hash_at(seq: int, history: str = "") -> bytes:
    return f"{history}{seq}".encode().ljust(32) if seq else bytes(32)


def theirs(seq: int) -> Position:
    return Position(seq, hash_at(seq, "theirs"))


def ours(seq: int) -> Position:
    return Position(seq, hash_at(seq))


class Both:
    """Both ends of a log that are the same up to `same`; carries out steps and remembers them."""

    def __init__(self, head: int, same: int) -> None:
        self.head = head
        self.same = same
        self.taken: tuple[int, bytes] | None = None
        self.steps: list[Step] = []

    def run(self, recovery: Recovery) -> None:
        waiting = recovery.begin()
        while waiting:
            step = waiting.pop(0)
            self.steps.append(step)
            waiting += self._answer(recovery, step)

    def _answer(self, recovery: Recovery, step: Step) -> list[Step]:
        match step:
            case LookUp(seq):
                return recovery.looked_up(seq, self._own(seq))
            case Ask(first):
                return recovery.answered(first, hash_at(first - 1, "theirs" if first - 1 > self.same else ""))
            case GiveWay(seq):
                self.head = self.same = seq
                return recovery.gave_way()
            case Take():
                self.head = min(self.head + FETCH, recovery.parent.seq)
                self.taken = (recovery.parent.seq, recovery.parent.hash)
                return recovery.took(self.head)

    def _own(self, seq: int) -> bytes | None:
        if self.taken is not None and self.taken[0] == seq:
            return self.taken[1]
        return hash_at(seq) if seq <= self.head else None

    @property
    def changes(self) -> list[Step]:
        return [step for step in self.steps if isinstance(step, GiveWay | Take)]


def test_a_lost_tail_is_asked_for_behind_what_is_held() -> None:
    recovery, both = Recovery(3, ours(5)), Both(3, same=3)
    both.run(recovery)
    assert both.steps == [LookUp(3), Ask(4, 1), Ask(4, FETCH), Take(), LookUp(5)]
    assert recovery.done


def test_an_empty_log_needs_no_comparing() -> None:
    recovery, both = Recovery(0, ours(2)), Both(0, same=0)
    both.run(recovery)
    assert both.steps == [Ask(1, FETCH), Take(), LookUp(2)]


def test_what_came_another_way_meanwhile_is_not_taken_for_the_parents() -> None:
    """While a batch was fetched a child brought as many events, of another history."""
    recovery = Recovery(3, theirs(5))
    recovery.begin()
    recovery.looked_up(3, hash_at(3))
    recovery.answered(4, hash_at(3))
    assert recovery.answered(4, hash_at(3)) == [Take()]
    assert recovery.took(9) == [LookUp(5)]
    assert not recovery.done
    assert recovery.looked_up(5, hash_at(5)) == []
    assert recovery.is_in_vain
    assert not recovery.done


def test_a_long_tail_is_asked_for_in_pieces() -> None:
    recovery, both = Recovery(1, ours(1 + 2 * FETCH)), Both(1, same=1)
    both.run(recovery)
    assert both.changes == [Take(), Take()]
    assert recovery.done


@pytest.mark.parametrize("head", [6, 10, 14])
@pytest.mark.parametrize("same", range(6))
def test_what_follows_the_last_common_place_gives_way_and_no_more(head: int, same: int) -> None:
    recovery, both = Recovery(head, theirs(10)), Both(head, same=same)
    both.run(recovery)
    assert both.changes == [GiveWay(same), Take()]
    assert recovery.done


@pytest.mark.parametrize("head", [4, 9])
def test_a_parent_that_holds_nothing_of_it_differs_in_nothing(head: int) -> None:
    recovery = Recovery(head, Position(0, bytes(32)))
    assert recovery.begin() == []
    assert recovery.done


def test_a_log_that_parts_is_not_done_before_it_gave_way() -> None:
    recovery = Recovery(4, theirs(1))
    assert recovery.begin() == [LookUp(1)]
    assert recovery.looked_up(1, hash_at(1)) == [GiveWay(0)]
    assert not recovery.done


def test_what_is_no_longer_held_counts_as_the_same() -> None:
    recovery = Recovery(5, theirs(9))
    recovery.begin()
    recovery.looked_up(5, None)
    assert recovery.answered(6, hash_at(5, "theirs")) == [Ask(6, FETCH)]


def test_the_place_where_they_part_is_found_in_few_questions() -> None:
    recovery, both = Recovery(10_000, theirs(9_000)), Both(10_000, same=4_321)
    both.run(recovery)
    assert both.changes[0] == GiveWay(4_321)
    assert sum(isinstance(step, Ask) and step.limit == 1 for step in both.steps) <= 14


def test_late_answers_change_nothing() -> None:
    recovery = Recovery(8, theirs(8))
    recovery.begin()
    assert recovery.looked_up(3, hash_at(3)) == []
    assert recovery.looked_up(8, hash_at(8)) == [LookUp(4), Ask(5, 1)]
    assert recovery.answered(9, hash_at(8)) == []
