"""Who speaks for a node: one process at a time, so that of a node and its clone only one is served.

A process draws a number when it starts, and says it with every hello. One that starts anew is served as soon as its
predecessor has been silent for a while; one that speaks while another does is refused for as long as that is so.
"""

from dataclasses import dataclass
from typing import Final

SILENT_AFTER: Final = 3.0
"""Seconds: three hellos. A node that was restarted waits for what is left of them."""


@dataclass(slots=True)
class _Speaker:
    process: int
    heard_at: float


class Presence:
    """Which process of each child is served."""

    def __init__(self) -> None:
        """Begin without having heard anybody."""
        self._speakers: dict[str, _Speaker] = {}

    def serves(self, child: str, process: int, now: float) -> bool:
        """Tell whether a process of a child is served; `now` in monotonic seconds."""
        speaker = self._speakers.get(child)
        if speaker is None or (speaker.process != process and now - speaker.heard_at >= SILENT_AFTER):
            speaker = self._speakers[child] = _Speaker(process, now)
        if speaker.process != process:
            return False
        speaker.heard_at = now
        return True
