"""`gamekeeper load APP`: many members play at a given rate, and what that costs is measured.

Open loop: every command is due at a moment fixed beforehand, and its latency counts from there. A server that falls
behind therefore shows it, instead of being asked less often.
"""

import asyncio
import random
import resource
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gamekeeper.app import App
from gamekeeper.core.errors import Rejected
from gamekeeper.server.cli import loading, offline
from gamekeeper.server.cli.bots import Transport, enter_room
from gamekeeper.server.cli.histogram import Histogram
from gamekeeper.server.cli.options import AsJson
from gamekeeper.server.cli.output import Advance, progress, say, say_json

if TYPE_CHECKING:
    from gamekeeper.client import Connection
    from gamekeeper.server.apart import Apart

ROOMS_ENTERED_AT_ONCE = 8
PERCENTILES = (0.5, 0.9, 0.99, 0.999)
PATIENCE_S = 10.0
"""How long an answer is waited for once the last command is out."""


@dataclass(frozen=True)
class Plan:
    """Rooms of so many members; `rate`: commands a second of all together."""

    rooms: int
    members: int
    rate: float
    seconds: float
    seed: int | None
    transport: Transport = "websocket"

    @property
    def interval_s(self) -> float:
        """Between two commands of one member."""
        return self.rooms * self.members / self.rate


@dataclass
class Tally:
    """What came of it."""

    latency: Histogram = field(default_factory=Histogram)
    counted: Counter[str] = field(default_factory=lambda: Counter(commands=0, rejections=0, idle=0, unanswered=0))


def command(
    app: Annotated[str, typer.Argument(help="An installed application, or module:attribute.")],
    rooms: Annotated[int, typer.Option(help="Rooms at once.", min=1)] = 10,
    members: Annotated[int, typer.Option(help="Members of each room.", min=1)] = 10,
    rate: Annotated[float, typer.Option(help="Commands a second, of all members together.", min=0.001)] = 100.0,
    seconds: Annotated[float, typer.Option(help="How long.", min=0.1)] = 10.0,
    transport: Annotated[Transport, typer.Option(help="How members connect.")] = "websocket",
    seed: Annotated[int | None, typer.Option(help="Same seed, same wishes.", show_default=False)] = None,
    server: Annotated[str | None, typer.Option(help="A running server's address.", show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """Have members play by `Game.bot` at a given rate, on a server made for it (durable, in a process of its own) or on
    a running one, and tell latency percentiles, with the server's processor time and memory where it is our own."""
    plan = Plan(rooms, members, rate, seconds, seed, transport)
    _raise_file_limit()
    told = offline.run(_measure(loading.find_app(app), app, plan, server))
    if as_json:
        say_json(told)
    else:
        for name, value in told.items():
            say(f"{name}: {value}")


def _raise_file_limit() -> None:
    """A socket is a file: as many as the system lets this user have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@asynccontextmanager
async def _server(reference: str, url: str | None) -> AsyncGenerator[tuple[str, "Apart | None"], None]:
    """The address given, or a server of our own that can be watched."""
    if url is not None:
        yield url, None
        return
    from gamekeeper.server.apart import serving_apart

    with TemporaryDirectory(prefix="gamekeeper-load-") as folder:
        async with serving_apart(reference, Path(folder)) as apart:
            yield apart.url, apart


async def _measure(app: App, reference: str, plan: Plan, url: str | None) -> dict[str, Any]:
    async with _server(reference, url) as (address, apart), AsyncExitStack() as stack:
        with progress("Entering") as advance:
            live = await _enter(app, plan, address, stack, advance)
        before_s = apart.cpu_s if apart else None
        with progress("Playing") as advance:
            tally, elapsed_s = await _play(app, plan, live, advance)
        told = _told(plan, tally, elapsed_s, sum(each.reconnects for each in live))
        if apart is not None and before_s is not None and apart.cpu_s is not None:
            told["server_cpu_share"] = round((apart.cpu_s - before_s) / elapsed_s, 3)
            told["server_rss_mib"] = round(apart.rss_mib or 0.0, 1)
    return told


async def _enter(
    app: App, plan: Plan, url: str, stack: AsyncExitStack, advance: Advance
) -> list["Connection"]:  # fmt: skip
    few, entered = asyncio.Semaphore(ROOMS_ENTERED_AT_ONCE), list["Connection"]()

    async def one() -> None:
        async with few:
            entered.extend(await enter_room(app, url, plan.members, stack, plan.transport))
            advance(len(entered), plan.rooms * plan.members)

    await asyncio.gather(*(one() for _ in range(plan.rooms)))
    return entered


async def _play(app: App, plan: Plan, live: list["Connection"], advance: Advance) -> tuple[Tally, float]:
    """Everybody by their own timetable, spread evenly; what came of it and how long it took."""
    loop, tally = asyncio.get_running_loop(), Tally()
    began = loop.time()
    members = [
        asyncio.create_task(_member(app, plan, one, began + plan.interval_s * number / len(live), tally))
        for number, one in enumerate(live)
    ]
    end = began + plan.seconds
    while loop.time() < end:
        await asyncio.sleep(min(0.25, max(0.0, end - loop.time())))
        advance(round(loop.time() - began), round(plan.seconds))
    _, waiting = await asyncio.wait(members, timeout=PATIENCE_S)
    for each in waiting:
        each.cancel()
    tally.counted["unanswered"] += len(waiting)
    await asyncio.gather(*members, return_exceptions=True)
    return tally, loop.time() - began


async def _member(app: App, plan: Plan, live: "Connection", due: float, tally: Tally) -> None:
    """One member's commands, each due at its moment; one that is late does not move the next."""
    from gamekeeper.client import ConnectionClosed

    loop, end = asyncio.get_running_loop(), due + plan.seconds
    seed: Any = None if plan.seed is None else f"{plan.seed} {live.seat}"
    rng = random.Random(seed)
    while due < end:
        await asyncio.sleep(max(0.0, due - loop.time()))
        wish = app.game.bot(live.public, live.private, rng)
        if wish is None:
            tally.counted["idle"] += 1
        else:
            try:
                await live.command(wish)
                tally.counted["commands"] += 1
            except Rejected:
                tally.counted["rejections"] += 1
            except ConnectionClosed:
                tally.counted["unanswered"] += 1
                return
            tally.latency.add(loop.time() - due)
        due += plan.interval_s


def _told(plan: Plan, tally: Tally, elapsed_s: float, reconnects: int) -> dict[str, Any]:
    told: dict[str, Any] = {"members": plan.rooms * plan.members, "seconds": round(elapsed_s, 2), **tally.counted}
    told["reconnects"] = reconnects
    told["answers_per_s"] = round(len(tally.latency) / elapsed_s, 1)
    for share in PERCENTILES:
        at = tally.latency.at(share)
        told[f"p{share * 100:g}_ms".replace(".", "_")] = None if at is None else round(at * 1000, 2)
    told["longest_ms"] = round(tally.latency.longest_s * 1000, 2)
    return told
