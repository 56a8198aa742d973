"""The async Python client: what bots, load tools and tests use, and any program that wants to take part.

async with Client("http://127.0.0.1:8000") as client:
    await client.guest("Ann")
    await client.join("KJ4P7X")
    async with client.connect(room) as live:
        await live.send("show", {"side": "heads"})
"""

import asyncio
import ssl
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import Any, Self

import httpx

from gamekeeper.connection import Connection, ConnectionClosed
from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.dial import Dial, dial

__all__ = ["Client", "Connection", "ConnectionClosed", "Joined"]


UNAUTHORIZED = 401
SIGNING_IN = "/auth/"
"""What is refused there is not for want of a token."""


@dataclass(frozen=True)
class Joined:
    """A seat taken."""

    room: str
    seat: int
    role: str


@dataclass(frozen=True)
class Network:
    """How a client reaches its server; by default over the network. Tests give one that stays within the process."""

    http: httpx.AsyncBaseTransport | None = None
    dial: Dial = dial


class Client:
    """One user of a server: identity over HTTP, rooms over sockets."""

    def __init__(
        self, url: str, token: str | None = None, timeout_s: float = 10.0, network: Network | None = None
    ) -> None:
        self.url = url.rstrip("/")
        self.token = token
        self.user: dict[str, Any] = {}
        self._login = ""
        """What a new access token is had for; empty: nothing."""
        self._renewing: asyncio.Task[bool] | None = None
        self._network = network or Network()
        self._http = httpx.AsyncClient(
            base_url=self.url, timeout=timeout_s, trust_env=False, verify=_trust(), transport=self._network.http
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def request(self, method: str, path: str, body: Any = None) -> Any:
        """One HTTP call as this user; the JSON it answers. Raises `Rejected` with the server's error code, and
        `ConnectionError` where no server answers."""
        answer = await self._ask(method, path, body)
        return answer.json() if answer.content else None

    async def download(self, path: str) -> str:
        """The text of a GET as this user. Raises `Rejected` and `ConnectionError`."""
        return (await self._ask("GET", path)).text

    async def _ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """With a token that has expired it is renewed, once."""
        answer = await self._send(method, path, body)
        if answer.status_code == UNAUTHORIZED and not path.startswith(SIGNING_IN) and await self.renew():
            answer = await self._send(method, path, body)
        if answer.is_success:
            return answer
        raise _error(answer)

    async def _send(self, method: str, path: str, body: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            return await self._http.request(method, path, json=body, headers=headers)
        except httpx.TransportError as error:
            raise ConnectionError(f"no answer from {self.url}: {error}") from error

    async def guest(self, name: str) -> None:
        """Become a guest of this name."""
        self._signed_in(await self.request("POST", "/auth/guest", {"name": name, "delivery": "body"}))

    async def login(self, username: str, password: str) -> None:
        """Become the user of an account."""
        body = {"username": username, "password": password, "delivery": "body"}
        self._signed_in(await self.request("POST", "/auth/login", body))

    def _signed_in(self, answer: dict[str, Any]) -> None:
        self.token, self.user, self._login = answer["access_token"], answer["user"], answer["refresh_token"]

    async def renew(self) -> bool:
        """Go on with the login under a new access token, once for all who ask meanwhile; False: there is none, or it is
        over. Whoever gave the token away (`token = None`) is nobody. Raises `ConnectionError`."""
        if not self._login or self.token is None:
            return False
        if self._renewing is None:
            self._renewing = asyncio.create_task(self._renew())
            self._renewing.add_done_callback(self._renewed)
        return await asyncio.shield(self._renewing)

    async def _renew(self) -> bool:
        answer = await self._send("POST", "/auth/refresh", {"refresh_token": self._login})
        if answer.status_code == UNAUTHORIZED:
            self._login = ""
            return False
        if not answer.is_success:
            raise ConnectionError(f"the login cannot be renewed now: {_error(answer)}")
        self._signed_in(answer.json())
        return True

    def _renewed(self, task: "asyncio.Task[bool]") -> None:
        self._renewing = None
        if not task.cancelled():
            task.exception()  # whoever asked has been told

    async def open(self, app: str, config: dict[str, Any] | None = None, name: str = "") -> dict[str, Any]:
        """A new room of an application: `{id, code, ...}`."""
        room: dict[str, Any] = await self.request("POST", "/rooms", {"app": app, "config": config or {}, "name": name})
        return room

    async def join(self, code: str, name: str | None = None) -> Joined:
        """Take a seat in the room of a join code."""
        found = await self.request("GET", f"/codes/{code}")
        body = {"code": code} if name is None else {"code": code, "name": name}
        taken = await self.request("POST", f"/rooms/{found['room']}/join", body)
        return Joined(taken["room"], taken["seat"], taken["role"])

    def connect(self, room: str, *, session: str | None = None, device: str | None = None) -> "Connection":
        """A live connection to a room; use it as an async context manager."""
        scheme, _, rest = self.url.partition("://")
        url = f"{'wss' if scheme == 'https' else 'ws'}://{rest}/rooms/{room}/socket"
        return Connection(
            url, lambda: self.token, renew=self.renew, session=session, device=device, dial=self._network.dial
        )


@cache
def _trust() -> ssl.SSLContext:
    """Which certificates are believed: read once, not for each of a thousand clients."""
    return httpx.create_ssl_context(trust_env=False)


def _error(answer: httpx.Response) -> Rejected:
    try:
        error = answer.json()["error"]
        return Rejected(
            error["code"],
            error.get("message", ""),
            field=error.get("field"),
            retry_after_s=error.get("retry_after_s"),
        )
    except (ValueError, KeyError, TypeError):
        return Rejected(ErrorCode.INTERNAL, f"HTTP {answer.status_code}")
