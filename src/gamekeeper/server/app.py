"""The HTTP application of one server."""

from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request

from gamekeeper.app import resolve
from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.server import errors
from gamekeeper.server.access import address, require_rules
from gamekeeper.server.appserver import AppServer
from gamekeeper.server.gate import Gate, Receive, Scope, Send
from gamekeeper.server.http import admin, auth, docs, health, pages, rooms
from gamekeeper.server.limits import site
from gamekeeper.server.reads import Reads
from gamekeeper.server.server import Server
from gamekeeper.transport.polling import Polling
from gamekeeper.transport.reception import Reception
from gamekeeper.transport.websocket_asgi import AsgiPeer

DESCRIPTION = "What is asked over HTTP. What is played goes over the socket of a room, `/rooms/{room}/socket`."


class Application:
    """Everything as one ASGI application: HTTP through the gate, sockets too where a server brings its own. On uvicorn
    sockets never get here, since picows takes them first."""

    def __init__(self, gate: Gate, reception: Reception) -> None:
        self._gate = gate
        self._reception = reception

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await AsgiPeer().serve(self._reception, scope, receive, send)
        else:
            await self._gate(scope, receive, send)


class SocketIO:
    """Socket.IO over HTTP at its own path, everything else where it was going. A new session counts as a request."""

    def __init__(self, app: Any, server: Server) -> None:
        self._app = app
        self._polling = Polling(server.engines)
        if server.membership is not None:
            server.membership.carry(self._polling)
        self._limits = server.limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != self._polling.path:
            await self._app(scope, receive, send)
            return
        scope["route"] = self._polling
        request = Request(scope)
        try:
            if "sid" not in request.query_params:
                self._limits.hit("read", site(address(request)))
            await self._polling(scope, receive, send)
        except Rejected as rejected:
            await errors.answer(rejected)(scope, receive, send)
        except HTTPException as refused:
            await errors.answer(Rejected(ErrorCode.TOO_LARGE, refused.detail))(scope, receive, send)


def http_application(server: Server) -> Application:
    """Everything the server answers over HTTP. Raises `Misuse` if an application's route has no access rule."""
    app = FastAPI(
        title="Gamekeeper", version=version("gamekeeper"), description=DESCRIPTION, openapi_url=None, docs_url=None,
        redoc_url=None,
    )  # fmt: skip
    app.state.server = server
    errors.install(app)
    for router in (auth.router, rooms.router, admin.router, health.router, docs.router):
        _include(app, router)
    for name, owner in server.apps.items():
        if owner.routes is not None:
            _include(app, resolve(owner.routes)(AppServer(server, name)), f"/api/{name}")
    _include(app, pages.router)
    gate = Gate(
        _shared(SocketIO(Reads(app, server), server), server),
        server.settings,
        server.origins,
        server.metrics,
        server.spans,
    )
    return Application(gate, server.reception)


def _shared(app: SocketIO, server: Server) -> Any:
    """Let pages of the other allowed origins read the answers. They sign in by bearer: cookies never go along."""
    if not server.settings.allowed_origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=list(server.settings.allowed_origins),
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type", "If-None-Match", "traceparent"],
        expose_headers=["ETag", "X-Request-Id", "Retry-After"],
    )


def _include(app: FastAPI, router: APIRouter, prefix: str = "") -> None:
    require_rules(router)
    app.include_router(router, prefix=prefix)
