"""The tables, one file per module. ``METADATA`` holds them all and is what migrations are compared with."""

from adapters.database.tables import (
    access,
    alarms,
    devices,
    entities,
    erasure,
    logs,
    organisation,
    registrations,
    watchlist,
)
from adapters.database.tables.metadata import METADATA

__all__ = [
    "METADATA",
    "access",
    "alarms",
    "devices",
    "entities",
    "erasure",
    "logs",
    "organisation",
    "registrations",
    "watchlist",
]
