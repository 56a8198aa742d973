"""Requests of polling sessions that came to another node than the session lives on: both ends of the question.

Clients that poll make a connection for each request, and whatever is in front of several nodes gives it to any of them.
A session's id has the mark of its node in it.
"""

import asyncio
import logging
from hashlib import blake2b
from http import HTTPStatus

from gamekeeper.cluster.peer import Peer
from gamekeeper.cluster.post import Post
from gamekeeper.cluster.questions import Questions
from gamekeeper.log.ownership import Ownership
from gamekeeper.log.protocol import LogError
from gamekeeper.transport.polling import Answer, Left, Polling
from gamekeeper.wire import engineio
from gamekeeper.wire.engineio import BadRequest
from gamekeeper.wire.relay import Poll, Polled, PollLeft

log = logging.getLogger("gamekeeper.cluster")

MARK_BYTES = 6
LOOK_EVERY_S = 1.0
"""How often an unknown mark is looked for among the nodes, however often it is asked for."""

_NONE: Answer = (HTTPStatus.BAD_REQUEST, BadRequest.SESSION.body)


def mark(node: str) -> str:
    """What of a node's name clients may see."""
    return blake2b(node.encode(), digest_size=MARK_BYTES).hexdigest()


class Polls:
    """`polling` answers what other nodes ask; what is asked here of sessions elsewhere goes the other way."""

    def __init__(self, post: Post, ownership: Ownership, polling: Polling) -> None:
        self._post = post
        self._ownership = ownership
        self._polling = polling
        self._questions = Questions[Answer](post, _NONE)
        self._waiting: dict[tuple[str, int], Left] = {}
        """GETs of other nodes that wait here."""
        self._working: set[asyncio.Task[None]] = set()
        self._nodes: dict[str, str] = {}
        self._looked_at = -LOOK_EVERY_S
        polling.elsewhere = self
        polling.engines.mark = mark(post.node)
        post.broken.append(self._broken)
        post.handlers |= {Poll: self._poll, PollLeft: self._poll_left, Polled: self._polled}

    async def ask(self, sid: str, body: bytes | None, left: Left) -> Answer | None:
        """See `Elsewhere`."""
        node = await self._node(engineio.mark_of(sid))
        if node is None or not self._post.reachable(node):
            return _NONE
        with self._questions.asked(node) as (number, answered):
            try:
                self._post.send(node, Poll(number, sid, body))
                await asyncio.wait((answered, left), return_when=asyncio.FIRST_COMPLETED)
            finally:
                if not answered.done() and body is None:
                    self._post.send(node, PollLeft(number))
            return answered.result() if answered.done() else None

    async def _node(self, wanted: str) -> str | None:
        """The node with this mark, if there is one."""
        now = asyncio.get_running_loop().time()
        if wanted not in self._nodes and now - self._looked_at >= LOOK_EVERY_S:
            self._looked_at = now
            try:
                self._nodes = {mark(node.node): node.node for node in await self._ownership.nodes()}
            except LogError as error:
                log.warning("nodes cannot be looked up: %s", error)
        return self._nodes.get(wanted)

    def _polled(self, peer: Peer, polled: Polled) -> None:
        self._questions.answered(peer, polled.number, (HTTPStatus(polled.status), polled.body))

    def _broken(self, node: str) -> None:
        for (asker, _), left in self._waiting.items():
            if asker == node and not left.done():
                left.set_result(None)

    # -- the other end ------------------------------------------------------------------------------------------------

    def _poll(self, peer: Peer, poll: Poll) -> None:
        task = asyncio.create_task(self._serve(peer.node, poll))
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    def _poll_left(self, peer: Peer, told: PollLeft) -> None:
        left = self._waiting.get((peer.node, told.number))
        if left is not None and not left.done():
            left.set_result(None)

    async def _serve(self, node: str, poll: Poll) -> None:
        left: Left = asyncio.get_running_loop().create_future()
        self._waiting[node, poll.number] = left
        try:
            answer = await self._polling.serve(poll.sid, poll.body, left)
        finally:
            del self._waiting[node, poll.number]
        if answer is not None:
            self._post.send(node, Polled(poll.number, int(answer[0]), answer[1]))
