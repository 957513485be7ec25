"""What the fixture ``look`` is."""

from collections.abc import Awaitable, Callable

from domain.registrations.intake import Taken

Look = Callable[..., Awaitable[Taken]]
"""``look(plate, at=0, *, device="cam-1", told=None, **fields of Seen)``: times in seconds from the start."""
