"""Ids that are the same in each run."""

import random

from adapters.system import SystemIds
from domain.shared.ports import Clock


class SeededIds(SystemIds):
    """Makes the same UUIDv7 and the same random bytes for the same seed and times; for secrets they are useless."""

    def __init__(self, clock: Clock, seed: int | str = 0) -> None:
        """Take the time from ``clock`` and all else from ``seed``; nodes that meet need different seeds."""
        super().__init__(
            milliseconds=lambda: int(clock.now().timestamp() * 1000),
            entropy=random.Random(seed).randbytes,  # noqa: S311 - to be repeated is the point
        )
