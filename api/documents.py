"""Documents that came before are not parsed again."""

from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache

from graphql import DocumentNode, GraphQLSyntaxError, parse
from strawberry.extensions import SchemaExtension

from api.limits import MOST_TOKENS

REMEMBERED = 256


@lru_cache(maxsize=REMEMBERED)
def _parsed(document: str) -> DocumentNode:
    return parse(document, max_tokens=MOST_TOKENS)


class Documents(SchemaExtension):
    """Remembers what was parsed.

    strawberry's own cache lets syntax errors escape where a WebSocket cannot answer them. Here a document that cannot
    be parsed is left to strawberry, which fails again and tells the caller.
    """

    def on_parse(self) -> Iterator[None]:
        """Parse the document, or remember it."""
        with suppress(GraphQLSyntaxError, RecursionError):
            self.execution_context.graphql_document = _parsed(self.execution_context.query or "")
        yield
