"""Bad networks in front of a server: a long way on which packets have to be sent again, a line that is cut, a line that
lets no WebSocket through."""

import asyncio
import random
import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

ONE_WAY_S = 0.25
LOSS = 0.03
SENT_AGAIN_S = 0.75
"""A lost packet comes after the sender's patience and one more way; what follows it waits."""


class BadNetwork:
    """Forwards a port. Every chunk takes `ONE_WAY_S`, and `LOSS` of them much longer."""

    def __init__(self, port: int, seed: int = 3) -> None:
        self._to = port
        self._rng = random.Random(seed)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._tasks: set[asyncio.Task[None]] = set()
        self.lost = 0
        self.url = ""

    def __enter__(self) -> Self:
        self._thread.start()
        listening = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._accept, "127.0.0.1", 0), self._loop)
        self.url = f"http://127.0.0.1:{listening.result(10).sockets[0].getsockname()[1]}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._to)
        for source, target in ((reader, back), (there, writer)):
            chunks: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
            for step in (self._take(source, chunks), self._deliver(chunks, target)):
                task = self._loop.create_task(step)
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _take(self, source: asyncio.StreamReader, chunks: "asyncio.Queue[tuple[float, bytes]]") -> None:
        chunk = b"-"
        while chunk:
            try:
                chunk = await source.read(16_384)
            except ConnectionError:
                chunk = b""
            lost = self._rng.random() < LOSS
            self.lost += lost
            chunks.put_nowait((self._loop.time() + (SENT_AGAIN_S if lost else ONE_WAY_S), chunk))

    async def _deliver(self, chunks: "asyncio.Queue[tuple[float, bytes]]", target: asyncio.StreamWriter) -> None:
        chunk = b"-"
        while chunk:
            due, chunk = await chunks.get()
            await asyncio.sleep(due - self._loop.time())
            target.write(chunk)
        target.close()


class Line:
    """A port that leads to the server until it is cut: then nothing comes through and nobody is told."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._open = threading.Event()
        self._open.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """As if the cable were pulled: bytes vanish, connections stay half open."""
        self._open.clear()

    def mend(self) -> None:
        """The cable is back; what was half open is found out to be dead."""
        self._open.set()
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._sockets.clear()

    def close(self) -> None:
        self._listener.close()
        self.mend()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        self._sockets.append(near)
        self._open.wait()
        try:
            first = near.recv(65_536)
            if self._refuses(first):
                near.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                raise ConnectionRefusedError
            far = socket.create_connection(("127.0.0.1", self._target))
            self._sockets.append(far)
            far.sendall(first)
        except OSError:
            near.close()
            return
        threading.Thread(target=self._pump, args=(far, near), daemon=True).start()
        self._pump(near, far)

    def _refuses(self, first: bytes) -> bool:
        return False

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                if self._open.is_set():
                    sink.sendall(data)
        self._open.wait()
        for one in (source, sink):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


class Gatekeeper(Line):
    """Lets no WebSocket through, as some schools' and companies' networks do. They come on connections of their own."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.refused = 0

    def _refuses(self, first: bytes) -> bool:
        upgrade = b"upgrade: websocket" in first.lower()
        self.refused += upgrade
        return upgrade
