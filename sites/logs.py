"""Logs of a node: one JSON object a line on standard error. Secrets never reach a log call."""

import io
import logging
import sys
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog


class _StandardError(io.TextIOBase):
    """A line that cannot be written, as to a full disk, is lost: logging stops nobody at work."""

    def write(self, text: str) -> int:
        with suppress(OSError):
            sys.stderr.write(text)
            sys.stderr.flush()
        return len(text)


def configure(node: str) -> None:
    """Send all logs, the libraries' too, through one chain that adds node, level and time."""
    shared: list[Any] = [
        lambda _logger, _method, entry: {"node": node, **entry},
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    without_values = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    last: list[Any] = [structlog.processors.ExceptionRenderer(without_values), structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _StandardError())),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(_StandardError())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last]
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
