"""The handshake, whatever transport it comes over: may this client open a connection here?"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie

from gamekeeper.transport.connection import DEFAULT_PATIENCE, Connection, Door, Patience, Peer, Receiver

SOCKET_PATH = re.compile(r"/rooms/([A-Za-z0-9_-]{1,64})/socket")
ACCESS_COOKIE = "gamekeeper_access"


@dataclass(frozen=True)
class Refusal:
    """Why a handshake is answered with an HTTP error."""

    status: HTTPStatus
    reason: str


Endpoint = Callable[[str, Mapping[str, str], Peer], Receiver | Refusal]
"""Takes a handshake at a path of its own: the query, the headers, the far end."""


class Reception:
    """All connections of one server, and who may become one.

    `origins`: what a browser's page may come from (`scheme://host[:port]`); "*" lets any in. A page served by this very
    host is always let in; programs send no Origin and are let in too, since they hold no cookies of anybody else.
    """

    def __init__(
        self,
        door: Door,
        now: Callable[[], float],
        *,
        origins: Collection[str] = (),
        capacity: int = 20_000,
        patience: Patience = DEFAULT_PATIENCE,
    ) -> None:
        self.connections: set[Connection] = set()
        self.now = now
        self.closing = False
        self.door = door
        self.patience = patience
        self.endpoints: dict[str, Endpoint] = {}
        """What else takes WebSockets, by path."""
        self._origins = frozenset(origins)
        self._capacity = capacity

    def accept(self, target: str, headers: Mapping[str, str], peer: Peer) -> Receiver | Refusal:
        """A WebSocket's handshake. `target`: path and query; `headers` with lower-case names."""
        path, _, query = target.partition("?")
        endpoint, found = self.endpoints.get(path), SOCKET_PATH.fullmatch(path)
        if endpoint is None and found is None:
            return Refusal(HTTPStatus.NOT_FOUND, "no socket here")
        if not self.welcome_from(headers):
            return Refusal(HTTPStatus.FORBIDDEN, "this origin is not allowed")
        if (refusal := self.fullness()) is not None:
            return refusal
        if endpoint is not None:
            return endpoint(query, headers, peer)
        connection = Connection(
            found[1] if found else "", peer, self.door, self.now(), self.patience, self.credential(headers)
        )
        self.connections.add(connection)
        return connection

    def fullness(self) -> Refusal | None:
        """Why nobody is let in now, whoever it is."""
        if self.closing or len(self.connections) >= self._capacity:
            return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "no room for another connection")
        return None

    def credential(self, headers: Mapping[str, str]) -> str | None:
        """A token that came with a handshake."""
        return _cookie(headers.get("cookie", ""))

    def welcome_from(self, headers: Mapping[str, str]) -> bool:
        """Whether a page that a browser says this comes from may be here."""
        origin, host = headers.get("origin"), headers.get("host", "")
        if origin is None or "*" in self._origins or origin in self._origins:
            return True
        return bool(host) and origin.partition("://")[2] == host

    def gone(self, receiver: Receiver) -> None:
        """Its socket is no more."""
        if isinstance(receiver, Connection):
            self.connections.discard(receiver)
        receiver.lost()


def _cookie(header: str) -> str | None:
    try:
        cookie = SimpleCookie(header).get(ACCESS_COOKIE)
    except CookieError:
        return None
    return cookie.value if cookie else None
