"""The drafting plug-in: somebody's program that makes questions of a talk's transcript. Off unless one is installed.

A package offers one under the entry point group `gamekeeper_quiz.drafter`: an object with the method of `Drafter`. Its
credentials are its own affair and stay in this process; what it makes waits until a person approves it.
"""

import asyncio
from collections import OrderedDict
from importlib.metadata import entry_points
from typing import Any, Protocol

import msgspec

from gamekeeper import Command, Frozen, Record
from gamekeeper_apps.quiz import facts as e
from gamekeeper_apps.quiz import messages as m

GROUP = "gamekeeper_quiz.drafter"
LIMIT_S = 60.0
MAX_DRAFTS = 20
MAX_QUOTE = 1_000
MAX_TITLES = 10_000


class Want(Frozen):
    """What is asked for: `count` 1 to 20, `wrong_options` 1 to 5. `title`: the segment's, where it is known."""

    count: int = 5
    wrong_options: int = 3
    types: tuple[str, ...] = ("single", "true_false")
    language: str = ""
    title: str = ""


USUAL = Want()


class Drafter(Protocol):
    """Makes questions of a transcript. It has 60 seconds; whatever it raises is told as `failed`."""

    async def draft(self, transcript: str, want: Want) -> list[m.Drafted]: ...


class Drafting:
    """The reactor: follows `transcript_added`, answers with `take_drafts`. A drafter that fails or hangs delays drafts
    and nothing else."""

    name = "quiz.drafting"

    def __init__(self, drafter: Drafter, want: Want = USUAL, limit_s: float = LIMIT_S) -> None:
        self._drafter = drafter
        self._want = want
        self._limit_s = limit_s
        self._titles: OrderedDict[tuple[str, int], str] = OrderedDict()

    async def react(self, room: str, record: Record) -> Command | None:
        if record.type == e.SegmentAdded.__wire_name__:
            added = msgspec.json.decode(record.data, type=_Titled)
            self._titles[room, added.segment] = added.title
            if len(self._titles) > MAX_TITLES:
                self._titles.popitem(last=False)
        if record.type != e.TranscriptAdded.__wire_name__:
            return None
        told = msgspec.json.decode(record.data, type=_Told)
        want = msgspec.structs.replace(self._want, title=self._titles.get((room, told.segment), ""))
        return await self._drafted(told, want)

    async def _drafted(self, told: "_Told", want: Want) -> Command:
        work = asyncio.ensure_future(self._drafter.draft(told.text, want))
        done, _ = await asyncio.wait({work}, timeout=self._limit_s)
        if not done:
            work.cancel()
            return m.TakeDrafts(told.segment, declined="too_slow")
        if work.cancelled() or work.exception() is not None:
            return m.TakeDrafts(told.segment, declined="failed")
        try:
            drafts = msgspec.convert(work.result(), type=tuple[m.Drafted, ...])
        except msgspec.ValidationError:
            return m.TakeDrafts(told.segment, declined="failed")
        return m.TakeDrafts(told.segment, tuple(_short(one) for one in drafts[:MAX_DRAFTS]))


class _Titled(Frozen, forbid_unknown_fields=False):
    segment: int
    title: str


class _Told(Frozen, forbid_unknown_fields=False):
    segment: int
    text: str


def _short(draft: m.Drafted) -> m.Drafted:
    return msgspec.structs.replace(draft, quote=draft.quote[:MAX_QUOTE])


def installed() -> tuple[Any, ...]:
    """The entry points of drafters of this installation."""
    return tuple(entry_points(group=GROUP))


class Installed:
    """The drafter of this installation, loaded when it is first asked."""

    async def draft(self, transcript: str, want: Want) -> list[m.Drafted]:
        drafter: Drafter = installed()[0].load()
        return await drafter.draft(transcript, want)


reactor = Drafting(Installed())
