"""What every HTTP request passes before any route: ids, transport security, origin, size; and every response after:
security headers, one log line, metrics. Plain ASGI, around the whole application, so that errors pass it too.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from structlog import contextvars

from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.server.errors import answer
from gamekeeper.server.logging import REQUESTS
from gamekeeper.server.metrics import Metrics
from gamekeeper.server.origins import Origins
from gamekeeper.server.settings import Settings
from gamekeeper.server.trace import new_request_id, trace_id_of

if TYPE_CHECKING:
    from gamekeeper.server.tracing import Spans

log = logging.getLogger(REQUESTS)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
APPLICATIONS = "/api/"
WITHOUT_TLS = ("/health/", "/metrics")
"""What probes inside the network may ask for over plain HTTP in production."""

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
HSTS = "max-age=31536000; includeSubDomains"
_SECURITY = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
_HSTS = (b"strict-transport-security", HSTS.encode())


class Gate:
    """Wraps the application."""

    def __init__(
        self,
        app: Application,
        settings: Settings,
        origins: Origins,
        metrics: Metrics,
        spans: "Spans | None" = None,
    ) -> None:
        self._app = app
        self._settings = settings
        self._origins = origins
        self._metrics = metrics
        self._spans = spans

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit = _Visit(scope, send, self._settings, self._metrics, self._spans)
        visit.longest = self._longest(scope, visit.headers)
        refusal = self._refusal(scope, visit)
        target = refusal or self._app
        body = _Body(receive, visit.longest)
        try:
            await target(scope, body.receive, visit.send)
        finally:
            visit.over()

    def _refusal(self, scope: Scope, visit: "_Visit") -> Response | None:
        """The response to a request that goes no further."""
        headers = visit.headers
        if self._settings.production and scope["scheme"] != "https" and not scope["path"].startswith(WITHOUT_TLS):
            if scope["method"] in SAFE_METHODS:
                return RedirectResponse(self._settings.public_url + scope["path"], 308)
            return answer(Rejected(ErrorCode.FORBIDDEN, "this server speaks HTTPS only"))
        length = headers.get(b"content-length", "0")
        if not length.isdigit() or int(length) > visit.longest:
            return answer(too_large(visit.longest))
        safe = scope["method"] in SAFE_METHODS
        if not self._origins.allowed(None if safe else headers.get(b"origin"), headers.get(b"host")):
            return answer(Rejected(ErrorCode.FORBIDDEN, "this origin may not call this server"))
        return None

    def _longest(self, scope: Scope, headers: Mapping[bytes, str]) -> int:
        """Bytes of body; more for an application's own routes from who shows a credential."""
        signed = b"authorization" in headers or b"cookie" in headers
        uploads = signed and scope["path"].startswith(APPLICATIONS)
        return self._settings.max_upload_bytes if uploads else self._settings.max_body_bytes


def too_large(limit: int) -> Rejected:
    return Rejected(ErrorCode.TOO_LARGE, f"a request has at most {limit} bytes")


class _Body:
    """Counts what arrives: a body without a declared length has the same limit."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._seen = 0

    async def receive(self) -> Message:
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        if self._seen > self._limit:
            raise HTTPException(413, too_large(self._limit).message)
        return message


class _Visit:
    """One request and what becomes of it."""

    def __init__(self, scope: Scope, send: Send, settings: Settings, metrics: Metrics, spans: "Spans | None") -> None:
        self.headers = {name: value.decode("latin-1") for name, value in reversed(scope["headers"])}
        """By name in lower case, the first of each; the class of the framework looks through the list every time."""
        self.status = 0
        self.longest = 0
        self._scope = scope
        self._send = send
        self._production = settings.production
        self._metrics = metrics
        self._began = time.perf_counter()
        self._request_id = new_request_id()
        traceparent = self.headers.get(b"traceparent")
        trace_id = trace_id_of(traceparent)
        contextvars.bind_contextvars(request_id=self._request_id, trace_id=trace_id)
        self._span = spans.request(scope["method"], traceparent, trace_id) if spans else None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            given = list(message.get("headers", ()))
            names = {name.lower() for name, _ in given}
            given += [header for header in _SECURITY if header[0] not in names]
            given.append((b"x-request-id", self._request_id.encode()))
            if self._production:
                given.append(_HSTS)
            message["headers"] = given
        await self._send(message)

    def over(self) -> None:
        route = self._scope.get("route")
        path = getattr(route, "path", "(none)")
        elapsed_s = time.perf_counter() - self._began
        self._metrics.request(self._scope["method"], path, self.status, elapsed_s)
        if self._span is not None:
            self._span.over(path, self.status)
        seen = {"method": self._scope["method"], "route": path, "status": self.status}
        log.info("request", extra={"request": seen | {"elapsed_ms": round(elapsed_s * 1000, 3)}})
