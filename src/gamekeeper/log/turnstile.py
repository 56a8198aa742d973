"""Who has something to write while a commit is under way."""

from collections import deque
from collections.abc import Callable

Go = Callable[[], None]


class Turnstile:
    """Lets everybody through together when the next commit may be filled.

    What is handed over while a commit is under way waits in any case. Whoever waits here instead goes on collecting, so
    that the next commit has as much of each room as there is: one row, and one write for each of its viewers.
    """

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: deque[Go] = deque()

    def wait(self, go: Go) -> None:
        """Have `go` called when the others are let through."""
        self._waiting.append(go)

    def release(self) -> None:
        """Let everybody through who waits now. After an error of one, the rest go the next time."""
        for _ in range(len(self._waiting)):
            self._waiting.popleft()()
