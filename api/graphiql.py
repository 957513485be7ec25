"""For development alone: GraphiQL, and signing in by following a link."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import cache
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from strawberry.http.ides import get_graphql_ide_html

from api.callers import cookie_name
from api.doors import Doors, Issuer
from domain.shared.actors import Role

PATH = "/graphql"
SESSION = timedelta(hours=8)

_ALARMS = """subscription Alarms {
  alarms {
    change
    alarm {
      id node lane label text priority state acknowledgedBy
      match { title instructions tier key read matched }
    }
  }
}
"""
_ENTRIES = """query Entries {
  watchlistEntries(first: 20) {
    edges { node { id title category state scope author approver criteria { identifier { canonical } } } }
  }
}
"""
_STATE = """query State {
  thisNode { code role now quarantineCount logs { origin channel seq projected parent centre lagSeconds } }
}
"""
_TRAIL = """query Trail {
  auditRecords(first: 20) { edges { node { at who roles action target purpose outcome } } }
}
"""
_BEGINNINGS: Mapping[Role, str] = {
    Role.OFFICER: _ALARMS,
    Role.ANALYST: _ENTRIES,
    Role.ADMINISTRATOR: _STATE,
    Role.AUDITOR: _TRAIL,
}


def is_wanted(method: str, connection: HTTPConnection) -> bool:
    """Tell whether somebody opens the address in a browser."""
    return (
        method == "GET"
        and "query" not in connection.query_params
        and "text/html" in connection.headers.get("accept", "")
    )


@cache
def page() -> Response:
    """Return the page; it sends the cookie of the sign-in with requests and WebSockets."""
    return HTMLResponse(get_graphql_ide_html(graphql_ide="graphiql"))


def sign_in(doors: Doors, issuer: Issuer) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint that signs a newcomer in with the role in the path, and leads on to GraphiQL."""

    async def endpoint(request: Request) -> Response:
        role = next((each for each in _BEGINNINGS if each == request.path_params["role"]), None)
        if role is None:
            raise HTTPException(404)
        token = issuer.mint(f"demo-{role}", (role,), SESSION)
        response = RedirectResponse(f"{PATH}?q={quote(_BEGINNINGS[role])}", status_code=303)
        response.set_cookie(
            cookie_name(doors.node),
            token,
            max_age=int(SESSION.total_seconds()),
            httponly=True,
            samesite="strict",
        )
        return response

    return endpoint
