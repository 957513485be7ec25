from collections.abc import Callable

import pytest

from bus.replication import (
    CREDIT,
    MAX_RECORDS,
    START,
    WINDOW,
    Compare,
    Confirm,
    Effect,
    Forked,
    Position,
    Scope,
    Send,
    Sender,
    Trim,
)
from tests.bus.replication.sending import EPOCH, LOG, at, confirm, header, send_batches


def test_nothing_is_sent_before_the_link_is_up() -> None:
    sender = Sender(LOG, head=3, generation=100)
    assert sender.appended(4) == []
    assert sender.tick(1.0) == []
    assert sender.link_up() == [Send(1, 4, 100)]


def test_appended_events_are_sent_once_asked(start: Callable[..., Sender]) -> None:
    sender = start()
    assert sender.appended(2) == [Send(1, 2, 100)]
    assert sender.appended(4) == []
    assert sender.appended(3) == []
    assert sender.packed(header(Send(1, 2, 100))) == [Send(3, 2, 100)]


def test_a_batch_has_a_limit(start: Callable[..., Sender]) -> None:
    assert start().appended(10_000) == [Send(1, MAX_RECORDS, 100)]


def test_sending_goes_on_behind_what_was_really_packed(start: Callable[..., Sender]) -> None:
    sender = start()
    (send,) = sender.appended(400)
    assert sender.packed(header(send, 7)) == [Send(8, 393, 100)]


def test_a_restart_sends_from_the_stored_position() -> None:
    sender = Sender(LOG, head=9, receiver=at(5), generation=100)
    assert sender.link_up() == [Send(6, 4, 100)]


def test_what_is_no_longer_held_is_never_sent() -> None:
    """Whoever lacks it gets it elsewhere; what follows is sent again after a while, not at once."""
    sender = Sender(LOG, head=9, generation=100)
    sender.floored(4)
    assert sender.lacking
    (send,) = sender.link_up()
    assert send == Send(5, 5, 100)
    assert sender.packed(header(send)) == sender.published(header(send)) == []
    assert sender.gap(EPOCH, 2, 100) == []
    assert sender.tick(10.0) == []
    sender.floored(6)
    (again,) = sender.tick(14.0)
    assert (again.first, again.limit) == (7, 3)  # type: ignore[union-attr] # it is a `Send`


def test_the_window_holds_until_the_broker_answers(start: Callable[..., Sender]) -> None:
    sender = start(1000)
    sent = send_batches(sender, WINDOW, 10, published=False)
    assert sender.tick(0.0) == []
    assert sender.published(sent[3]) == [Send(81, 500, 100)]


def test_the_credit_holds_until_the_receiver_has_applied(start: Callable[..., Sender]) -> None:
    sender = start(1000)
    send_batches(sender, CREDIT, 10)
    assert sender.tick(0.0) == []
    assert confirm(sender, at(10)) == [Confirm(at(10)), Send(201, 500, 100)]


def test_what_the_receiver_holds_needs_no_answer_of_the_broker(start: Callable[..., Sender]) -> None:
    sender = start(1000)
    send_batches(sender, WINDOW, 10, published=False)
    assert confirm(sender, at(30)) == [Confirm(at(30)), Send(81, 500, 100)]


def test_an_acknowledgement_of_the_broker_confirms_nothing(start: Callable[..., Sender]) -> None:
    sender = start(20)
    send_batches(sender, 2, 10)
    assert (sender.receiver, sender.centre) == (START, START)


def test_a_confirmation_counts_once_it_was_compared(start: Callable[..., Sender]) -> None:
    sender = start(20)
    send_batches(sender, 2, 10)
    assert sender.confirmed(EPOCH, at(10), Scope.RECEIVER) == [Compare(Scope.RECEIVER, at(10))]
    assert sender.receiver == START
    assert sender.compared(at(10), Scope.RECEIVER, equal=True) == [Confirm(at(10))]
    assert sender.receiver == at(10)


def test_only_the_centre_lets_trim(start: Callable[..., Sender]) -> None:
    sender = start(20)
    send_batches(sender, 2, 10)
    assert confirm(sender, at(20)) == [Confirm(at(20))]
    assert sender.confirmed(EPOCH, at(15), Scope.CENTRE) == [Compare(Scope.CENTRE, at(15))]
    assert sender.compared(at(15), Scope.CENTRE, equal=True) == [Trim(at(15))]
    assert confirm(sender, at(12), Scope.CENTRE) == []
    assert sender.centre == at(15)


def test_repeated_confirmations_need_no_comparison(start: Callable[..., Sender]) -> None:
    sender = start(20, receiver=at(20), centre=at(10))
    for scope, position in ((Scope.RECEIVER, at(20)), (Scope.CENTRE, at(10))):
        assert sender.confirmed(EPOCH, position, scope) == []
    assert sender.confirmed(EPOCH, at(20), Scope.CENTRE) == [Trim(at(20))]


def test_a_confirmation_that_overtakes_the_sending_moves_it_on(start: Callable[..., Sender]) -> None:
    sender = start(50)
    sender.link_down()
    assert confirm(sender, at(30)) == [Confirm(at(30))]
    assert sender.link_up() == [Send(31, 20, 101)]


def test_a_confirmation_that_overtakes_the_packing_moves_it_on(start: Callable[..., Sender]) -> None:
    sender = start(50)
    confirm(sender, at(30))
    assert sender.packed(header(Send(1, 50, 100), 10)) == [Send(31, 20, 100)]


def test_a_confirmation_with_another_hash_is_a_fork(start: Callable[..., Sender]) -> None:
    sender = start(20)
    sender.confirmed(EPOCH, at(7), Scope.RECEIVER)
    assert sender.compared(at(7), Scope.RECEIVER, equal=False) == [Forked(7)]
    assert sender.forked


def test_the_centres_word_of_another_history_is_not_believed(start: Callable[..., Sender]) -> None:
    sender = start(20)
    sender.confirmed(EPOCH, at(7), Scope.CENTRE)
    assert sender.compared(at(7), Scope.CENTRE, equal=False) == []
    assert not sender.forked
    assert sender.centre == at(0)


@pytest.mark.parametrize("seq", [0, 10, 15])
def test_a_known_position_with_another_hash_is_a_fork(start: Callable[..., Sender], seq: int) -> None:
    sender = start(20, receiver=at(15), centre=at(10))
    assert sender.confirmed(EPOCH, Position(seq, bytes(31) + b"x"), Scope.RECEIVER) == [Forked(seq)]


def test_a_receiver_that_is_ahead_is_not_for_the_sender_to_judge(start: Callable[..., Sender]) -> None:
    sender = start(20)
    assert sender.confirmed(EPOCH, at(25), Scope.RECEIVER) == []
    sender.appended(25)
    assert sender.confirmed(EPOCH, at(25), Scope.RECEIVER) == [Compare(Scope.RECEIVER, at(25))]


def test_the_receivers_word_for_a_fork_is_taken(start: Callable[..., Sender]) -> None:
    assert start(20).fork(EPOCH, 12) == [Forked(12)]


def test_a_forked_log_stands_still(start: Callable[..., Sender]) -> None:
    sender = start(20)
    (send,) = [Send(1, 20, 100)]
    sender.fork(EPOCH, 5)
    inputs: list[list[Effect]] = [
        sender.appended(30),
        sender.packed(header(send)),
        sender.published(header(send)),
        sender.failed(100, 0.0),
        sender.confirmed(EPOCH, at(3), Scope.CENTRE),
        sender.compared(at(3), Scope.CENTRE, equal=True),
        sender.gap(EPOCH, 1, sender.generation),
        sender.fork(EPOCH, 4),
        sender.tick(100.0),
        sender.link_down(),
        sender.link_up(),
    ]
    assert inputs == [[]] * 11


def test_another_epochs_words_are_not_for_this_log(start: Callable[..., Sender]) -> None:
    sender = start(20)
    send_batches(sender, 2, 10)
    assert sender.confirmed(EPOCH + 1, at(99), Scope.CENTRE) == []
    assert sender.gap(EPOCH + 1, 1, 100) == []
    assert sender.fork(EPOCH + 1, 1) == []
    assert not sender.forked


def test_what_is_refused_is_sent_again_alone_and_later_each_time(start: Callable[..., Sender]) -> None:
    sender, now, pauses = start(2000), 0.0, []
    send_batches(sender, 1, 10)
    for _ in range(9):
        assert sender.refused(EPOCH, 1, now) == []
        began, sends = now, list[Effect]()
        while not sends:
            now += 0.25
            sends = sender.tick(now)
        (send,) = sends
        assert isinstance(send, Send)
        assert send.first == 1
        assert sender.packed(header(send)) == []
        pauses.append(now - began)
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 64, 64]


def test_a_refusal_of_something_else_changes_nothing(start: Callable[..., Sender]) -> None:
    sender = start(20)
    send_batches(sender, 2, 10)
    generation = sender.generation
    for epoch, seq in ((EPOCH + 1, 1), (EPOCH, 2), (EPOCH, 11), (EPOCH, 21)):
        assert sender.refused(epoch, seq, 0.0) == []
    assert sender.generation == generation
