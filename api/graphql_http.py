"""GraphQL over HTTP, as the specification of that name says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from api import bodies, graphiql
from api.callers import caller_of_request
from api.context import Context
from api.doors import Doors
from api.faults import shown
from api.language import Language, language
from api.problems import message
from api.refusals import BodyTooLarge, MediaTypeUnknown, MethodNotAllowed, OperationUnknown, RequestMalformed
from api.schema import NodeSchema
from domain.shared.errors import Forbidden, Refusal

LONGEST_BODY = 256 * 1024
JSON = "application/json"
RESPONSE_JSON = "application/graphql-response+json"

_ANSWERED_AS = {JSON: JSON, RESPONSE_JSON: RESPONSE_JSON, "*/*": JSON, "application/*": JSON, "": JSON}
_OPERATIONS = {"GET": {OperationType.QUERY}, "POST": {OperationType.QUERY, OperationType.MUTATION}}
_STATUS: Mapping[type[Refusal], int] = {
    MethodNotAllowed: 405,
    MediaTypeUnknown: 415,
    BodyTooLarge: 413,
    Forbidden: 401,
    Refusal: 400,
}
_HEADERS: Mapping[int, Mapping[str, str]] = {
    401: {"www-authenticate": "Bearer"},
    405: {"allow": "GET, POST"},
    413: {"connection": "close"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    query: str
    variables: dict[str, Any] | None
    operation: str | None
    extensions: dict[str, Any] | None


class GraphQLOverHttp:
    """The endpoint for requests by HTTP."""

    def __init__(self, doors: Doors, schema: NodeSchema) -> None:
        """Answer with ``schema``."""
        self._doors = doors
        self._schema = schema

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        connection = HTTPConnection(scope)
        if self._doors.development and graphiql.is_wanted(scope["method"], connection):
            await graphiql.page()(scope, receive, send)
            return
        spoken = language(connection.headers.get("accept-language", ""))
        accepted = _media_type(connection.headers.get("accept", ""))
        try:
            response = await self._answer(connection, receive, accepted, spoken)
        except Refusal as refusal:
            response = _refused(refusal, accepted, spoken)
        await response(scope, receive, send)

    async def _answer(
        self, connection: HTTPConnection, receive: Receive, accepted: str | None, spoken: Language
    ) -> Response:
        method = connection.scope["method"]
        if method not in _OPERATIONS:
            raise MethodNotAllowed
        if accepted is None:
            raise MediaTypeUnknown
        caller = caller_of_request(connection, self._doors)
        asked = await _asked(connection, receive)
        context = Context(self._doors, spoken, caller)
        try:
            result = await self._schema.execute(
                asked.query,
                variable_values=asked.variables,
                context_value=context,
                operation_name=asked.operation,
                allowed_operation_types=_OPERATIONS[method],
                operation_extensions=asked.extensions,
            )
        except CannotGetOperationTypeError as error:
            raise OperationUnknown from error
        except InvalidOperationTypeError as error:
            raise MethodNotAllowed from error
        return _answered(result, accepted, context)


async def _asked(connection: HTTPConnection, receive: Receive) -> _Asked:
    if connection.scope["method"] == "GET":
        given = dict(connection.query_params)
        encoded = {name: _decoded(given[name]) for name in ("variables", "extensions") if given.get(name)}
        return _well_formed({"query": given.get("query"), "operationName": given.get("operationName"), **encoded})
    kind, _, parameters = connection.headers.get("content-type", "").lower().partition(";")
    if kind.strip() != JSON or ("charset" in parameters and "utf-8" not in parameters):
        raise MediaTypeUnknown
    body, complete = await bodies.read(receive, LONGEST_BODY)
    if not complete:
        raise BodyTooLarge
    return _well_formed(_decoded(body))


def _decoded(text: bytes | str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise RequestMalformed from error


def _well_formed(given: Any) -> _Asked:
    if not isinstance(given, dict):
        raise RequestMalformed
    query, operation = given.get("query"), given.get("operationName")
    variables, extensions = given.get("variables"), given.get("extensions")
    if not isinstance(query, str) or not query or not isinstance(operation, str | None):
        raise RequestMalformed
    if not isinstance(variables, dict | None) or not isinstance(extensions, dict | None):
        raise RequestMalformed
    return _Asked(query=query, variables=variables, operation=operation or None, extensions=extensions)


def _answered(result: ExecutionResult, accepted: str, context: Context) -> Response:
    errors = [shown(error, context) for error in result.errors or ()]
    content: dict[str, Any] = {"errors": [error.formatted for error in errors]} if errors else {}
    if result.data is None and all(error.path is None for error in errors):
        return _response(content, 400 if accepted == RESPONSE_JSON else 200, accepted)
    return _response({"data": result.data, **content}, 200, accepted)


def _refused(refusal: Refusal, accepted: str | None, spoken: Language) -> Response:
    status = 406 if accepted is None else next(_STATUS[each] for each in type(refusal).__mro__ if each in _STATUS)
    error = {"message": message(refusal, spoken), "extensions": {"code": refusal.code}}
    return _response({"errors": [error]}, status, accepted or JSON)


def _response(content: object, status: int, media_type: str) -> Response:
    headers = {"cache-control": "no-store", "vary": "accept, accept-language", **_HEADERS.get(status, {})}
    return Response(orjson.dumps(content), status, headers, f"{media_type}; charset=utf-8")


def _media_type(accepts: str) -> str | None:
    ranges = (each.partition(";")[0].strip().lower() for each in accepts.split(","))
    return next((_ANSWERED_AS[each] for each in ranges if each in _ANSWERED_AS), None)
