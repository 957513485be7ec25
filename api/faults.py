"""What a caller sees of an error: refusals in full, mistakes of the document in full, our own faults masked."""

from collections.abc import Iterator
from typing import Any

import structlog
from graphql import FieldNode, GraphQLError, GraphQLSyntaxError
from strawberry.extensions import SchemaExtension
from strawberry.schema.exceptions import CannotGetOperationTypeError

from api.context import Context
from api.language import Language
from api.limits import LIMIT_CODE
from api.polish import FAULT
from api.problems import message
from api.refusals import OperationUnknown
from domain.shared.errors import Refusal

_MASK = {"en": "Something went wrong on our side; quote the errorId.", "pl": FAULT}
_log = structlog.get_logger(__name__)


class Faults(SchemaExtension):
    """Shows callers of a WebSocket the errors of each result as they may see them."""

    def on_stream_result(self, result: Any) -> Iterator[None]:
        """See to one result."""
        if result.errors:
            context = self.execution_context.context
            result.errors = [shown(error, context) for error in result.errors]
        yield


def shown(error: GraphQLError, context: Context) -> GraphQLError:
    """Return an error as the caller may see it."""
    original = error.original_error
    if isinstance(original, CannotGetOperationTypeError):
        original = OperationUnknown()
    if isinstance(original, Refusal):
        return _with(error, message(original, context.language), {"code": original.code})
    if isinstance(original, RecursionError):
        return _with(error, "The document nests too deeply.", {"code": LIMIT_CODE})
    if _of_the_caller(error):
        return _with(error, error.message, {"code": _code(error)})
    return _masked(error, context.doors.ids.new(), context.language)


def _of_the_caller(error: GraphQLError) -> bool:
    """Tell a mistake in document or variables from a fault while resolving, which is located at a field."""
    if error.original_error is not None and not isinstance(error.original_error, GraphQLError):
        return False
    return error.path is None or not (error.nodes and isinstance(error.nodes[0], FieldNode))


def _code(error: GraphQLError) -> str:
    if isinstance(error, GraphQLSyntaxError):
        return "GRAPHQL_PARSE_FAILED"
    return str((error.extensions or {}).get("code", "GRAPHQL_VALIDATION_FAILED"))


def _masked(error: GraphQLError, error_id: str, language: Language) -> GraphQLError:
    _log.error("fault", error_id=error_id, path=error.path, exc_info=error.original_error or error)
    return _with(error, _MASK[language], {"code": "INTERNAL", "errorId": error_id})


def _with(error: GraphQLError, text: str, extensions: dict[str, Any]) -> GraphQLError:
    return GraphQLError(
        text, nodes=error.nodes, source=error.source, positions=error.positions, path=error.path, extensions=extensions
    )
