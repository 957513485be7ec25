"""Refusals by meaning. The text of a refusal is the docstring of its class; its code never changes."""

from typing import ClassVar


class Refusal(Exception):  # noqa: N818 - a refused wish is not a fault
    """The request was refused."""

    code: ClassVar[str] = "REFUSED"

    def __init__(self, message: str | None = None, *, path: tuple[str, ...] = (), **facts: object) -> None:
        """Refuse.

        Args:
            message: replaces the class's own text.
            path: names of the input fields at fault, outermost first.
            facts: what the caller may want to know besides, by name.
        """
        self.message = message or (type(self).__doc__ or self.code).splitlines()[0]
        self.path = path
        self.facts = facts
        super().__init__(self.message)


class Invalid(Refusal):
    """The input does not make sense."""

    code = "INVALID"


class NotFound(Refusal):
    """There is no such object."""

    code = "NOT_FOUND"


class Conflict(Refusal):
    """The object is in a state that does not allow this."""

    code = "CONFLICT"


class Forbidden(Refusal):
    """You may not do this."""

    code = "FORBIDDEN"


class NotHere(Refusal):
    """Another node decides this."""

    code = "NOT_HERE"

    def __init__(self, node: str, message: str | None = None, *, path: tuple[str, ...] = ()) -> None:
        """Refuse and name the node that decides."""
        super().__init__(message or f"The node {node} decides this.", path=path, node=node)


class Expired(Refusal):
    """The time for this is over."""

    code = "EXPIRED"


class Unavailable(Refusal):
    """A part that is needed does not answer now; try again."""

    code = "UNAVAILABLE"
