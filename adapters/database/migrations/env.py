"""How Alembic reaches the connection that ``adapters.database.schema`` hands to it."""

from typing import Any, Literal

from alembic import context

from adapters.database.tables import METADATA


def _render(type_: str, item: Any, _: Any) -> str | Literal[False]:
    return repr(item) if type_ == "type" and repr(item).startswith("types.") else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    render_item=_render,
    compare_type=context.config.attributes["compare_type"],
)
with context.begin_transaction():
    context.run_migrations()
