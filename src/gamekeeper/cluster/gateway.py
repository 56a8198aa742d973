"""Connections of this node to rooms on other nodes: the gateway's side of every link.

The gateway keeps the socket, its heartbeat and its patience. It knows nothing of the room: what comes for a link goes
to the socket, what comes from the socket goes to the owner, and when the conversation with the owner is over the
client is sent to come back and resume.
"""

import itertools
from collections.abc import Callable

import msgspec

from gamekeeper.cluster.peer import Peer
from gamekeeper.cluster.post import Post
from gamekeeper.core.seats import Role, Seat
from gamekeeper.transport.connection import Connection
from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.frames import CommandFrame
from gamekeeper.wire.relay import Ended, Enter, Entered, Frames, Left, Moved, Refresh, Refreshed, Share, Wish, unpack

Answered = Callable[[bool], None]
"""Told once: True, the connection is in or has been ended; False, the room is not there or its node does not answer."""

MAX_TICKETS = 1_000
"""Commands of one link whose answers are waited for with a ticket; the oldest is forgotten beyond."""

_CLOSINGS = {code.word: code for code in ClosingCode}


class Link:
    """What a connection is attached to when its room is elsewhere."""

    __slots__ = ("_gateway", "_refreshing", "answered", "connection", "last_id", "node", "number", "tickets", "timed")

    def __init__(self, gateway: "Gateway", node: str, number: int, connection: Connection, answered: Answered) -> None:
        self._gateway = gateway
        self._refreshing = False
        self.node = node
        self.number = number
        self.connection = connection
        self.answered: Answered | None = answered
        self.timed = False
        self.last_id = 0
        self.tickets: dict[int, bytes] = {}
        """What the transport gets back with an answer, by the command's id."""

    def command(self, frame: CommandFrame, now: float, ticket: bytes | None) -> None:
        if ticket is not None:
            if len(self.tickets) >= MAX_TICKETS:
                del self.tickets[next(iter(self.tickets))]
            self.tickets[frame.id] = ticket
        rtt_ms = min(self.connection.round_trips_ms, default=None)
        self._gateway.post.send(self.node, Wish(self.number, frame.id, frame.name, bytes(frame.data), rtt_ms))

    def refresh(self) -> None:
        if not self._refreshing:
            self._refreshing = True
            self._gateway.post.send(self.node, Refresh(self.number))

    def refreshed(self, views: bytes) -> None:
        """The owner's answer to `refresh`."""
        self._refreshing = False
        self.connection.refreshed(_framed(self.connection.frame, views))

    def leave(self) -> None:
        self._gateway.left(self.connection)

    def answer(self, settled: bool) -> None:
        """Tell whoever waits whether somebody answered."""
        answered, self.answered = self.answered, None
        if answered is not None:
            answered(settled)


class Gateway:
    """All links of this node's sockets."""

    def __init__(self, post: Post) -> None:
        self.post = post
        self._numbers = itertools.count(1)
        self._links: dict[int, Link] = {}
        self._of: dict[Connection, Link] = {}
        post.broken.append(self._broken)
        post.handlers |= {
            Entered: self._entered,
            Frames: self._frames,
            Refreshed: self._refreshed,
            Ended: self._ended,
            Moved: self._moved,
        }

    def __len__(self) -> int:
        return len(self._links)

    def enter(self, connection: Connection, node: str, enter: Enter, answered: Answered) -> None:
        """Ask the room's owner to let a connection in; `enter` says who it is, its link is chosen here."""
        if not self.post.reachable(node):
            answered(False)
            return
        link = Link(self, node, next(self._numbers), connection, answered)
        self._links[link.number] = self._of[connection] = link
        self.post.send(node, msgspec.structs.replace(enter, link=link.number))

    def left(self, connection: Connection) -> None:
        """The connection has ended. Safe to call for any, and twice."""
        link = self._of.get(connection)
        if link is not None:
            self._drop(link)
            self.post.send(link.node, Left(link.number))
            link.answer(True)

    def drain(self) -> None:
        """Send everybody to another node."""
        for link in list(self._links.values()):
            link.connection.end(ClosingCode.DRAINING, "the server restarts")

    def _drop(self, link: Link) -> None:
        del self._links[link.number]
        del self._of[link.connection]

    def _find(self, peer: Peer, number: int) -> Link | None:
        link = self._links.get(number)
        return link if link is not None and link.node == peer.node else None

    # -- from the owner -----------------------------------------------------------------------------------------------

    def _entered(self, peer: Peer, entered: Entered) -> None:
        link = self._find(peer, entered.link)
        if link is None or link.answered is None:
            return
        connection = link.connection
        link.timed, link.last_id = entered.timed, entered.last_id
        connection.place(Seat(entered.seat), Role(entered.role), entered.user, entered.session, entered.device)
        connection.attach(link, entered.welcome)
        link.answer(True)

    def _frames(self, peer: Peer, frames: Frames) -> None:
        for share in frames.shares:
            self._share(peer, share)

    def _share(self, peer: Peer, share: Share) -> None:
        """One write for many links: framed once for each transport among them."""
        framed: dict[Callable[[bytes], bytes], tuple[bytes, bytes]] = {}
        for number in share.links:
            link = self._find(peer, number)
            if link is None:
                continue
            frame = link.connection.frame
            parts = framed.get(frame)
            if parts is None:
                parts = framed[frame] = _framed(frame, share.events), _framed(frame, share.views)
            answers = [link.connection.relayed(payload, link.tickets) for payload in unpack(share.answers)]
            link.connection.deliver(*parts, b"".join(answers))

    def _refreshed(self, peer: Peer, refreshed: Refreshed) -> None:
        link = self._find(peer, refreshed.link)
        if link is not None:
            link.refreshed(refreshed.views)

    def _ended(self, peer: Peer, ended: Ended) -> None:
        link = self._find(peer, ended.link)
        if link is not None:
            self._drop(link)
            link.connection.end(_CLOSINGS.get(ended.code, ClosingCode.FAULT), ended.reason)
            link.answer(True)

    def _moved(self, peer: Peer, moved: Moved) -> None:
        link = self._find(peer, moved.link)
        if link is not None:
            self._give_up(link, "the room has moved")

    def _broken(self, node: str) -> None:
        for link in [link for link in self._links.values() if link.node == node]:
            self._give_up(link, "the room's node cannot be reached")

    def _give_up(self, link: Link, reason: str) -> None:
        self._drop(link)
        if link.answered is not None:
            link.answer(False)
        else:
            link.connection.end(ClosingCode.MOVED, reason)


def _framed(frame: Callable[[bytes], bytes], packed: bytes) -> bytes:
    return b"".join([frame(payload) for payload in unpack(packed)]) if packed else b""
