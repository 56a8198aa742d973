"""Sessions over plain HTTP: a GET waits for packets, a POST brings some. Where stock clients begin, and some stay."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any, Protocol

from gamekeeper.transport.engine import Engine, Engines, read_query
from gamekeeper.transport.reception import Refusal
from gamekeeper.wire import engineio
from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.engineio import BadRequest, PacketError

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Answer = tuple[HTTPStatus, bytes]
Left = asyncio.Future[None]
"""Done when the client does not wait any more."""
Answers = Callable[[str, bytes | None, Left], Awaitable[Answer | None]]
"""`Polling.serve`, here or elsewhere."""

_HEADERS = [(b"content-type", b"text/plain; charset=UTF-8"), (b"cache-control", b"no-store")]
_TAKEN = (HTTPStatus.OK, b"ok")


class Elsewhere(Protocol):
    """The other nodes, where sessions live that are not here."""

    async def ask(self, sid: str, body: bytes | None, left: Left) -> Answer | None:
        """What `Polling.serve` says there. A session that cannot be reached is none."""
        ...


class Polling:
    """The ASGI application at `/socket.io/`."""

    path = engineio.PATH

    def __init__(self, engines: Engines) -> None:
        self.engines = engines
        self.elsewhere: Elsewhere | None = None
        """None: this is the only node."""

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        answer = await self._answer(scope, receive)
        if answer is None:
            return
        status, body = answer
        headers = [*_HEADERS, (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": int(status), "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: MutableMapping[str, Any], receive: Receive) -> Answer | None:
        """None: nobody is left to be answered."""
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if not self.engines.reception.welcome_from(headers):
            return HTTPStatus.FORBIDDEN, BadRequest.FORBIDDEN.body
        query = read_query(scope["query_string"].decode("latin-1"))
        if isinstance(query, BadRequest):
            return _bad(query)
        if not query.polling:
            return _bad(BadRequest.TRANSPORT)
        if query.sid is None:
            return self._open(headers) if scope["method"] == "GET" else _bad(BadRequest.METHOD)
        answers = self._whose(query.sid)
        if answers is None:
            return _bad(BadRequest.SESSION)
        if scope["method"] == "GET":
            return await _get(query.sid, receive, answers)
        return await self._post(query.sid, receive, answers) if scope["method"] == "POST" else _bad(BadRequest.METHOD)

    def _open(self, headers: dict[str, str]) -> Answer:
        opened = self.engines.reception.fullness() or self.engines.open(headers, polling=True)
        if isinstance(opened, Refusal):
            return opened.status, engineio.refusal(BadRequest.REQUEST, opened.reason)
        return HTTPStatus.OK, opened[1]

    def _whose(self, sid: str) -> Answers | None:
        """Who answers a session's requests: this node, or the one where it lives; None: there is no such session."""
        if sid in self.engines.sessions:
            return self.serve
        if self.elsewhere is None or engineio.mark_of(sid) == self.engines.mark:
            return None
        return self.elsewhere.ask

    async def _post(self, sid: str, receive: Receive, answers: Answers) -> Answer | None:
        engine = self.engines.sessions.get(sid)
        if engine is None:
            body = await _body(receive)
        elif engine.posting:
            engine.end(ClosingCode.PROTOCOL, "one POST at a time")
            return _bad(BadRequest.REQUEST)
        else:
            body = await _brought(engine, receive)
        return None if body is None else await answers(sid, body, asyncio.get_running_loop().create_future())

    async def serve(self, sid: str, body: bytes | None, left: Left) -> Answer | None:
        """A request for a session that lives here: a POST's body or, None, a GET, which waits until there is something
        to say or it is `left`. None: nobody waits for the answer."""
        engine = self.engines.sessions.get(sid)
        if engine is None:
            return _bad(BadRequest.SESSION)
        if engine.carrier is not None:
            return _bad(BadRequest.REQUEST)
        return self._take(engine, body) if body is not None else await self._poll(engine, left)

    async def _poll(self, engine: Engine, left: Left) -> Answer | None:
        if engine.wake is not None:
            engine.end(ClosingCode.PROTOCOL, "one GET at a time")
            return _bad(BadRequest.REQUEST)
        payload = engine.collect()
        if payload is None:
            payload = await _wait(engine, left)
        return None if payload is None else (HTTPStatus.OK, payload)

    def _take(self, engine: Engine, body: bytes) -> Answer:
        if len(body) > engineio.MAX_PAYLOAD_BYTES:
            engine.end(ClosingCode.PROTOCOL, "the payload is too big")
            message = f"a payload has at most {engineio.MAX_PAYLOAD_BYTES} bytes"
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, engineio.refusal(BadRequest.REQUEST, message)
        try:
            for packet in engineio.split(body):
                if not engine.closed:
                    engine.take(packet, self.engines.reception.now())
        except PacketError as error:
            engine.end(ClosingCode.PROTOCOL, str(error))
            return HTTPStatus.BAD_REQUEST, engineio.refusal(BadRequest.REQUEST, str(error))
        return _TAKEN


def _bad(reason: BadRequest) -> Answer:
    return HTTPStatus.BAD_REQUEST, reason.body


async def _get(sid: str, receive: Receive, answers: Answers) -> Answer | None:
    left = asyncio.ensure_future(_left(receive))
    try:
        return await answers(sid, None, left)
    finally:
        left.cancel()


async def _wait(engine: Engine, left: Left) -> bytes | None:
    """What the session has to say once it has; None: the client did not wait, and the session is over."""
    while (payload := engine.collect()) is None:
        written = asyncio.Event()
        engine.wake = written.set
        waiting = asyncio.create_task(written.wait())
        try:
            await asyncio.wait((waiting, left), return_when=asyncio.FIRST_COMPLETED)
        finally:
            engine.wake = None
            waiting.cancel()
        if left.done():
            engine.lost()
            return None
    return payload


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _body(receive: Receive) -> bytes | None:
    """The body of a request, or a little more than may be taken of it; None: the client left."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk: bytes = message.get("body", b"")
        body += chunk
        if not message.get("more_body", False) or len(body) > engineio.MAX_PAYLOAD_BYTES:
            return body


async def _brought(engine: Engine, receive: Receive) -> bytes | None:
    """The same for a session that lives here, which is lost where the client left."""
    engine.posting = True
    try:
        body = await _body(receive)
    finally:
        engine.posting = False
    if body is None:
        engine.lost()
    return body
