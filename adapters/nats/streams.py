"""The streams of a parent, in which its children's batches wait."""

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
from nats.js.errors import BadRequestError

from adapters.nats import subjects
from bus.link.wire import CHANNELS, Stream

CONSUMER: Final = "applier"
UNSETTLED_MAX: Final = 64
SETTLED_WITHIN: Final = 30.0
_DUPLICATES: Final = 120.0
_MAX_BYTES: Final = {Stream.BULK: 1 << 30, Stream.ALARMS: 1 << 27}
_NAMES: Final = {Stream.BULK: "UP", Stream.ALARMS: "UP_ALARMS"}


def stream_name(stream: Stream, node: str) -> str:
    """Return what the stream is called on the server, which may serve several nodes."""
    return f"{_NAMES[stream]}-{node}"


async def keep_inflow(jetstream: JetStreamContext, stream: Stream, node: str) -> None:
    """Make a stream and its consumer, unless they are there, and have all delivered that is not settled.

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
    """
    name = stream_name(stream, node)
    consumer = await jetstream.consumer_info(name, CONSUMER)
    if consumer.ack_floor is not None and consumer.ack_floor.stream_seq > 0:
        await jetstream.purge_stream(name, seq=consumer.ack_floor.stream_seq + 1)


async def _keep(jetstream: JetStreamContext, config: StreamConfig) -> None:
    try:
        await jetstream.add_stream(config)
    except BadRequestError:
        await jetstream.update_stream(config)
