from collections.abc import Callable

import msgspec
import pytest

from bus.replication import RESEND_AFTER, WINDOW, Confirm, Effect, Send, Sender
from tests.bus.replication.sending import EPOCH, at, confirm, header, send_batches


def test_a_failure_goes_back_to_the_confirmed_position_after_a_pause(start: Callable[..., Sender]) -> None:
    sender = start(100)
    send_batches(sender, 3, 10, published=False)
    confirm(sender, at(10))
    assert sender.failed(100, 50.0) == []
    assert sender.appended(101) == []
    assert sender.tick(50.2) == []
    assert sender.tick(50.25) == [Send(11, 91, 101)]


def test_one_failure_of_a_window_counts_for_all(start: Callable[..., Sender]) -> None:
    sender = start(100)
    sent = send_batches(sender, 3, 10, published=False)
    sender.failed(100, 50.0)
    assert sender.failed(100, 51.0) == []
    assert sender.published(sent[2]) == []
    assert sender.tick(50.25) == [Send(1, 100, 101)]


def test_pauses_double_up_to_eight_seconds_and_never_overflow(start: Callable[..., Sender]) -> None:
    sender = start(100)
    pauses = []
    for _ in range(2000):
        sender.failed(sender.generation, 0.0)
        assert sender._resume_at is not None
        pauses.append(sender._resume_at)
        sender.tick(sender._resume_at)
    assert pauses[:7] == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    assert pauses[-1] == 8.0


def test_after_a_failure_one_batch_tries_the_way(start: Callable[..., Sender]) -> None:
    sender = start(100)
    sender.failed(100, 0.0)
    (send,) = sender.tick(1.0)
    first = header(send, 10)
    assert sender.packed(first) == []
    assert sender.published(first) == []
    assert confirm(sender, at(10)) == [Confirm(at(10)), Send(11, 90, 101)]
    assert sender.packed(header(Send(11, 90, 101), 10)) == [Send(21, 80, 101)]


def test_a_gap_goes_back_to_what_is_missing(start: Callable[..., Sender]) -> None:
    sender = start(100)
    send_batches(sender, 5, 10)
    assert sender.gap(EPOCH, 21, 100) == [Send(21, 80, 101)]


def test_further_gaps_of_the_same_loss_are_ignored(start: Callable[..., Sender]) -> None:
    sender = start(100)
    send_batches(sender, 5, 10)
    (send,) = sender.gap(EPOCH, 21, 100)
    assert sender.packed(header(send, 10)) == [Send(31, 70, 101)]
    assert sender.gap(EPOCH, 21, 100) == []
    assert sender.generation == 101


def test_a_gap_shows_that_the_receiver_is_there(start: Callable[..., Sender]) -> None:
    sender = start(100)
    sender.failed(100, 0.0)
    (send,) = sender.tick(1.0)
    sender.packed(header(send, 10))
    (again,) = sender.gap(EPOCH, 1, 101)
    assert sender.packed(header(again, 10)) == [Send(11, 90, 102)]


def test_a_gap_may_lie_before_the_confirmed_position(start: Callable[..., Sender]) -> None:
    """The receiver's database was restored from a backup."""
    sender = start(100, receiver=at(50))
    send_batches(sender, 1, 10)
    assert sender.gap(EPOCH, 31, 100) == [Send(31, 70, 101)]


@pytest.mark.parametrize("expected", [0, 21])
def test_a_gap_outside_of_what_was_sent_is_ignored(start: Callable[..., Sender], expected: int) -> None:
    sender = start(100)
    sender.packed(header(Send(1, 100, 100), 20))
    assert sender.gap(EPOCH, expected, 100) == []
    assert sender.generation == 100


def test_what_was_not_heard_of_is_sent_again(start: Callable[..., Sender]) -> None:
    sender = start(20)
    send_batches(sender, 2, 10)
    assert sender.tick(10.0) == []
    assert sender.tick(10.0 + RESEND_AFTER - 0.1) == []
    assert sender.tick(10.0 + RESEND_AFTER) == [Send(1, 20, 101)]


def test_what_is_on_its_way_to_the_broker_is_not_sent_again(start: Callable[..., Sender]) -> None:
    sender = start(20)
    first, second = send_batches(sender, 2, 10, published=False)
    for now in range(100):
        assert sender.tick(now) == []
    sender.published(second)
    assert sender.tick(100.0 + RESEND_AFTER) == []
    sender.published(first)
    assert sender.tick(110.0) == []
    assert sender.tick(110.0 + RESEND_AFTER) == [Send(1, 20, 101)]


def test_progress_starts_the_wait_anew(start: Callable[..., Sender]) -> None:
    sender = start(20)
    send_batches(sender, 2, 10)
    sender.tick(10.0)
    confirm(sender, at(10))
    assert sender.tick(13.0) == []
    assert sender.tick(16.9) == []
    assert sender.tick(17.0) == [Send(11, 10, 101)]


def test_waits_double_twice_while_nobody_answers(start: Callable[..., Sender]) -> None:
    sender = start(20)
    resent = []
    sends: list[Effect] = [Send(1, 20, 100)]
    for quarter in range(4 * 60):
        for send in sends:
            sender.packed(header(send))
            sender.published(header(send))
        sends = sender.tick(quarter / 4)
        resent += [quarter / 4] * len(sends)
    assert resent == [4.0, 12.25, 28.5, 44.75]


def test_nothing_is_sent_again_when_everything_is_confirmed(start: Callable[..., Sender]) -> None:
    sender = start(20)
    send_batches(sender, 2, 10)
    confirm(sender, at(20))
    assert sender.tick(0.0) == []
    assert sender.tick(1000.0) == []
    assert sender.generation == 100


def test_a_receiver_that_fell_back_gets_its_events_again(start: Callable[..., Sender]) -> None:
    sender = start(100, receiver=at(100), centre=at(100))
    assert confirm(sender, at(40)) == [Confirm(at(40))]
    sender.tick(10.0)
    assert sender.tick(14.0) == [Send(41, 60, 101)]


def test_a_late_confirmation_costs_nothing(start: Callable[..., Sender]) -> None:
    sender = start(100, receiver=at(100))
    confirm(sender, at(40))
    sender.tick(10.0)
    confirm(sender, at(100))
    assert sender.tick(20.0) == []
    assert sender.generation == 100


def test_a_lost_link_is_taken_up_from_the_confirmed_position_at_once(start: Callable[..., Sender]) -> None:
    sender = start(1000)
    sent = send_batches(sender, WINDOW, 10, published=False)
    confirm(sender, at(10))
    assert sender.link_down() == []
    assert sender.published(sent[1]) == []
    assert sender.link_up() == [Send(11, 500, 101)]
    assert sender.packed(header(Send(11, 500, 101), 10)) == [Send(21, 500, 101)]


def test_a_new_link_has_the_whole_window(start: Callable[..., Sender]) -> None:
    sender = start(100)
    send_batches(sender, WINDOW, 10, published=False)
    sender.link_down()
    assert sender.link_up() == [Send(1, 100, 101)]


def test_a_new_link_ends_the_pause_after_failures(start: Callable[..., Sender]) -> None:
    sender = start(100)
    sender.failed(100, 0.0)
    sender.link_down()
    (send,) = sender.link_up()
    assert send == Send(1, 100, 102)
    assert sender.packed(header(send, 10)) == [Send(11, 90, 102)]


def test_a_batch_packed_for_an_earlier_attempt_changes_nothing(start: Callable[..., Sender]) -> None:
    sender = start(100)
    sender.link_down()
    sender.link_up()
    stale = msgspec.structs.replace(header(Send(1, 100, 101)), generation=100)
    assert sender.packed(stale) == []
    assert sender.published(stale) == []
    assert sender.packed(header(Send(1, 100, 101), 60)) == [Send(61, 40, 101)]
