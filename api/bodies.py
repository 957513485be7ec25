"""Reading the body of a request, up to a limit."""

from starlette.requests import ClientDisconnect
from starlette.types import Receive


async def read(receive: Receive, limit: int) -> tuple[bytes, bool]:
    """Return the body and True, or what came of it when ``limit`` bytes were exceeded, and False.

    Raises:
        ClientDisconnect: the sender went away before the end.
    """
    parts: list[bytes] = []
    size, more = 0, True
    while more and size <= limit:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part: bytes = message.get("body", b"")
        parts.append(part)
        size += len(part)
        more = message.get("more_body", False)
    return (parts[0] if len(parts) == 1 else b"".join(parts)), size <= limit
