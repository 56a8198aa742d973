"""Webhooks: addresses that are called when what they are told has changed. Signed as "Standard Webhooks" has it.

Which addresses a room has, and what each is told, its application says of the committed state (`AppServer.call_hooks`).
Only the node that runs the room calls, so there is one caller. What counts is the newest state: changes that come close
together are one call, a call that failed is tried again with what is new by then, and an address is never called twice
at a time. Each has a task of its own while there is something to tell, so that one that hangs delays nobody.
"""

import asyncio
import base64
import hmac
import logging
import random
import time
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any

from gamekeeper.core.errors import Rejected
from gamekeeper.core.record import Entry
from gamekeeper.room.registry import Registry
from gamekeeper.room.room import Room
from gamekeeper.server.hookhosts import origin_of, origin_of_host
from gamekeeper.server.keys import Keyring

if TYPE_CHECKING:
    import httpx

log = logging.getLogger("gamekeeper.hooks")

NOT_ALLOWED = "hook_not_allowed"
GATHER_S = 0.25
"""Changes within this time are one call."""
TIMEOUT_S = 5.0
ATTEMPTS = 6
FIRST_RETRY_S = 0.5
LAST_RETRY_S = 30.0
MAX_ANSWER_BYTES = 4_096
"""What is read of an answer, so that the connection can be used again; nothing in it matters."""
IDLE_LINES = 1_000

Call = tuple[str, str, Callable[[], bytes]]
"""The id of an address, the address, and what it is told now, which is asked only when it is about to be sent."""
Source = Callable[[Any], Iterable[Call]]


class Line:
    """What is known of one address of one room."""

    def __init__(self) -> None:
        self.news = False
        self.told = b""
        """Digest of what was taken last."""
        self.failing = False
        self.task: asyncio.Task[None] | None = None


class Hooks:
    """An observer of the registry. Calls nobody unless hosts are named."""

    def __init__(
        self, registry: Registry, keys: Keyring, hosts: Sequence[str], *, first_retry_s: float = FIRST_RETRY_S
    ):
        self._registry = registry
        self._keys = keys
        self._hosts = frozenset(map(origin_of_host, hosts))
        self._first_retry_s = first_retry_s
        self._sources: dict[str, Source] = {}
        self._lines: dict[tuple[str, str], Line] = {}
        self._http: httpx.AsyncClient | None = None

    @property
    def on(self) -> bool:
        """Whether the operator has named any host."""
        return bool(self._hosts)

    def follow(self, app: str, source: Source) -> None:
        """From now on the rooms of an application have what `source` says of their state called."""
        self._sources[app] = source

    def check(self, url: str) -> None:
        """Raises `Rejected("hook_not_allowed")`: no address, or none of a host that the operator has named."""
        if not self._allowed(url):
            raise Rejected(NOT_ALLOWED, "this server does not call that address", field="url")

    def secret(self, room: str, hook: str) -> str:
        """What an address verifies its calls with. Follows from the server's secret: the same whenever it is asked."""
        _, key = self._keys.signing("webhooks")
        return "whsec_" + base64.b64encode(_secret(key, room, hook)).decode()

    def failing(self, room: str, hook: str) -> bool:
        """Whether the last attempts at a call were all in vain, as far as this node knows."""
        line = self._lines.get((room, hook))
        return line is not None and line.failing

    def committed(self, room: Room, entries: list[Entry]) -> None:
        """Something was written: whoever may have to be told has news."""
        source = self._sources.get(_app_of(room)) if self._hosts else None
        if source is None:
            return
        for hook, _, _ in source(room.stage.state):
            line = self._line(room.id, hook)
            line.news = True
            if line.task is None:
                line.task = asyncio.create_task(self._tell(room.id, hook, line))
                line.task.add_done_callback(_ended)

    async def close(self) -> None:
        """Call nobody any more."""
        self._sources.clear()
        tasks = [line.task for line in self._lines.values() if line.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._http is not None:
            await self._http.aclose()

    def _line(self, room: str, hook: str) -> Line:
        line = self._lines.get((room, hook))
        if line is None:
            if len(self._lines) >= IDLE_LINES:
                awake = self._registry.rooms
                self._lines = {key: one for key, one in self._lines.items() if one.task or key[0] in awake}
            line = self._lines[room, hook] = Line()
        return line

    async def _tell(self, room: str, hook: str, line: Line) -> None:
        try:
            while line.news:
                await asyncio.sleep(GATHER_S)
                line.news = False
                await self._deliver(room, hook, line)
        finally:
            line.task = None

    async def _deliver(self, room: str, hook: str, line: Line) -> None:
        """The newest state, unless it has been told; tried again a bounded number of times."""
        sent, message = b"", ""
        for attempt in range(ATTEMPTS):
            if attempt:
                await asyncio.sleep(random.uniform(0.5, 1) * min(LAST_RETRY_S, self._first_retry_s * 2**attempt))
            call = self._current(room, hook)
            if call is None:
                return
            line.news, body = False, call[2]()
            digest = sha256(body).digest()
            if digest == line.told:
                line.failing = False
                return
            if digest != sent:
                sent, message = digest, f"msg_{token_urlsafe(16)}"
            if await self._post(call[1], self._headers(room, hook, message, body), body):
                line.told, line.failing = digest, False
                return
        line.failing = True
        log.warning("an address of room %s was called %d times in vain", room, ATTEMPTS)

    def _current(self, room: str, hook: str) -> Call | None:
        """None: it was revoked, or the room sleeps or runs elsewhere by now."""
        awake = self._registry.rooms.get(room)
        source = self._sources.get(_app_of(awake)) if awake is not None else None
        if awake is None or source is None:
            return None
        return next((call for call in source(awake.stage.state) if call[0] == hook), None)

    def _headers(self, room: str, hook: str, message: str, body: bytes) -> dict[str, str]:
        """Signed with every secret of the server, so that an old one verifies until it is dropped."""
        stamp = str(int(time.time()))
        signed = f"{message}.{stamp}.".encode() + body
        keys = self._keys.all("webhooks").values()
        return {
            "content-type": "application/json",
            "user-agent": "Gamekeeper",
            "webhook-id": message,
            "webhook-timestamp": stamp,
            "webhook-signature": " ".join(_signature(_secret(key, room, hook), signed) for key in keys),
        }

    async def _post(self, url: str, headers: dict[str, str], body: bytes) -> bool:
        """Whether it was taken."""
        import httpx

        if not self._allowed(url):
            return False
        try:
            async with (
                asyncio.timeout(TIMEOUT_S),
                self._client().stream("POST", url, content=body, headers=headers) as answer,
            ):
                read = 0
                async for chunk in answer.aiter_raw():
                    read += len(chunk)
                    if read > MAX_ANSWER_BYTES:
                        break
                return answer.is_success
        except (httpx.HTTPError, OSError):  # a timeout is an OSError
            return False

    def _client(self) -> "httpx.AsyncClient":
        """Made when first needed. No limit on connections: who waits for one would wait for another's hang."""
        if self._http is None:
            import httpx

            limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
            self._http = httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=TIMEOUT_S, limits=limits)
        return self._http

    def _allowed(self, url: str) -> bool:
        origin = origin_of(url)
        return origin is not None and origin in self._hosts


def _ended(task: asyncio.Task[None]) -> None:
    """A fault in what an application tells is written down; the next change begins anew."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("a call went wrong", exc_info=error)


def _app_of(room: Room) -> str:
    opened = room.fold.opened
    return opened.app if opened is not None else ""


def _secret(key: bytes, room: str, hook: str) -> bytes:
    return hmac.digest(key, f"{room}.{hook}".encode(), "sha256")


def _signature(secret: bytes, signed: bytes) -> str:
    return "v1," + base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()
