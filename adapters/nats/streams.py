"""The streams of a parent, in which its children's batches wait."""

from contextlib import suppress
from typing import Final

from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import BadRequestError, NotFoundError, ServerError

from adapters.nats import subjects
from bus.link.wire import CHANNELS, Stream

CONSUMER: Final = "applier"
UNSETTLED_MAX: Final = 64
SETTLED_WITHIN: Final = 30.0
_DUPLICATES: Final = 120.0
_MAX_BYTES: Final = {Stream.BULK: 1 << 30, Stream.ALARMS: 1 << 27}
_NAMES: Final = {Stream.BULK: "UP", Stream.ALARMS: "UP_ALARMS"}
_REASON_MAX: Final = 80


class Unwritable(Exception):  # noqa: N818 - a state of the broker's disk, not of the program
    """The broker takes nothing into a stream any more: it could not write it, because its disk was full."""


def stream_name(stream: Stream, node: str) -> str:
    """Return what the stream is called on the server, which may serve several nodes."""
    return f"{_NAMES[stream]}-{node}"


async def keep_inflow(jetstream: JetStreamContext, stream: Stream, node: str, *, replicas: int | None = None) -> None:
    """Make a stream and its consumer, unless they are there, and have all delivered that is not settled.

    A new stream is held by ``replicas`` servers of a cluster; None: by one. Of one that is there the operator decides.

    A full stream refuses what is new, so the senders keep it. A consumer that is ahead of its stream, because the
    server lost the end of it, would pass over what comes: it is made anew. What a predecessor took and did not settle
    would come only after `SETTLED_WITHIN`: the consumer is told to begin again.
    """
    name = stream_name(stream, node)
    await _keep(
        jetstream,
        StreamConfig(
            name=name,
            subjects=[subjects.batches(node, subjects.ANY, channel) for channel in CHANNELS[stream]],
            retention=RetentionPolicy.LIMITS,
            storage=StorageType.FILE,
            discard=DiscardPolicy.NEW,
            max_bytes=_MAX_BYTES[stream],
            duplicate_window=_DUPLICATES,
            num_replicas=replicas,
        ),
    )
    consumer = ConsumerConfig(
        durable_name=CONSUMER,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=SETTLED_WITHIN,
        max_ack_pending=UNSETTLED_MAX,
        max_deliver=-1,
    )
    held = await jetstream.add_consumer(name, consumer)
    last = (await jetstream.stream_info(name)).state.last_seq
    if held.delivered is not None and held.delivered.stream_seq > last:
        await jetstream.delete_consumer(name, CONSUMER)
        await jetstream.add_consumer(name, consumer)
    elif held.num_ack_pending:
        await jetstream.reset_consumer(name, CONSUMER)


async def forget_settled(jetstream: JetStreamContext, stream: Stream, node: str) -> None:
    """Drop what the consumer has settled from its stream.

    Work-queue retention would do so by itself, but writes each settlement to disk: it halves the throughput.

    A server that once could not write a stream answers nothing that is published there, and refuses to drop messages
    from it, though there were none to drop, until it is started anew (nats-server 2.15.1).

    Raises:
        Unwritable: so it is.
    """
    name = stream_name(stream, node)
    consumer = await jetstream.consumer_info(name, CONSUMER)
    try:
        await jetstream.purge_stream(name, subject=subjects.batches(node, node, CHANNELS[stream][0]))  # nobody's
        if consumer.ack_floor is not None and consumer.ack_floor.stream_seq > 0:
            await jetstream.purge_stream(name, seq=consumer.ack_floor.stream_seq + 1)
    except ServerError as refusal:
        raise Unwritable((refusal.description or str(refusal)).rpartition(": ")[2][:_REASON_MAX]) from refusal


async def make_anew(jetstream: JetStreamContext, stream: Stream, node: str) -> None:
    """Make a stream anew that cannot be written, in which case it has to go with all that waits there.

    Nothing is lost by that: what is not on record here its senders still have, and send again. As many servers hold it
    as before.
    """
    name, replicas = stream_name(stream, node), None
    with suppress(NotFoundError):
        replicas = await _replicas(jetstream, name)
        await jetstream.delete_stream(name)
    await keep_inflow(jetstream, stream, node, replicas=replicas)


async def _keep(jetstream: JetStreamContext, config: StreamConfig) -> None:
    try:
        await jetstream.add_stream(config)
    except BadRequestError:
        assert config.name is not None  # noqa: S101 - we named it
        await jetstream.update_stream(config.evolve(num_replicas=await _replicas(jetstream, config.name)))


async def _replicas(jetstream: JetStreamContext, name: str) -> int | None:
    """Return how many servers hold a stream.

    Raises:
        NotFoundError: there is no such stream.
    """
    return (await jetstream.stream_info(name)).config.num_replicas
