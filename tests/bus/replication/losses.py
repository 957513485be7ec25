"""What nodes lost in the simulation, and where the order in which it came back is certain."""

from collections import defaultdict


class Losses:
    """What the stores of nodes lost by going back in time."""

    def __init__(self) -> None:
        self._lost: defaultdict[str, list[set[bytes]]] = defaultdict(list)
        self._set_back: set[str] = set()
        self._set: set[str] = set()
        self._uncertain: set[str] = set()

    def lost(self, node: str, events: set[bytes]) -> None:
        """A store lost these events of its own: they come back from others, if they do."""
        if events:
            self._lost[node].append(events)

    def cloned(self, node: str) -> None:
        """Two processes of a node acknowledge at the same time."""
        self._uncertain.add(node)

    def set_back(self, node: str, *, is_owner: bool) -> None:
        """A store records under an earlier epoch than before.

        What is recorded by the process that begins with it is moved behind what comes back of later epochs at the owner
        of feeds; no other process knows that. Elsewhere it depends on what the parent tells in time.
        """
        (self._set_back if is_owner else self._uncertain).add(node)

    def clock_set(self, node: str) -> None:
        """The clock of a node was set: its stamps tell no more what another process of it recorded since a loss."""
        self._set.add(node)

    def died(self, node: str) -> None:
        """A process of a node died."""
        if node in self._set_back or (node in self._set and self._lost[node]):
            self._uncertain.add(node)

    def has_stayed(self, event_id: bytes, node: str) -> bool:
        """Tell whether an event certainly stands behind all that its node acknowledged before: it never was away.

        Where a node had losses twice, what it recorded in between is not compared.
        """
        losses = self._lost[node]
        return node not in self._uncertain and len(losses) < 2 and not any(event_id in lost for lost in losses)
