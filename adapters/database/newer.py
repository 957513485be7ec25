"""What a program says of a database that a newer program has worked on."""


class DatabaseNewer(Exception):  # noqa: N818 - a state of the installation
    """A newer program has changed the tables; this one cannot work on them."""
