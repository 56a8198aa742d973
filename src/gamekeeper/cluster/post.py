"""All conversations of one node with the others of its cluster."""

import itertools
import logging
from collections.abc import Callable
from typing import Any

import msgspec

from gamekeeper.cluster.bus import Bus
from gamekeeper.cluster.peer import MAX_WAITING, Peer
from gamekeeper.room.runtime import Cancel, Runtime
from gamekeeper.wire.relay import Body, Parcel, decode_parcel, read_body

log = logging.getLogger("gamekeeper.cluster")

BEAT_S = 0.5
SILENCE_S = 3.0
"""How long a peer may say nothing before the conversation is broken."""
KNOCK_S = 1.0
"""How long a first answer may take."""
FORGET_S = 60.0
"""How long a silent peer is remembered as such."""

Handler = Callable[[Peer, Any], None]


class Post:
    """Sends bodies to nodes and hands what arrives to whoever handles its kind. Tells `broken` when all that went over
    a conversation is over."""

    def __init__(self, node: str, bus: Bus, runtime: Runtime, *, silence_s: float = SILENCE_S) -> None:
        self.node = node
        self.handlers: dict[type[Any], Handler] = {}
        self.broken: list[Callable[[str], None]] = []
        """Told the node whose links and questions, both ways, are over."""
        self._bus = bus
        self._runtime = runtime
        self._silence_s = silence_s
        self._generations = itertools.count(1)
        self._peers: dict[str, Peer] = {}
        self._unsent: dict[str, Peer] = {}
        self._beat: Cancel = runtime.call_at(runtime.now() + BEAT_S, self._beats)
        bus.listen(self.received, self.lost)

    def close(self) -> None:
        """Say no more."""
        self._beat()
        self.handlers.clear()
        self._peers.clear()

    def reachable(self, node: str) -> bool:
        """False: it has been silent for too long. Knocks, so that this may change."""
        return not self._peer(node).silent

    def send(self, node: str, body: Body) -> None:
        """Send once this turn of the loop is over, together with whatever else goes there, in order."""
        peer = self._peer(node)
        if len(peer.waiting) >= MAX_WAITING:
            self._break(peer, "too much waits for it")
            return
        peer.waiting.append(body)
        self._soon(peer)

    def last(self, node: str) -> Any:
        """What was sent there last and has not left yet; None: nothing."""
        peer = self._peers.get(node)
        return peer.waiting[-1] if peer is not None and peer.waiting else None

    def _peer(self, node: str) -> Peer:
        peer = self._peers.get(node)
        if peer is None:
            peer = self._peers[node] = Peer(
                node, self._bus.publish, lambda: next(self._generations), self._runtime.now()
            )
            peer.beat(self.node)
        return peer

    def _soon(self, peer: Peer) -> None:
        if not self._unsent:
            self._runtime.call_soon(self._flush)
        self._unsent[peer.node] = peer

    def _flush(self) -> None:
        unsent, self._unsent = self._unsent, {}
        for peer in unsent.values():
            peer.flush(self.node)

    # -- what arrives -------------------------------------------------------------------------------------------------

    def received(self, message: bytes) -> None:
        """One message off the bus."""
        try:
            arrived = decode_parcel(message)
        except msgspec.DecodeError as error:
            log.warning("not a message of this cluster: %s", error)
            return
        peer = self._peer(arrived.sender)
        if arrived.mine < peer.theirs:
            return
        if arrived.mine > peer.theirs:
            if peer.news(arrived):
                self._over(peer, "it has begun anew")
            peer.beat(self.node)
        peer.heard_at = self._runtime.now()
        peer.silent = False
        if peer.belongs(arrived):
            self._take(peer, arrived)

    def _take(self, peer: Peer, arrived: Parcel) -> None:
        if not peer.open:
            peer.open = True
            self._soon(peer)
        if peer.gap(arrived):
            self._break(peer, f"parcel {arrived.number} follows {peer.received}")
        elif not peer.repeated(arrived):
            peer.received = arrived.number
            for raw in arrived.bodies:
                self._handle(peer, raw)

    def _handle(self, peer: Peer, raw: msgspec.Raw) -> None:
        body = read_body(raw)
        handler = self.handlers.get(type(body))
        if handler is not None:
            handler(peer, body)

    # -- what breaks --------------------------------------------------------------------------------------------------

    def ended(self, node: str) -> None:
        """That node's process is no more: what went between is over now, not when it has been silent for long."""
        peer = self._peers.get(node)
        if peer is not None and not peer.silent:
            self._fall_silent(peer, "it has ended")

    def lost(self) -> None:
        """The bus has failed: anything may be missing."""
        for peer in list(self._peers.values()):
            self._break(peer, "the bus has failed")

    def _fall_silent(self, peer: Peer, reason: str) -> None:
        peer.silent = True
        self._break(peer, reason)

    def _break(self, peer: Peer, reason: str) -> None:
        peer.renew()
        self._over(peer, reason)
        peer.beat(self.node)

    def _over(self, peer: Peer, reason: str) -> None:
        log.warning("conversation with %s is over: %s", peer.node, reason)
        for listener in self.broken:
            listener(peer.node)

    def _beats(self) -> None:
        """Say that this node is there, and look who is not."""
        now = self._runtime.now()
        for peer in list(self._peers.values()):
            silent_s = now - peer.heard_at
            if silent_s > FORGET_S:
                del self._peers[peer.node]
                continue
            if not peer.silent and silent_s > (self._silence_s if peer.theirs else KNOCK_S):
                self._fall_silent(peer, f"nothing heard for {silent_s:.1f} s")
            peer.beat(self.node)
        self._beat = self._runtime.call_at(now + BEAT_S, self._beats)
