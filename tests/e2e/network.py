"""A bad network in front of a server: a long way, and now and then a packet that has to be sent again."""

import asyncio
import random
import threading
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
