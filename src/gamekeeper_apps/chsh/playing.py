"""A pair of bots at play, each on its own connection."""

import asyncio
from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

from gamekeeper import Rejected
from gamekeeper.client import Client, Connection
from gamekeeper_apps.chsh.cells import Cell
from gamekeeper_apps.chsh.schedule import BLOCK_ROUNDS
from gamekeeper_apps.chsh.strategies import Moment, Player, StrategyName, block_counts

PATIENCE_S = 120.0


@dataclass(frozen=True)
class Plan:
    """One session."""

    pairs: int
    strategy: str
    rounds: int
    visibility: float
    mode: str
    schedule: str
    seed: int | None
    time_scale: float
    drop: bool


@dataclass
class Tally:
    """What the bots were told: acknowledged answers as (pair, round, position)."""

    acknowledged: set[tuple[str, str, str]] = field(default_factory=set[tuple[str, str, str]])
    reconnects: int = 0


class PairOfBots:
    """Two clients with a common seed. Nothing else passes between them, but what full feedback tells both after each
    round, and what the `leaky` harness gives away. With a seed, seat 1 measures first."""

    def __init__(self, number: int, plan: Plan, url: str, room: dict[str, Any], tally: Tally) -> None:
        chance = f"{plan.seed}|{number}" if plan.seed is not None else str(Random().random())
        strategy = cast("StrategyName", plan.strategy)
        self._plan = plan
        self._room = room
        self._tally = tally
        self._clients = [Client(url, timeout_s=60.0) for _ in (1, 2)]
        self._bots = [Player(strategy, chance, Random(f"{chance}|{position}")) for position in (1, 2)]
        self._names = [f"Bot {number}{letter}" for letter in "AB"]
        self._live: list[Connection] = []
        self._past: list[Cell] = []
        self._letters: dict[int, dict[int, str]] = {}
        self._news = asyncio.Condition()
        self._drops = [Random(f"{chance}|drop|{position}").randint(1, plan.rounds) for position in (1, 2)]

    async def join(self) -> None:
        """Both sit down, one after the other, which makes them a pair."""
        for client, name in zip(self._clients, self._names, strict=True):
            await client.guest(name)
            joined = await client.join(self._room["code"], name)
            connection = client.connect(joined.room)
            await connection.__aenter__()
            self._live.append(connection)

    async def leave(self) -> None:
        for connection in self._live:
            self._tally.reconnects += connection.reconnects
            await connection.close()
        for client in self._clients:
            await client.__aexit__(None, None, None)

    async def play(self, run: int) -> None:
        """Until the run is over for this pair. Raises `TimeoutError` when nothing happens for too long."""
        await asyncio.gather(*(self._sit(index, run) for index in (0, 1)))

    async def _sit(self, index: int, run: int) -> None:
        live = self._live[index]

        def due() -> bool:
            view = live.private
            return bool(view and ((view["question"] and view["question"]["answer"] is None) or view["result"]))

        while True:
            await live.until(due, PATIENCE_S)
            question = live.private["question"]
            if question is None:
                return
            try:
                await self._take_turn(index, run, question)
            except Rejected as rejected:
                if rejected.retry_after_s is None and rejected.code not in ("wrong_round", "no_open_round"):
                    raise
                await asyncio.sleep(rejected.retry_after_s or 0.01)

    async def _take_turn(self, index: int, run: int, question: dict[str, Any]) -> None:
        live, bot, position, round_number = self._live[index], self._bots[index], index + 1, question["round"]
        await self._tell(position, round_number, question["letter"])
        if bot.drops() or (self._plan.drop and round_number == self._drops[index]):
            live.drop()
        await asyncio.sleep(bot.delay_s() * self._plan.time_scale)
        outcome = None
        if bot.measures:
            outcome = await self._measure(index, run, round_number)
        leaked = await self._letter(1, round_number) if bot.strategy == "leaky" and position == 2 else None
        moment = Moment(question["letter"], round_number, position, outcome, leaked, self._block(round_number))
        answer = bot.answer(moment)
        await live.send("answer", {"run": run, "round": round_number, "answer": answer})
        pair = str(live.private["pair"]["id"])
        self._tally.acknowledged.add((pair, str(round_number), str(position)))

    async def _measure(self, index: int, run: int, round_number: int) -> Any:
        live = self._live[index]
        if index == 1:
            await self._measured_by_first(round_number)
        if not live.private["question"]["measured"]:
            await live.send("measure", {"run": run, "round": round_number})
            await live.until(lambda: live.private["question"] and live.private["question"]["measured"], PATIENCE_S)
        if index == 0:
            await self._tell(-1, round_number, "measured")
        return live.private["question"]["measured"]["outcome"]

    async def _tell(self, key: int, round_number: int, value: str) -> None:
        async with self._news:
            self._letters.setdefault(round_number, {})[key] = value
            self._letters.pop(round_number - 2, None)
            self._news.notify_all()

    async def _letter(self, position: int, round_number: int) -> str:
        async with self._news:
            await self._news.wait_for(lambda: position in self._letters.get(round_number, {}))
            return self._letters[round_number][position]

    async def _measured_by_first(self, round_number: int) -> None:
        async with self._news:
            await self._news.wait_for(lambda: -1 in self._letters.get(round_number, {}))

    def _block(self, round_number: int) -> dict[Cell, int]:
        """How often each cell has been asked in the current block, as feedback has shown both."""
        while len(self._past) < round_number - 1:
            letters = self._letters.get(len(self._past) + 1, {})
            self._past.append(letters.get(1, "?") + letters.get(2, "?"))
        return block_counts(self._past[: round_number - 1], BLOCK_ROUNDS[self._plan.mode])
