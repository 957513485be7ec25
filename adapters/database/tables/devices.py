"""When devices were heard last, at their site."""

from sqlalchemy import BigInteger, Column, Table, Text

from adapters.database.tables.metadata import METADATA
from adapters.database.types import Instant

device_contact = Table(
    "device_contact",
    METADATA,
    Column("device", Text, primary_key=True),
    Column("heard_at", Instant, nullable=False),
    Column("pushes", BigInteger, nullable=False),
)
