from collections.abc import Callable

import msgspec
import pytest

from bus.replication import (
    CREDIT,
    MAX_RECORDS,
    RESEND_AFTER,
    START,
    WINDOW,
    Compare,
    Confirm,
    Effect,
    Forked,
    Header,
    LogId,
    Position,
    Scope,
    Send,
    Sender,
    Trim,
)

LOG = LogId("terespol", 77, "facts")
EPOCH = LOG.epoch


def hash_at(seq: int) -> bytes:
    return seq.to_bytes(32) if seq else START.hash


def at(seq: int) -> Position:
    return Position(seq, hash_at(seq))


def header(send: Effect, n: int | None = None) -> Header:
    assert isinstance(send, Send)
    last = send.first + (n or send.limit) - 1
    return Header(
        version=1,
        log=LOG,
        first=send.first,
        last=last,
        n=last - send.first + 1,
        before=hash_at(send.first - 1),
        after=hash_at(last),
        hlc=0,
        generation=send.generation,
    )


@pytest.fixture
def start() -> Callable[..., Sender]:
    """A sender whose link is up and who has not been asked for the next batch yet."""

    def make(head: int = 0, *, relayed: bool = False, receiver: Position = START, centre: Position = START) -> Sender:
        sender = Sender(LOG, head=head, receiver=receiver, centre=centre, generation=100, relayed=relayed)
        sender.link_up()
        return sender

    return make


def send_batches(sender: Sender, count: int, size: int, *, published: bool = True) -> list[Header]:
    """Pack batches from where the sender is, which has just asked for the first of them."""
    sent = []
    effects: list[Effect] = [Send(sender._cursor + 1, MAX_RECORDS, sender.generation)]
    for _ in range(count):
        sent.append(header(effects[-1], size))
        effects = sender.packed(sent[-1])
        if published:
            effects += sender.published(sent[-1])
    return sent


def confirm(sender: Sender, position: Position, scope: Scope = Scope.RECEIVER) -> list[Effect]:
    effects = sender.confirmed(EPOCH, position, scope)
    return sender.compared(position, scope, equal=True) if effects == [Compare(scope, position)] else effects


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


@pytest.mark.parametrize("scope", Scope)
def test_a_confirmation_with_another_hash_is_a_fork(start: Callable[..., Sender], scope: Scope) -> None:
    sender = start(20)
    sender.confirmed(EPOCH, at(7), scope)
    assert sender.compared(at(7), scope, equal=False) == [Forked(7)]
    assert sender.forked


@pytest.mark.parametrize("seq", [0, 10, 15])
def test_a_known_position_with_another_hash_is_a_fork(start: Callable[..., Sender], seq: int) -> None:
    sender = start(20, receiver=at(15), centre=at(10))
    assert sender.confirmed(EPOCH, Position(seq, bytes(31) + b"x"), Scope.RECEIVER) == [Forked(seq)]


@pytest.mark.parametrize("scope", Scope)
def test_an_origin_behind_its_receiver_has_lost_its_tail(start: Callable[..., Sender], scope: Scope) -> None:
    assert start(20).confirmed(EPOCH, at(21), scope) == [Forked(21)]


def test_a_relay_behind_its_receiver_waits_for_the_origin(start: Callable[..., Sender]) -> None:
    sender = start(20, relayed=True)
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
