"""An HTTP server of this machine that takes webhooks: it can refuse, hang, redirect and talk too much."""

import asyncio
import base64
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any


class Receiver:
    """What was taken, oldest first: headers (lower case) and bodies."""

    def __init__(self) -> None:
        self.url = ""
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.answer = b"HTTP/1.1 204 No Content\r\n\r\n"
        self.hangs = False
        self.at_once = self.most_at_once = 0
        self._news = asyncio.Event()

    @property
    def host(self) -> str:
        return self.url.rstrip("/")

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(body) for _, body in self.calls]

    async def until(self, count: int, within_s: float = 10.0) -> None:
        """Wait until so many calls have come."""
        async with asyncio.timeout(within_s):
            while len(self.calls) < count:
                self._news.clear()
                await self._news.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().split("\r\n")[1:]
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines) if name}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                self.at_once += 1
                self.most_at_once = max(self.most_at_once, self.at_once)
                self.calls.append((headers, body))
                self._news.set()
                if self.hangs:
                    await reader.read()
                writer.write(self.answer)
                await writer.drain()
                self.at_once -= 1
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    tasks: set[asyncio.Task[None]] = set()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(receiver.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(begin, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    try:
        yield receiver
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()


def verified(call: tuple[dict[str, str], bytes], secret: str) -> bool:
    """Whether a call is signed with a secret, by the words of the specification."""
    headers, body = call
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.new(key, signed, "sha256").digest()).decode()
    return wanted in headers["webhook-signature"].split(" ")
