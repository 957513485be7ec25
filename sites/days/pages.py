"""Reading a connection to its end."""

from typing import Any

from sites.desk import Desk


async def every(desk: Desk, document: str, field: str, **variables: Any) -> list[dict[str, Any]]:
    """Return the nodes of all pages of a connection; the document takes ``$after`` and asks for ``pageInfo``.

    Raises:
        Refused: there are errors.
        httpx.TransportError: the node does not answer.
    """
    found: list[dict[str, Any]] = []
    after = None
    while True:
        page = (await desk.look(document, after=after, **variables))[field]
        found += [edge["node"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]
