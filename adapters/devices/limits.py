"""What a push may hold at the most, so that the worst one is read or refused within a second."""

from collections.abc import Sequence

from domain.registrations.readings import PushUnreadable

MAX_PUSH = 16 * 1024 * 1024
MAX_DOCUMENT = 512 * 1024
MAX_PICTURE = 8 * 1024 * 1024
MAX_PICTURES = 8
MAX_NODES = 20_000
MAX_RESULTS = 256
"""Vehicles, wagons or measurements in one push: more than ever fit into a picture or a train."""


def require_size(content: Sequence[int], limit: int, what: str) -> None:
    """Refuse what is longer than ``limit`` bytes.

    Raises:
        PushUnreadable: it is.
    """
    if len(content) > limit:
        raise PushUnreadable("too_large", f"{what} is longer than {limit} bytes.")


def require_few(results: Sequence[object]) -> None:
    """Refuse more than 256 results in a push.

    Raises:
        PushUnreadable: there are more.
    """
    if len(results) > MAX_RESULTS:
        raise PushUnreadable("too_large", f"The push has more than {MAX_RESULTS} results.")
