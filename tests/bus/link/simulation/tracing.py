"""What the nodes log goes into the trace of the schedule, and nowhere else."""

import traceback
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NoReturn

import structlog

from tests.bus.link.simulation.books import Books

speaker: ContextVar[str] = ContextVar("speaker", default="")
"""Which node does something."""


@contextmanager
def traced(books: Books) -> Iterator[None]:
    """Take up what is logged within."""

    def take(_: object, __: str, said: MutableMapping[str, Any]) -> NoReturn:
        if books.lines is not None:
            books.trace(f"  {speaker.get()}: {said.pop('event')}", *(f"{key}={value}" for key, value in said.items()))
            if said.get("exc_info"):
                books.trace(traceback.format_exc())
        raise structlog.DropEvent

    processors = structlog.get_config()["processors"]
    kept = processors.copy()
    processors[:] = [take]
    try:
        yield
    finally:
        processors[:] = kept
