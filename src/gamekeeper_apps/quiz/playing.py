"""One player of a hosted game, on its own connection: answers at its own moment, loses the line, comes back."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

import msgspec

from gamekeeper import Frozen, Rejected
from gamekeeper.client import Client, Connection
from gamekeeper_apps.quiz.guessing import value
from gamekeeper_apps.quiz.questions import Question

KNOWS = 0.7
"""How often a bot answers from the key."""


@dataclass(frozen=True)
class Plan:
    """One game."""

    players: int
    questions: tuple[Question, ...]
    within_s: float
    drop: float
    seed: int | None


@dataclass
class Tally:
    """What the bots did and were told; times in seconds since the epoch."""

    sent: set[str] = field(default_factory=set[str])
    acknowledged: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    """Command id to (ask, seat)."""
    seen_at: dict[tuple[int, int], float] = field(default_factory=dict[tuple[int, int], float])
    """(ask, seat) to when the frame with the question came."""
    ack_ms: list[float] = field(default_factory=list[float])
    rejected: Counter[str] = field(default_factory=Counter[str])
    reconnects: int = 0
    frames: int = 0
    bytes: int = 0


class Bot:
    """A player with luck of its own."""

    def __init__(self, number: int, plan: Plan, url: str, tally: Tally) -> None:
        self._number = number
        self._plan = plan
        self._client = Client(url, timeout_s=120.0)
        self._tally = tally
        self._ask = 0
        self._before = (0, 0)
        self.live: Connection | None = None

    async def join(self, room: dict[str, Any]) -> None:
        await self._client.guest(f"Bot {self._number}")
        joined = await self._client.join(room["code"])
        self.live = self._client.connect(joined.room)
        self.live.listen = self._heard
        await self.live.__aenter__()

    async def reached(self, phase: str) -> None:
        """Return once this player has been told of the phase."""
        live = self.live
        if live is not None:
            await live.until(lambda: live.public["phase"] == phase)

    def begin(self) -> None:
        """Frames count from here on."""
        if self.live is not None:
            self._before = (self.live.frames, self.live.bytes)

    def finish(self) -> None:
        """Frames count up to here."""
        if self.live is not None:
            self._tally.frames += self.live.frames - self._before[0]
            self._tally.bytes += self.live.bytes - self._before[1]

    async def leave(self) -> None:
        if self.live is not None:
            self._tally.reconnects += self.live.reconnects
            await self.live.close()
        await self._client.__aexit__(None, None, None)

    def _heard(self, frame: Any) -> None:
        """Called before the frame is taken in: when it brings a new question, that is the moment."""
        number = number_of(frame) if type(frame).__name__ == "Patch" else None
        if number is not None and self.live is not None:
            self._tally.seen_at.setdefault((number, self.live.seat), time.time())

    async def play(self) -> None:
        """Until the gathering has ended."""
        live = self.live
        if live is None:
            return
        while True:
            await live.until(lambda: live.public["phase"] == "ended" or self._due(live))
            if live.public["phase"] == "ended":
                return
            self._ask = live.public["ask"]["ask"]
            await self._answer(live, live.public["ask"])

    def _due(self, live: Connection) -> bool:
        ask = live.public["ask"]
        return ask is not None and ask["ask"] > self._ask and live.public["phase"] == "open" and ask["type"] != "slide"

    async def _answer(self, live: Connection, ask: dict[str, Any]) -> None:
        rng = Random(f"{self._plan.seed}|{self._number}|{ask['ask']}") if self._plan.seed is not None else Random()
        moment, cut, away = (rng.uniform(0, self._plan.within_s), rng.random(), rng.random())
        cut_at = rng.uniform(0, self._plan.within_s) if cut < self._plan.drop else None
        chosen = self._choose(ask, rng)
        opens = _seconds(ask["opens_at"])
        loop = asyncio.get_running_loop()
        dropping = None
        if cut_at is not None:
            dropping = loop.call_later(max(0.0, opens + cut_at - time.time()), lambda: live.drop(away))
        await asyncio.sleep(max(0.0, opens + moment - time.time()))
        reconnects, connected = live.reconnects, live.state == "live"
        before = time.perf_counter()
        try:
            sending = asyncio.ensure_future(live.send("answer", {"ask": ask["ask"], "value": chosen}))
            await asyncio.sleep(0)
            command = live.last_command
            self._tally.sent.add(command)
            await sending
        except Rejected as rejected:
            self._tally.rejected[rejected.code] += 1
            return
        finally:
            if dropping is not None and cut_at is not None and opens + cut_at <= time.time():
                dropping.cancel()
        self._tally.acknowledged[command] = (ask["ask"], live.seat)
        if connected and live.reconnects == reconnects:
            self._tally.ack_ms.append((time.perf_counter() - before) * 1000)

    def _choose(self, ask: dict[str, Any], rng: Random) -> Any:
        # In the order of their texts: the same choices from the same seed, however the options were mixed.
        columns = {name: sorted(ask[name], key=lambda one: one["text"]) for name in ("options", "rights") if ask[name]}
        ask = ask | columns
        number: int = ask["number"]
        known = self._plan.questions[number - 1] if number <= len(self._plan.questions) else None
        if known is None or rng.random() >= KNOWS:
            return value(ask, rng)
        right = right_value(known, ask)
        return right if right is not None else value(ask, rng)


def number_of(patch: Any) -> int | None:
    """The number of a new question in a patch; None: it brings none."""
    try:
        return msgspec.convert(patch.public, type=_Change).ask.ask[0]
    except (AttributeError, msgspec.ValidationError):
        pass
    try:
        return msgspec.convert(patch.public, type=_First).ask[0].ask
    except (msgspec.ValidationError, IndexError):
        return None


class _Number(Frozen, forbid_unknown_fields=False):
    ask: int


class _First(Frozen, forbid_unknown_fields=False):
    """A question where there was none: the whole of it."""

    ask: tuple[_Number, ...]


class _Merged(Frozen, forbid_unknown_fields=False):
    ask: tuple[int]


class _Change(Frozen, forbid_unknown_fields=False):
    """Another question: what is different."""

    ask: _Merged


def right_value(question: Question, ask: dict[str, Any]) -> Any:
    """The right answer of a question in the oids of an ask; None: there is none."""
    by_text = {option["text"]: option["oid"] for option in ask["options"] or ()}
    right = [by_text.get(option.text) for option in question.options if option.weight > 0]
    match question.type:
        case "single" | "true_false":
            best = max(question.options, key=lambda option: option.weight)
            return by_text.get(best.text)
        case "multi":
            return right if right and None not in right else None
        case "order":
            order = [by_text.get(option.text) for option in question.options]
            return order if None not in order else None
        case "typed":
            return max(question.options, key=lambda option: option.weight).text
        case "number":
            accept = question.numeric.accept if question.numeric is not None else ()
            first = next((one.min if one.value is None else one.value for one in accept), None)
            return str(first) if first is not None else None
        case "match":
            rights = {option["text"]: option["oid"] for option in ask["rights"] or ()}
            pairs = {by_text.get(pair.left): rights.get(pair.right) for pair in question.pairs if pair.left is not None}
            return pairs if None not in pairs and None not in pairs.values() else None
        case _:
            return None


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()
