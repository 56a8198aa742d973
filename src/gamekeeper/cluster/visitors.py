"""Viewers of this node's rooms whose sockets are on other nodes: the owner's side of every link."""

from collections.abc import Callable

import msgspec

from gamekeeper.cluster.peer import Peer
from gamekeeper.cluster.post import Post
from gamekeeper.core.errors import Rejected
from gamekeeper.core.record import MICROSECONDS
from gamekeeper.core.seats import NO_SEAT, SPECTATOR, Role
from gamekeeper.room.mailbox import Envelope
from gamekeeper.room.room import Room
from gamekeeper.room.runtime import Runtime
from gamekeeper.room.stage import answer
from gamekeeper.transport.attachment import read_command
from gamekeeper.transport.connection import Admission
from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.frames import CommandFrame
from gamekeeper.wire.relay import (
    Ended,
    Enter,
    Entered,
    Frames,
    Left,
    Moved,
    Refresh,
    Refreshed,
    Share,
    Wish,
    pack,
)


class Visitor:
    """One link, as the room and whoever lets people in see it."""

    frame = staticmethod(pack)

    def __init__(self, visitors: "Visitors", node: str, enter: Enter) -> None:
        self.room_id = enter.room
        self.node = node
        self.link = enter.link
        self.closed = False
        self.room: Room | None = None
        self.seat = NO_SEAT
        self.role: Role = SPECTATOR
        self.user = enter.user
        self.session = ""
        self.device = ""
        self._visitors = visitors

    def admit(self, admission: Admission) -> None:
        """Let it in; the gateway gets its welcome."""
        if self.closed:
            return
        room = self.room = admission.room
        self.seat, self.role, self.user = admission.seat, admission.role, admission.user
        self.session, self.device = admission.session, admission.device
        welcome = room.stage.welcome(self, self.room_id, admission.since, admission.missed)
        self._visitors.post.send(
            self.node,
            Entered(
                self.link,
                self.seat,
                self.role,
                self.user,
                self.session,
                self.device,
                room.fold.game.timed,
                welcome,
                room.last_id(self.seat, self.session),
            ),
        )
        room.presence.arrive(self.seat)

    def answer(self, id: int, rejected: Rejected | None, ticket: bytes | None) -> bytes:
        return pack(answer(id, rejected))

    def deliver(self, events: bytes, views: bytes, answers: bytes) -> None:
        if not self.closed:
            self._visitors.gather(self, events, views, answers)

    def end(self, code: ClosingCode, reason: str) -> None:
        if not self.closed:
            self._visitors.post.send(self.node, Ended(self.link, code.word, reason))
            self.leave()

    def moved(self) -> None:
        """The room is not here: the gateway is to look again."""
        if not self.closed:
            self._visitors.post.send(self.node, Moved(self.link))
            self.leave()

    def leave(self) -> None:
        """It is gone, whoever ended it."""
        self.closed = True
        self._visitors.forget(self)
        room, self.room = self.room, None
        if room is not None and not room.stopped:
            room.stage.audience.remove(self)
            room.presence.depart(self.seat)


class _Gather:
    """Writes of one turn for one gateway, each distinct one once. Sent in the place where it was begun, so it is
    added to only while nothing else has followed it and the link has no part in it yet."""

    def __init__(self) -> None:
        self.frames = Frames([])
        self.links: set[int] = set()
        self._shares: dict[tuple[bytes, bytes, bytes], list[int]] = {}

    def add(self, link: int, parts: tuple[bytes, bytes, bytes]) -> None:
        self.links.add(link)
        links = self._shares.get(parts)
        if links is None:
            links = self._shares[parts] = []
            self.frames.shares.append(Share(links, *parts))
        links.append(link)


class Visitors:
    """All visitors of this node. `receive` decides on a newcomer: it calls `admit`, `end` or `moved` of it, now or
    later, unless it has closed."""

    def __init__(self, post: Post, runtime: Runtime, receive: Callable[[Visitor, Enter], None]) -> None:
        self.post = post
        self._runtime = runtime
        self._receive = receive
        self._visitors: dict[str, dict[int, Visitor]] = {}
        self._gathers: dict[str, _Gather] = {}
        post.broken.append(self._broken)
        post.handlers |= {Enter: self._enter, Wish: self._wish, Refresh: self._refresh, Left: self._left}

    def __len__(self) -> int:
        return sum(map(len, self._visitors.values()))

    def gather(self, visitor: Visitor, events: bytes, views: bytes, answers: bytes) -> None:
        """Write to a visitor, together with whatever else its gateway is owed this turn."""
        gather = self._gathers.get(visitor.node)
        if (
            gather is None
            or self.post.last(visitor.node) is not gather.frames
            or visitor.link in gather.links
        ):  # fmt: skip
            gather = self._gathers[visitor.node] = _Gather()
            self.post.send(visitor.node, gather.frames)
        gather.add(visitor.link, (events, views, answers))

    def forget(self, visitor: Visitor) -> None:
        """It has closed."""
        of_node = self._visitors.get(visitor.node, {})
        of_node.pop(visitor.link, None)
        if not of_node:
            self._visitors.pop(visitor.node, None)
            self._gathers.pop(visitor.node, None)

    # -- from the gateway ---------------------------------------------------------------------------------------------

    def _enter(self, peer: Peer, enter: Enter) -> None:
        visitor = Visitor(self, peer.node, enter)
        self._visitors.setdefault(peer.node, {})[enter.link] = visitor
        self._receive(visitor, enter)

    def _find(self, peer: Peer, link: int) -> Visitor | None:
        return self._visitors.get(peer.node, {}).get(link)

    def _wish(self, peer: Peer, wish: Wish) -> None:
        """A command. It is timed by this node's clock: clocks of nodes differ by more than a message takes."""
        visitor = self._find(peer, wish.link)
        if visitor is None or visitor.room is None:
            return
        try:
            visitor.room.submit(
                Envelope(
                    read_command(visitor.room, CommandFrame(wish.id, wish.name, msgspec.Raw(wish.data))),
                    visitor.seat,
                    visitor.role,
                    visitor.user,
                    visitor.session,
                    wish.id,
                    viewer=visitor,
                    received_at=int(self._runtime.now() * MICROSECONDS),
                    rtt_ms=wish.rtt_ms,
                )
            )
        except Rejected as rejected:
            visitor.deliver(b"", b"", pack(answer(wish.id, rejected)))

    def _refresh(self, peer: Peer, refresh: Refresh) -> None:
        visitor = self._find(peer, refresh.link)
        if visitor is not None and visitor.room is not None:
            views = pack(visitor.room.stage.views_again(visitor))
            self.post.send(peer.node, Refreshed(refresh.link, views))

    def _left(self, peer: Peer, left: Left) -> None:
        visitor = self._find(peer, left.link)
        if visitor is not None:
            visitor.leave()

    def _broken(self, node: str) -> None:
        for visitor in list(self._visitors.get(node, {}).values()):
            visitor.leave()
