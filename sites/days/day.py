"""What every printed day is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import httpx

from sites.demo.node import Plan
from sites.demo.topology import Topology


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A day as it is printed.

    Attributes:
        lines: what happened, in order.
        faults: what was planted and not found, and what was found and not planted.
    """

    lines: Sequence[str]
    faults: Sequence[str]


class Day(Protocol):
    """A day at a place."""

    @property
    def plans(self) -> Mapping[str, Plan]:
        """The nodes that it needs."""
        ...

    async def run(self, topology: Topology, http: httpx.AsyncClient) -> Printed:
        """Have the day happen at nodes that serve, and judge what the centre tells of it.

        Raises:
            DemoFailed: something does not come true in time.
        """
        ...
