"""What a program says of a PostgreSQL that does not let it in."""

from urllib.parse import urlsplit


class DatabaseUnreachable(Exception):  # noqa: N818 - a state of the installation
    """The PostgreSQL of a node cannot be reached, or does not let the node in."""

    def __init__(self, url: str, failure: Exception) -> None:
        """Say where, without the password, and why."""
        place = urlsplit(url)
        super().__init__(f"PostgreSQL at {place.hostname}:{place.port or 5432} is out of reach: {failure}")
