"""What a program says of a database that does not let it in."""

from pathlib import Path
from urllib.parse import urlsplit


class DatabaseUnreachable(Exception):  # noqa: N818 - a state of the installation
    """The PostgreSQL of a node cannot be reached, or does not let the node in."""

    def __init__(self, url: str, failure: Exception) -> None:
        """Say where, without the password, and why."""
        place = urlsplit(url)
        super().__init__(f"PostgreSQL at {place.hostname}:{place.port or 5432} is out of reach: {failure}")


class DatabaseUnusable(Exception):  # noqa: N818 - a state of the installation
    """The SQLite file of a node cannot be read or written: its disk is full, or fails."""

    def __init__(self, path: Path, failure: Exception) -> None:
        """Say which file, and why."""
        super().__init__(f"The database {path} cannot be used: {failure}")
