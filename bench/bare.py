"""A bare starlette route that reads the body of a push and answers: ``python -m bench.bare <file for its address>``."""

import gc
import socket
import sys
from pathlib import Path

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.devices.formats import FORMATS
from bench.series import devices
from domain.registrations.readings import Push

_FORMATS = {device.code: FORMATS[device.format] for device in devices()}


async def _push(request: Request) -> Response:
    push = Push(content_type=request.headers["content-type"], body=await request.body())
    content = _FORMATS[request.path_params["code"]].read(push)
    return Response(
        orjson.dumps({"status": "read", "readings": len(content.seen)}), headers={"content-type": "application/json"}
    )


def serve(address: Path) -> None:
    """Serve on a free port until a signal says stop; the address is in the file ``address``."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    app = Starlette(routes=[Route("/devices/{code}/push", _push, methods=["POST"])])
    server = uvicorn.Server(
        uvicorn.Config(app, loop="uvloop", http="httptools", lifespan="off", access_log=False, log_config=None)
    )
    gc.collect()
    gc.freeze()
    address.write_text("http://{}:{}\n".format(*listener.getsockname()))
    server.run(sockets=[listener])


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
