"""Questions to other nodes that wait for their answers, by number."""

import asyncio
import itertools
from collections.abc import Generator
from contextlib import contextmanager
from typing import Generic, TypeVar

from gamekeeper.cluster.peer import Peer
from gamekeeper.cluster.post import Post

T = TypeVar("T")


class Questions(Generic[T]):
    """One kind of them. `lost`: the answer of a node whose conversation was broken."""

    def __init__(self, post: Post, lost: T) -> None:
        self._lost = lost
        self._numbers = itertools.count(1)
        self._asked: dict[int, tuple[str, asyncio.Future[T]]] = {}
        post.broken.append(self._broken)

    @contextmanager
    def asked(self, node: str) -> Generator[tuple[int, "asyncio.Future[T]"], None, None]:
        """A number to ask a node under, and its answer; forgotten when the block ends."""
        number = next(self._numbers)
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._asked[number] = (node, answer)
        try:
            yield number, answer
        finally:
            del self._asked[number]

    def answered(self, peer: Peer, number: int, found: T) -> None:
        """A node says something to a question; it counts once, and only from the node that was asked."""
        node, answer = self._asked.get(number, ("", None))
        if answer is not None and node == peer.node and not answer.done():
            answer.set_result(found)

    def _broken(self, node: str) -> None:
        for asked, answer in self._asked.values():
            if asked == node and not answer.done():
                answer.set_result(self._lost)
