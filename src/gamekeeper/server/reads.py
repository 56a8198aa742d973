"""`GET /rooms/{room}` ahead of the framework: what was answered before is given again without asking the database.

Nothing is skipped but the work: the credential is checked, the request counted, and the gate around all this sees it
as any other. What cannot be answered here goes on to the route, and what that says is kept.
"""

from starlette.requests import Request

from gamekeeper.core.errors import Rejected
from gamekeeper.server import errors
from gamekeeper.server.access import identify_at
from gamekeeper.server.answers import Answer, Question
from gamekeeper.server.auth.identity import Identity
from gamekeeper.server.gate import Application, Message, Receive, Scope, Send
from gamekeeper.server.server import Server

ROOMS = "/rooms/"
HEADERS = [
    (b"content-type", b"application/json"),
    (b"cache-control", b"private, no-cache"),
    (b"vary", b"Authorization, Cookie"),
]


class _Route:
    """What log and metrics call a request that was answered here: the same as the route's own."""

    path = "/rooms/{room}"


ROUTE = _Route()


class Reads:
    """Wraps the application."""

    def __init__(self, app: Application, server: Server) -> None:
        self._app = app
        self._server = server
        self._answers = server.answers
        self._any_base = bool(server.settings.public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        room = _room(scope)
        who = self._caller(Request(scope)) if room else None
        if who is None:
            await self._app(scope, receive, send)
            return
        question = Question(room, who.user, who.is_admin, self._base(scope))
        answer = self._answers.find(question)
        if answer is None:
            await self._ask(question, scope, receive, send)
            return
        scope["route"] = ROUTE
        try:
            await self._server.limits.take("read", who.user)
        except Rejected as rejected:
            await errors.answer(rejected)(scope, receive, send)
            return
        await _give(answer, scope, send)

    def _caller(self, request: Request) -> Identity | None:
        """None: the route says what is wrong."""
        try:
            return identify_at(self._server, request)
        except Rejected:
            return None

    def _base(self, scope: Scope) -> str:
        """What join links begin with follows from it."""
        return "" if self._any_base else f"{scope['scheme']}://{_header(scope, b'host').decode('latin-1')}"

    async def _ask(self, question: Question, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the route answer, and keep it if it is one."""
        begun = self._answers.begin(question.room)
        parts: list[bytes] = []
        taking = False

        async def take(message: Message) -> None:
            nonlocal taking
            if message["type"] == "http.response.start":
                taking = message["status"] == 200
            if not taking:
                await send(message)
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))

        await self._app(scope, receive, take)
        if taking:
            answer = Answer.of(b"".join(parts))
            self._answers.keep(question, answer, begun)
            await _give(answer, scope, send)


def _room(scope: Scope) -> str:
    """The room a request only looks at; empty: it is another request."""
    path: str = scope["path"]
    if scope["type"] != "http" or scope["method"] != "GET" or scope["query_string"] or not path.startswith(ROOMS):
        return ""
    room = path.removeprefix(ROOMS)
    return "" if "/" in room else room


def _header(scope: Scope, name: bytes) -> bytes:
    return next((value for known, value in scope["headers"] if known == name), b"")


async def _give(answer: Answer, scope: Scope, send: Send) -> None:
    """The answer, or the word that the caller has it already."""
    body, status = answer.body, 200
    if (known := _header(scope, b"if-none-match")) and _has(known, answer.etag):
        body, status = b"", 304
    headers = [*HEADERS, (b"etag", answer.etag)]
    if status == 200:
        headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _has(known: bytes, etag: bytes) -> bool:
    """Whether `If-None-Match` names it. Tags are compared weakly, as RFC 9110 asks for."""
    tags = [tag.strip().removeprefix(b"W/") for tag in known.split(b",")]
    return etag in tags or tags == [b"*"]
