"""Column types that both drivers take and give natively: PostgreSQL's own, and SQLite's nearest."""

from typing import Any

from sqlalchemy import CHAR, LargeBinary
from sqlalchemy.types import TypeEngine, UserDefinedType


class _Named(UserDefinedType[Any]):
    """A type that is only its name, so that values reach the driver as they are."""

    cache_ok = True

    def __init__(self, name: str, constant: str) -> None:
        self.name = name
        self.constant = constant

    def get_col_spec(self, **_: Any) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"types.{self.constant}"


Id: TypeEngine[Any] = _Named("UUID", "Id").with_variant(CHAR(36), "sqlite")
Instant: TypeEngine[Any] = _Named("TIMESTAMPTZ", "Instant")
Json: TypeEngine[Any] = _Named("JSONB", "Json")
Bytes: TypeEngine[Any] = LargeBinary()


def names(type_: TypeEngine[Any]) -> frozenset[str]:
    """Return what PostgreSQL calls a type that is only its name; empty for others."""
    if not isinstance(type_, _Named):
        return frozenset()
    return frozenset({type_.name, "TIMESTAMP WITH TIME ZONE" if type_ is Instant else type_.name})
