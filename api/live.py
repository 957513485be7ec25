"""Following what happens at the node."""

from collections.abc import AsyncGenerator

from api.context import Context
from api.refusals import SubscriberLagging
from bus.live import Lagging
from bus.recorded import Recorded


async def watched(context: Context, *kinds: str) -> AsyncGenerator[Recorded, None]:
    """Yield events of these kinds from now on.

    Raises:
        SubscriberLagging: the caller does not keep up, or what is on record is in doubt; what follows would have a gap.
    """
    with context.doors.live.watch(*kinds) as watch:
        try:
            async for recorded in watch.events():
                yield recorded
        except Lagging as lagging:
            raise SubscriberLagging from lagging
