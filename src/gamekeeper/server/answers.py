"""Answers to reads that are given again until what they tell of has changed.

Each belongs to one room and one reader. Bounded in entries and bytes: the one that was not asked for the longest goes.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple
from weakref import WeakValueDictionary

from gamekeeper.core.catalogue import FRAMEWORK_EVENTS
from gamekeeper.log.protocol import Batch
from gamekeeper.server.settings import Settings

MAX_ENTRIES = 50_000
OVERHEAD_BYTES = 800
"""What an entry takes besides its text."""
ETAG_BYTES = 12


class Question(NamedTuple):
    """What was asked, by whom, under which address: everything an answer may differ by."""

    room: str
    user: str
    is_admin: bool
    base: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said. The tag is of the text itself, so that nodes agree on it and no two readers' texts share one."""

    body: bytes
    etag: bytes

    @classmethod
    def of(cls, body: bytes) -> "Answer":
        return cls(body, b'"%s"' % blake2b(body, digest_size=ETAG_BYTES).hexdigest().encode())


@dataclass(eq=False, slots=True, weakref_slot=True)
class Since:
    """A time in which nothing about one room changed; an answer that was begun in another is not kept."""

    room: str
    questions: set[Question] = field(default_factory=set[Question])


class _Kept(NamedTuple):
    answer: Answer
    since: Since
    until: float
    bytes: int


def live_s(settings: Settings, *, alone: bool) -> float:
    """Seconds for which an answer is good: alone until something changes here; other nodes change things unseen."""
    return math.inf if alone and settings.read_cache_s else settings.read_cache_s


class Answers:
    """`life_s`: how long one is given again although nothing was heard of a change; infinite where every change is
    heard of, 0: none is kept."""

    def __init__(
        self,
        life_s: float,
        max_bytes: int,
        max_entries: int = MAX_ENTRIES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.hits = 0
        self.misses = 0
        self.bytes = 0
        self._life_s = life_s
        self._max_bytes = max_bytes
        self._max_entries = max_entries
        self._clock = clock
        self._kept: OrderedDict[Question, _Kept] = OrderedDict()
        self._since: WeakValueDictionary[str, Since] = WeakValueDictionary()

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, question: Question) -> Answer | None:
        kept = self._kept.get(question)
        if kept is None or kept.until <= self._clock():
            self.misses += 1
            return None
        self.hits += 1
        self._kept.move_to_end(question)
        return kept.answer

    def begin(self, room: str) -> tuple[Since, float]:
        """Before an answer is worked out: what `keep` wants to know of that moment."""
        since = self._since.get(room)
        if since is None:
            since = self._since[room] = Since(room)
        return since, self._clock() + self._life_s

    def keep(self, question: Question, answer: Answer, begun: tuple[Since, float]) -> None:
        """Give it again from now on, unless the room has changed since it was begun."""
        since, until = begun
        if self._since.get(question.room) is not since or until <= self._clock():
            return
        self._drop(question)
        size = OVERHEAD_BYTES + len(answer.body) + sum(len(part) for part in (question.user, question.base))
        self._kept[question] = _Kept(answer, since, until, size)
        since.questions.add(question)
        self.bytes += size
        while self.bytes > self._max_bytes or len(self._kept) > self._max_entries:
            self._drop(next(iter(self._kept)))

    def forget(self, room: str) -> None:
        """Something about this room has changed."""
        since = self._since.pop(room, None)
        if since is not None:
            for question in tuple(since.questions):
                self._drop(question)

    def clear(self) -> None:
        """Anything may have changed."""
        self._kept.clear()
        self._since.clear()
        self.bytes = 0

    def taken(self, batches: list[Batch] | None) -> None:
        """The directory has taken these in; None: somebody else did, nobody knows what."""
        if batches is None:
            self.clear()
            return
        for batch in batches:
            if batch.has((FRAMEWORK_EVENTS,)):
                self.forget(batch.room)

    def _drop(self, question: Question) -> None:
        kept = self._kept.pop(question, None)
        if kept is not None:
            kept.since.questions.discard(question)
            self.bytes -= kept.bytes
