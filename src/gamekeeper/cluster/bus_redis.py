"""The bus over Redis: one channel per node, everything a node sends in one turn in one round trip.

A lost connection is reported once and made again. To notice a Redis that has gone without a word, the node sends
itself an empty message every second.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from gamekeeper.room.runtime import cancelled

log = logging.getLogger("gamekeeper.cluster")

SELF_EVERY_S = 1.0
DEAF_AFTER_S = 3.0
FIRST_RETRY_S = 0.1
LAST_RETRY_S = 2.0
MAX_QUEUED_BYTES = 64 * 1024 * 1024
MAX_PIPELINE = 500
FLUSH_S = 2.0


class RedisBus:
    """A `Bus`. `run` keeps it going."""

    def __init__(self, url: str, node: str, prefix: str = "gamekeeper") -> None:
        """Raises `ValueError` on an address that is none."""
        self.connected = False
        self._prefix = prefix
        self._node = node
        self._redis: Redis = Redis.from_url(  # pyright: ignore[reportUnknownMemberType]
            url, retry=Retry(NoBackoff(), 0), socket_connect_timeout=DEAF_AFTER_S, socket_timeout=DEAF_AFTER_S
        )
        self._received: Callable[[bytes], None] = _nobody
        self._lost: Callable[[], None] = lambda: None
        self._queue: deque[tuple[str, bytes]] = deque()
        self._queued_bytes = 0
        self._news = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def listen(self, received: Callable[[bytes], None], lost: Callable[[], None]) -> None:
        self._received, self._lost = received, lost

    def publish(self, node: str, message: bytes) -> None:
        if not self.connected:
            return
        if self._queued_bytes + len(message) > MAX_QUEUED_BYTES:
            log.error("the bus takes nothing more: %d bytes wait", self._queued_bytes)
            self._fail()
            return
        self._queue.append((self._channel(node), message))
        self._queued_bytes += len(message)
        self._idle.clear()
        self._news.set()

    def _channel(self, node: str) -> str:
        return f"{self._prefix}:node:{node}"

    async def run(self) -> None:
        """Carry messages until cancelled."""
        retry_s = FIRST_RETRY_S
        while True:
            try:
                async with self._redis.pubsub() as pubsub:  # pyright: ignore[reportUnknownMemberType]
                    await self._subscribe(pubsub)
                    retry_s = FIRST_RETRY_S
                    await self._carry(pubsub)
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("the bus is lost, again in %.1f s: %s", retry_s, error or type(error).__name__)
                self._fail()
            await self._redis.connection_pool.disconnect()  # those for sending are as dead, and would fail later
            await asyncio.sleep(retry_s)
            retry_s = min(LAST_RETRY_S, retry_s * 2)

    async def flush(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FLUSH_S):
                await self._idle.wait()

    async def close(self) -> None:
        """Let go of the connections."""
        self.connected = False
        with contextlib.suppress(RedisError, OSError):
            await self._redis.aclose()

    async def _subscribe(self, pubsub: PubSub) -> None:
        await pubsub.subscribe(self._channel(self._node))
        if await _next(pubsub) is None:
            raise TimeoutError("no answer to the subscription")
        self._queue.clear()
        self._queued_bytes = 0
        self.connected = True
        log.info("the bus is there")

    async def _carry(self, pubsub: PubSub) -> None:
        """Send and receive until either fails."""
        tasks = [asyncio.create_task(work) for work in (self._send(), self._hear(pubsub), self._whisper())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await cancelled(tasks)
        for task in tasks:
            if not task.cancelled():
                task.result()

    async def _send(self) -> None:
        while self.connected:
            await self._news.wait()
            self._news.clear()
            while self._queue:
                await self._send_some()
            self._idle.set()

    async def _send_some(self) -> None:
        pipeline = self._redis.pipeline(transaction=False)
        for _ in range(min(len(self._queue), MAX_PIPELINE)):
            channel, message = self._queue.popleft()
            self._queued_bytes -= len(message)
            pipeline.publish(channel, message)  # pyright: ignore[reportUnknownMemberType]
        await pipeline.execute()

    async def _hear(self, pubsub: PubSub) -> None:
        while self.connected:
            message = await _next(pubsub)
            if message is None:
                raise TimeoutError(f"nothing came for {DEAF_AFTER_S:g} s")
            if message["type"] == "message" and message["data"]:
                self._received(message["data"])

    async def _whisper(self) -> None:
        while self.connected:
            self.publish(self._node, b"")
            await asyncio.sleep(SELF_EVERY_S)

    def _fail(self) -> None:
        if self.connected:
            self.connected = False
            self._queue.clear()
            self._queued_bytes = 0
            self._news.set()
            self._idle.set()
            self._lost()


async def _next(pubsub: PubSub) -> Any:
    """The next message; None: nothing came for too long."""
    return await pubsub.get_message(timeout=DEAF_AFTER_S)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


def _nobody(message: bytes) -> None:
    """Nobody listens yet."""
