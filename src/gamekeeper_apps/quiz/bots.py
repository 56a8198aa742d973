"""`gamekeeper bots quiz`: a whole hosted game over real sockets, and what became of every answer."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import msgspec
import typer

from gamekeeper import Rejected
from gamekeeper.client import Client, Connection, ConnectionClosed
from gamekeeper.embedded import Apart, serving_apart
from gamekeeper_apps.quiz.formats.reading import read_file
from gamekeeper_apps.quiz.playing import Bot, Plan, Tally
from gamekeeper_apps.quiz.questions import Question
from gamekeeper_apps.quiz.recount import matches
from gamekeeper_apps.quiz.settings import MAX_PLAYERS

FAILED = 1
WRONG = 2
JOINING = 25
"""How many bots join at once."""
PATIENCE_S = 120.0
LOBBY_S = 0.6
"""So that the lobby's last counter has come before frames are counted."""

Opened = Callable[[dict[str, Any], list[Bot]], Awaitable[None]]
"""Told the room and its bots before the game begins."""


class Unplayable(Exception):
    """The server does not take these questions."""


def bots(
    questions: Annotated[Path, typer.Option(help="A quiz file, or any that `quiz import` reads.")],
    players: Annotated[int, typer.Option(help="Players, each on its own connection.", min=1, max=MAX_PLAYERS)] = 10,
    answer_within: Annotated[float, typer.Option(help="Seconds after the opening.", min=0.0)] = 2.0,
    drop: Annotated[float, typer.Option(help="Probability to lose the line in a question.", min=0.0, max=1.0)] = 0.0,
    seed: Annotated[int | None, typer.Option(help="Fixes choices, times and cuts.")] = None,
    server: Annotated[str | None, typer.Option(help="A running server; one is started otherwise.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False,
) -> None:
    """Let bots play a whole game, and count. Exit status 0 when no answer was lost or doubled and every total is what
    the exported log comes to; 1 otherwise; 2 when the questions cannot be read."""
    try:
        asked = load(questions)
    except ValueError as error:
        sys.stderr.write(f"{questions}: {error}\n")
        raise typer.Exit(WRONG) from error
    plan = Plan(players, asked, answer_within, drop, seed)
    try:
        result = asyncio.run(play(plan, server))
    except Unplayable as error:
        sys.stderr.write(f"{questions}: {error}\n")
        raise typer.Exit(WRONG) from error
    except (Rejected, ConnectionClosed, OSError) as error:
        sys.stderr.write(f"the game was not completed: {error}\n")
        raise typer.Exit(FAILED) from error
    sys.stdout.write(json.dumps(result, indent=None if as_json else 2) + "\n")
    if result["lost"] or result["double"] or not result["totals_match"]:
        raise typer.Exit(FAILED)


def load(path: Path) -> tuple[Question, ...]:
    """The questions of a file of any format that is read. Raises `ValueError`."""
    found, readable = read_file(path)
    if not readable or not found.questions:
        raise ValueError(found.problems[0]["reason"] if found.problems else "no question in it")
    return msgspec.convert(found.questions, type=tuple[Question, ...])


async def play(plan: Plan, url: str | None) -> dict[str, Any]:
    """One game on a running server, or on one in a process of its own."""
    if url is not None:
        return await session(plan, url, None)
    with TemporaryDirectory(prefix="gamekeeper-bots-") as folder:
        async with serving_apart("quiz", Path(folder)) as server:
            return await session(plan, server.url, server)


@dataclass
class Samples:
    """Every single time that was measured, of any number of sessions."""

    fanout_ms: list[float] = field(default_factory=list[float])
    ack_ms: list[float] = field(default_factory=list[float])


async def session(
    plan: Plan, url: str, server: Apart | None, opened: Opened | None = None, samples: Samples | None = None
) -> dict[str, Any]:
    """Open, join, play to the end, export, count. `opened` is awaited with the room and the players before they join:
    for who watches them. `samples` gets what the percentiles are of."""
    tally = Tally()
    async with AsyncExitStack() as stack:
        host = await stack.enter_async_context(Client(url, timeout_s=PATIENCE_S))
        await host.guest("Host")
        settings = {"pre_read_s": 0, "close_when_all": True}
        room = await host.open("quiz", {"title": "Bots", "settings": settings})
        whole = msgspec.to_builtins({"title": "Bots", "questions": plan.questions})
        try:
            await host.request("POST", f"/api/quiz/rooms/{room['id']}/segments", whole)
        except Rejected as rejected:
            raise Unplayable(str(rejected)) from rejected
        desk = await stack.enter_async_context(host.connect(room["id"]))
        await desk.send("set_rate", {"per_s": 10_000, "burst": 10_000})
        playing = [Bot(number, plan, url, tally) for number in range(1, plan.players + 1)]
        if opened is not None:
            await opened(room, playing)
        try:
            await _join_all(playing, room)
            games = [asyncio.create_task(bot.play()) for bot in playing]
            await _conduct(desk, playing, len(plan.questions))
            async with asyncio.timeout(PATIENCE_S):
                await asyncio.gather(*games)
        finally:
            await asyncio.gather(*(bot.leave() for bot in playing))
        exported = json.loads(await host.download(f"/api/quiz/rooms/{room['id']}/export?format=json"))
    peak = server.peak_rss_mib if server is not None else None
    found = samples if samples is not None else Samples()
    return result_of(plan, tally, exported, found) | {"server_rss_mib": round(peak, 1) if peak is not None else None}


async def _join_all(playing: list[Bot], room: dict[str, Any]) -> None:
    gate = asyncio.Semaphore(JOINING)

    async def join(bot: Bot) -> None:
        async with gate:
            await bot.join(room)

    await asyncio.gather(*(join(bot) for bot in playing))


async def _conduct(desk: Connection, playing: list[Bot], questions: int) -> None:
    """The host's part."""
    await asyncio.sleep(LOBBY_S)
    await desk.send("start")
    await asyncio.gather(*(bot.reached("intro") for bot in playing))
    for bot in playing:
        bot.begin()
    for _ in range(questions):
        await desk.send("show")
        if desk.public["ask"]["type"] == "slide":
            await desk.send("close")
        await desk.until(lambda: desk.public["phase"] == "closed", PATIENCE_S)
        await desk.send("reveal")
        await desk.until(lambda: desk.public["phase"] == "revealed", PATIENCE_S)
        await desk.send("board")
    await asyncio.gather(*(bot.reached("board") for bot in playing))
    for bot in playing:
        bot.finish()
    await desk.send("next")
    await desk.send("next")
    await desk.until(lambda: desk.public["phase"] == "ended", PATIENCE_S)


def result_of(plan: Plan, tally: Tally, exported: dict[str, Any], samples: Samples) -> dict[str, Any]:
    """Every figure from what the bots saw and from the export alone."""
    stored = [event["data"] for event in exported["events"] if event["type"] == "answered"]
    committed = {
        event["data"]["ask"]: event["at"] / 1e6 for event in exported["events"] if event["type"] == "question_shown"
    }
    commands = Counter(one["command_id"] for one in stored)
    places = Counter((one["ask"], one["player"]) for one in stored)
    fanout = [(at - committed[ask]) * 1000 for (ask, _), at in tally.seen_at.items() if ask in committed]
    samples.fanout_ms += fanout
    samples.ack_ms += tally.ack_ms
    per = plan.players * len(plan.questions)
    return {
        "players": plan.players,
        "questions": len(plan.questions),
        "answers_sent": len(tally.sent),
        "answers_acknowledged": len(tally.acknowledged),
        "answers_stored": len(stored),
        "lost": len(set(tally.acknowledged) - set(commands)),
        "double": sum(count - 1 for count in commands.values()) + sum(count - 1 for count in places.values()),
        "totals_match": matches(exported),
        "fanout_ms": percentiles(fanout),
        "ack_ms": percentiles(tally.ack_ms),
        "reconnects": tally.reconnects,
        "frames_per_player_per_question": round(tally.frames / per, 3),
        "bytes_per_player_per_question": round(tally.bytes / per, 1),
    }


def percentiles(values: list[float]) -> dict[str, float | None]:
    """The 50th and 99th, by nearest rank; None of nothing."""
    ordered = sorted(values)

    def at(percent: int) -> float | None:
        return round(ordered[max(0, -(-len(ordered) * percent // 100) - 1)], 3) if ordered else None

    return {"p50": at(50), "p99": at(99)}
