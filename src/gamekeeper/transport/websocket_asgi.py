"""The same conversation over any ASGI server's own WebSockets: slower, and everywhere."""

import asyncio
from typing import Any

from gamekeeper.transport.connection import Receiver
from gamekeeper.transport.framing import payloads, text_frame
from gamekeeper.transport.reception import Reception, Refusal
from gamekeeper.wire.frames import MAX_FRAME_BYTES

TOO_BIG = 1009
UNSUPPORTED = 1003


class AsgiPeer:
    """Writes are queued (bounded by the connection's patience) and sent by one task per connection. The server frames
    by itself, so frames are taken apart again."""

    frame = staticmethod(text_frame)

    def __init__(self) -> None:
        self.buffered = 0
        self._queue: asyncio.Queue[bytes | tuple[int, str]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def write(self, framed: bytes) -> None:
        self.buffered += len(framed)
        self._queue.put_nowait(framed)

    def close(self, code: int, reason: str) -> None:
        self._queue.put_nowait((code, reason))

    def abort(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def serve(self, reception: Reception, scope: Any, receive: Any, send: Any) -> None:
        """An ASGI `websocket` scope from handshake to end."""
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        await receive()
        query = scope.get("query_string", b"").decode("latin-1")
        receiver = reception.accept(f"{scope['path']}?{query}", headers, self)
        if isinstance(receiver, Refusal):
            await send({"type": "websocket.close", "code": 1008, "reason": receiver.reason})
            return
        await send({"type": "websocket.accept"})
        receiver.opened()
        self._task = asyncio.create_task(self._send_all(send, receiver.drained))
        receiving = asyncio.create_task(self._receive_all(reception, receiver, receive))
        try:
            await asyncio.wait({self._task, receiving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._task.cancel()
            receiving.cancel()
            reception.gone(receiver)

    async def _receive_all(self, reception: Reception, receiver: Receiver, receive: Any) -> None:
        while (message := await receive())["type"] == "websocket.receive":
            text: str | None = message.get("text")
            if text is None:
                self.close(UNSUPPORTED, "text frames only")
            elif len(payload := text.encode()) > MAX_FRAME_BYTES:
                self.close(TOO_BIG, "the message is too big")
            elif not receiver.closed:
                receiver.received(payload, reception.now())

    async def _send_all(self, send: Any, drained: Any) -> None:
        while True:
            item = await self._queue.get()
            if isinstance(item, tuple):
                await send({"type": "websocket.close", "code": item[0], "reason": item[1]})
                return
            for payload in payloads(item):
                await send({"type": "websocket.send", "text": payload.decode()})
            self.buffered -= len(item)
            if not self.buffered:
                drained()
