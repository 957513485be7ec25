"""Clients that publish and listen without the link's help: what arrives is the server's doing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from adapters.nats import subjects
from bus.link.wire import Question

ANSWERED_WITHIN = 0.3
"""How long an answer is waited for that may not come."""
ANSWERED_SURELY_WITHIN = 10.0
"""How long one that must come: a broker answers when what was sent is on its disk."""
FOR_OTHERS = (
    subjects.confirmations("lublin", "dorohusk"),
    subjects.broadcasts("lublin", "watchlist.dorohusk"),
    subjects.broadcasts("lublin", "watchlist.drafts"),
    f"{subjects.inbox('dorohusk')}.x",
    f"{subjects.inbox('lublin')}.x",
    subjects.batches("lublin", "dorohusk", "facts"),
    subjects.questions("lublin", "dorohusk", Question.HELLO),
)


async def reaches(client: Client, subject: str) -> None:
    """Wait until a stream acknowledges what is sent there."""
    async with asyncio.timeout(ANSWERED_SURELY_WITHIN):
        while not await is_answered(client, subject):
            pass


async def is_answered(client: Client, subject: str, within: float = ANSWERED_WITHIN) -> bool:
    try:
        await client.request(subject, b"", timeout=within)
    except (nats.errors.NoRespondersError, nats.errors.TimeoutError):
        return False
    return True


@asynccontextmanager
async def listening(client: Client, *wanted: str) -> AsyncIterator[list[str]]:
    """Listen on these subjects, and give those of the messages that come."""
    heard: list[str] = []

    async def hear(message: Msg) -> None:
        heard.append(message.subject)

    held: list[Subscription] = [await client.subscribe(subject, cb=hear) for subject in wanted]
    await client.flush()
    yield heard
    for subscription in held:
        with suppress(nats.errors.Error):
            await subscription.unsubscribe()


async def say(client: Client, *spoken: str) -> None:
    for subject in spoken:
        await client.publish(subject, b"said")
    await client.flush()
