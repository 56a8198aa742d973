"""`gamekeeper bots chsh`: a whole hosted session through a real server, every bot on its own connection."""

import asyncio
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from gamekeeper import Rejected
from gamekeeper.client import Client
from gamekeeper.embedded import Embedded, serving
from gamekeeper_apps.chsh.cells import MODES
from gamekeeper_apps.chsh.device import DeviceKind
from gamekeeper_apps.chsh.offline import analyse_run
from gamekeeper_apps.chsh.playing import PairOfBots, Plan, Tally
from gamekeeper_apps.chsh.report import as_text
from gamekeeper_apps.chsh.strategies import STRATEGIES
from gamekeeper_apps.chsh.tables.answers_csv import duplicates_and_keys
from gamekeeper_apps.chsh.tables.rounds_csv import read_rounds
from gamekeeper_apps.chsh.tables.text import parse_table

FAILED = 1
WRONG = 2


def bots(
    pairs: Annotated[int, typer.Option(help="Pairs of bots.", min=1, max=500)] = 1,
    strategy: Annotated[str, typer.Option(help=", ".join(STRATEGIES))] = "classical",
    rounds: Annotated[int, typer.Option(help="Scored rounds of each pair.", min=1, max=100_000)] = 40,
    visibility: Annotated[float, typer.Option(help="Of the quantum device.", min=0.0, max=1.0)] = 1.0,
    mode: Annotated[str, typer.Option(help="chsh, symmetric or hardy")] = "chsh",
    schedule: Annotated[str, typer.Option(help="iid or balanced")] = "iid",
    seed: Annotated[int | None, typer.Option(help="Same seed, same statistics (with the server made here).")] = None,
    server: Annotated[str | None, typer.Option(help="A running server; one is made otherwise.")] = None,
    time_scale: Annotated[float, typer.Option(help="Of the human bots' thinking time.", min=0.0)] = 0.001,
    drop: Annotated[bool, typer.Option(help="Every bot loses its connection once, at a random round.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Let pairs of bots play one run and print its statistics, computed from the exported rounds.

    `leaky` is a harness that knows both letters; the others know what a seat knows. With --server, the room is opened
    there by a guest. Exit status 0 when the session was completed, 1 when not, 2 when it cannot be asked for.
    """
    if strategy not in STRATEGIES or mode not in MODES or schedule not in BLOCK_ROUNDS_OF:
        sys.stderr.write("unknown strategy, mode or schedule\n")
        raise typer.Exit(WRONG)
    plan = Plan(pairs, strategy, rounds, visibility, mode, schedule, seed, time_scale, drop)
    try:
        result = asyncio.run(_play(plan, server))
    except (OSError, Rejected) as error:
        sys.stderr.write(f"the session was not completed: {error}\n")
        raise typer.Exit(FAILED) from error
    sys.stdout.write(json.dumps(result, allow_nan=False) + "\n" if as_json else _text(result, plan))
    if result["lost_answers"] or result["duplicate_answers"]:
        raise typer.Exit(FAILED)


BLOCK_ROUNDS_OF = ("iid", "balanced")


def _text(result: dict[str, Any], plan: Plan) -> str:
    leak = "The harness told seat 2 the letter of seat 1.\n" if plan.strategy == "leaky" else ""
    counted = ("rounds_played", "lost_answers", "duplicate_answers", "reconnects")
    lines = [f"{name.replace('_', ' ')}: {result[name]}" for name in counted]
    return leak + as_text(result["pooled"]) + "\n" + "\n".join(lines) + "\n"


def device_of(plan: Plan) -> DeviceKind:
    """What nature the strategy needs."""
    if plan.strategy == "quantum":
        return "hardy" if plan.mode == "hardy" else "quantum"
    return "pr-box" if plan.strategy == "pr-box" else "off"


async def _play(plan: Plan, url: str | None) -> dict[str, Any]:
    if url is not None:
        return await _session(plan, url, None)
    from gamekeeper_apps.chsh import app

    with TemporaryDirectory(prefix="gamekeeper-bots-") as folder:
        async with serving(app, Path(folder)) as server:
            return await _session(plan, server.url, server)


async def _session(plan: Plan, url: str, server: Embedded | None) -> dict[str, Any]:
    """Open, join, play to the end, export, count."""
    async with Client(url, timeout_s=60.0) as host:
        await host.guest("Host")
        seed = str(plan.seed) if plan.seed is not None else None
        room = await server.open("chsh", host, seed=seed) if server is not None else await host.open("chsh")
        tally = Tally()
        playing = [PairOfBots(number, plan, url, room, tally) for number in range(1, plan.pairs + 1)]
        try:
            for pair in playing:
                await pair.join()
            async with host.connect(room["id"]) as dashboard:
                await dashboard.send("open_run", _opening(plan))
                run = dashboard.public["run"]["id"]
                await dashboard.send("start_run", {"run": run})
                await asyncio.gather(*(pair.play(run) for pair in playing))
                await dashboard.until(lambda: dashboard.public["run"]["phase"] == "ended", 60.0)
        finally:
            for pair in playing:
                await pair.leave()
        return await _result(host, room["id"], plan, tally)


def _opening(plan: Plan) -> dict[str, Any]:
    return {
        "mode": plan.mode,
        "schedule": plan.schedule,
        "device": device_of(plan),
        "visibility": plan.visibility,
        "planned_rounds": plan.rounds,
        "deadline_s": None,
        "feedback_pause_s": 0,
        "condition": f"bots: {plan.strategy}",
    }


async def _result(host: Client, room: str, plan: Plan, tally: Tally) -> dict[str, Any]:
    """Every figure from the exports alone."""
    base = f"/api/chsh/rooms/{room}/export?format="
    rounds = await host.download(base + "rounds-csv")
    answers = await host.download(base + "answers-csv")
    run = read_rounds(parse_table(rounds, "rounds")).runs[-1]
    pooled = analyse_run(run).as_json()
    pairs = pooled["extra"].pop("pairs")
    stored, duplicates = duplicates_and_keys(parse_table(answers, "answers"))
    return {
        "room": room,
        "strategy": plan.strategy,
        "pairs": pairs,
        "pooled": pooled,
        "rounds_played": run.rounds,
        "lost_answers": len(tally.acknowledged - stored),
        "duplicate_answers": duplicates,
        "reconnects": tally.reconnects,
    }
