"""Words for the tests of the sender: positions, headers, batches sent, confirmations compared."""

from bus.replication import MAX_RECORDS, START, Compare, Effect, Header, LogId, Position, Scope, Send, Sender

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
