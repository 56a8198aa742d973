"""The live quiz under load: `python -m bench.quiz [game|rooms|flood|joins] [--players 500] [--questions 10]`.

A server in a process of its own, on SQLite with every commit synced; the generator runs beside it, on the same machine.

game   one room: fan-out and acknowledgement percentiles, frames and bytes per player and question, the server's memory
       per player and CPU per answer (M1, M2, M4, S1)
rooms  50 rooms of 30 players at once, answers within 5 s (M2)
flood  a quiz alone, then beside a room that is sent 1 250 messages a second (M3)
joins  real players joining while 2 500 bots a minute do, and one purge (M16)

What others report, in their own issue threads: ClassQuiz lost answers at 70 and at 130 players (#326) and counted more
answers than players (#422).
"""

import argparse
import asyncio
import json
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gamekeeper import Rejected
from gamekeeper.client import Client, Connection, ConnectionClosed
from gamekeeper.embedded import Apart, serving_apart
from gamekeeper_apps.quiz.bots import percentiles, session
from gamekeeper_apps.quiz.playing import Plan
from gamekeeper_apps.quiz.questions import Option, Question

REPORTED = {
    "ClassQuiz #326": {"players": 70, "totals": "wrong"},
    "ClassQuiz #326 (later)": {"players": 130, "totals": "wrong"},
}
FLOOD_PER_S = 1_250
BOTS_A_MINUTE = 2_500
JOIN_S = 20.0


def questions(count: int) -> tuple[Question, ...]:
    """Single choice, as quizzes mostly are."""
    return tuple(
        Question(
            "single",
            f"Question {number}: which of these four is the right one?",
            options=tuple(Option(f"Option {at}", at == number % 4, 100.0 * (at == number % 4)) for at in range(4)),
        )
        for number in range(count)
    )


@asynccontextmanager
async def served() -> AsyncGenerator[Apart, None]:
    with TemporaryDirectory(prefix="gamekeeper-bench-") as folder:
        async with serving_apart("quiz", Path(folder)) as server:
            yield server


async def game(chosen: argparse.Namespace) -> dict[str, Any]:
    async with served() as server:
        idle, before = server.rss_mib or 0.0, server.cpu_s or 0.0
        plan = Plan(chosen.players, questions(chosen.questions), chosen.within, chosen.drop, chosen.seed)
        found = await session(plan, server.url, server)
        cpu_s = (server.cpu_s or 0.0) - before
    peak = float(found["server_rss_mib"] or 0.0)
    return found | {
        "rss_kib_per_player": round((peak - idle) * 1024 / chosen.players, 1),
        "cpu_ms_per_answer": round(cpu_s * 1000 / max(1, int(found["answers_stored"])), 3),
        "reported_by_others": REPORTED,
    }


async def rooms(chosen: argparse.Namespace) -> dict[str, Any]:
    """Fifty hosts at once."""
    async with served() as server:
        plans = [Plan(30, questions(chosen.questions), 5.0, 0.0, number) for number in range(50)]
        found = await asyncio.gather(*(session(plan, server.url, server) for plan in plans))
    worst = {name: max(one[name]["p99"] for one in found) for name in ("fanout_ms", "ack_ms")}
    counted = {name: sum(one[name] for one in found) for name in ("answers_stored", "lost", "double", "reconnects")}
    whole = {"rooms": len(found), "players": 30 * len(found), "server_rss_mib": found[-1]["server_rss_mib"]}
    return whole | counted | {"totals_match": all(one["totals_match"] for one in found), "worst_p99": worst}


async def flood(chosen: argparse.Namespace) -> dict[str, Any]:
    """The same quiz twice, the second time beside a room that drowns."""
    found: dict[str, Any] = {}
    for name in ("alone", "beside"):
        async with served() as server, AsyncExitStack() as stack:
            work = asyncio.create_task(_drown(server.url, stack)) if name == "beside" else None
            plan = Plan(chosen.players, questions(chosen.questions), chosen.within, 0.0, chosen.seed)
            played = await session(plan, server.url, server)
            found[name] = {one: played[one] for one in ("ack_ms", "fanout_ms", "lost", "double", "totals_match")}
            found[name]["frames"] = played["frames_per_player_per_question"]
            if work is not None:
                work.cancel()
                found["messages_a_second"] = FLOOD_PER_S
    return found


async def _drown(url: str, stack: AsyncExitStack) -> None:
    """Renaming oneself over and over, from ten lines, as fast as is asked."""
    host = await stack.enter_async_context(Client(url, timeout_s=60))
    await host.guest("Other host")
    room = await host.open("quiz", {"title": "Drowned"})
    lines: list[Connection] = []
    for number in range(10):
        client = await stack.enter_async_context(Client(url, timeout_s=60))
        await client.guest(f"D{number}")
        await client.join(room["code"])
        lines.append(await stack.enter_async_context(client.connect(room["id"])))
    sent, began = 0, time.perf_counter()
    waiting: set[asyncio.Task[None]] = set()
    while True:
        for _ in range(int((time.perf_counter() - began) * FLOOD_PER_S) - sent):
            task = asyncio.create_task(_rename(lines[sent % len(lines)], sent))
            waiting.add(task)
            task.add_done_callback(waiting.discard)
            sent += 1
        await asyncio.sleep(0.01)


async def _rename(line: Connection, number: int) -> None:
    try:
        await line.send("rename", {"name": f"Name {number}"})
    except (Rejected, ConnectionClosed):
        return


async def joins(chosen: argparse.Namespace) -> dict[str, Any]:
    """Bots pour in, people come too; then one purge."""
    async with served() as server, AsyncExitStack() as stack:
        host = await stack.enter_async_context(Client(server.url, timeout_s=60))
        await host.guest("Host")
        room = await host.open("quiz", {"title": "Flooded"})
        desk = await stack.enter_async_context(host.connect(room["id"]))
        await desk.send("set_rate", {"per_s": 1_000, "burst": 1_000})
        began = time.time()
        bots = asyncio.create_task(_pour(server.url, room["code"], BOTS_A_MINUTE / 60))
        took: list[float] = []
        while time.time() - began < JOIN_S:
            before = time.perf_counter()
            await _one_joins(server.url, room["code"], f"Person {len(took)}")
            took.append((time.perf_counter() - before) * 1000)
            await asyncio.sleep(0.2)
        poured = await bots
        await desk.until(lambda: desk.shared["counters"]["players"] >= poured + len(took), 30)
        await desk.send("purge", {"joined_last_s": time.time() - began + 1})
        await desk.until(lambda: desk.shared["counters"]["players"] == 0, 30)
    return {"bots": poured, "seconds": JOIN_S, "people": len(took), "join_ms": percentiles(took), "left_after_purge": 0}


async def _pour(url: str, code: str, per_s: float) -> int:
    count = int(JOIN_S * per_s)
    began = time.perf_counter()
    work: list[asyncio.Task[None]] = []
    for number in range(count):
        await asyncio.sleep(max(0.0, began + number / per_s - time.perf_counter()))
        work.append(asyncio.create_task(_one_joins(url, code, f"Bot {number}")))
    await asyncio.gather(*work)
    return count


async def _one_joins(url: str, code: str, name: str) -> None:
    async with Client(url, timeout_s=60) as client:
        await client.guest(name)
        await client.join(code)


MODES = {"game": game, "rooms": rooms, "flood": flood, "joins": joins}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", nargs="?", choices=MODES, default="game")
    parser.add_argument("--players", type=int, default=500)
    parser.add_argument("--questions", type=int, default=10)
    parser.add_argument("--within", type=float, default=2.0)
    parser.add_argument("--drop", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    print(json.dumps(asyncio.run(MODES[chosen.mode](chosen)), indent=2))


if __name__ == "__main__":
    main()
