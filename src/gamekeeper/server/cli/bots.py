"""`gamekeeper bots APP` for applications that bring no bots of their own: players who do as `Game.bot` says."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gamekeeper.app import App
from gamekeeper.core.errors import Rejected
from gamekeeper.server.cli import offline
from gamekeeper.server.cli.options import AsJson, load_settings
from gamekeeper.server.cli.output import progress, say, say_json

if TYPE_CHECKING:
    from gamekeeper.client import Connection

DEFAULT_PLAYERS = 4

Transport = Literal["websocket", "socketio"]


@dataclass(frozen=True)
class Plan:
    """How much is played."""

    rooms: int
    players: int
    moves: int
    patience_s: float
    seed: int | None


def command_for(app: App, reference: str) -> Callable[..., None]:
    """The command of one application."""

    def command(
        rooms: Annotated[int, typer.Option(help="Rooms played at once.", min=1)] = 1,
        players: Annotated[int | None, typer.Option(help="Players of each room.", min=1, show_default=False)] = None,
        moves: Annotated[int, typer.Option(help="Commands each player sends at most.", min=1)] = 1_000,
        patience: Annotated[float, typer.Option(help="Seconds without a change after which a player stops.")] = 5.0,
        seed: Annotated[int | None, typer.Option(help="Same seed, same bots.", show_default=False)] = None,
        server: Annotated[str | None, typer.Option(help="A running server's address.", show_default=False)] = None,
        as_json: AsJson = False,
    ) -> None:
        """Let bots play through real sockets, on a running server or on one made for it."""
        plan = Plan(rooms, players or min(app.game.seats, DEFAULT_PLAYERS), moves, patience, seed)
        counted = offline.run(_play_all(app, plan, server))
        if as_json:
            say_json(counted)
        else:
            for name, count in counted.items():
                say(f"{name}: {count}")

    return command


@asynccontextmanager
async def _server(app: App, url: str | None) -> AsyncGenerator[str, None]:
    """The address given, or that of a server with a log in memory."""
    if url is not None:
        yield url
        return
    from gamekeeper.server.embedded import serving

    with TemporaryDirectory(prefix="gamekeeper-bots-") as folder:
        settings = load_settings(data=folder, log_store="memory", port=0, host="127.0.0.1", log_level="error")
        async with serving(settings, {app.name: app}) as port:
            yield port.url


async def _play_all(app: App, plan: Plan, url: str | None) -> dict[str, int]:
    counted: Counter[str] = Counter(rooms=0, players=0, commands=0, rejections=0, reconnects=0)
    async with _server(app, url) as address:
        with progress("Playing") as advance:

            async def play(number: int) -> None:
                counted.update(await _play_room(app, plan, address, number))
                advance(counted["rooms"], plan.rooms)

            await asyncio.gather(*(play(number) for number in range(plan.rooms)))
    return dict(counted)


async def enter_room(
    app: App, url: str, players: int, stack: AsyncExitStack, transport: Transport = "websocket"
) -> list["Connection"]:
    """A new room with so many guests in it, each live and in a seat until the stack unwinds. Raises `Rejected`."""
    from gamekeeper.client import Client, Network
    from gamekeeper.dial_socketio import dial_socketio

    network = Network(dial=dial_socketio) if transport == "socketio" else Network()
    async with Client(url, network=network) as creator:
        await creator.guest("Bots' host")
        room = await creator.open(app.name, name="bots")
    clients = [creator] if app.creator.value == "player" else []
    while len(clients) < players:
        async with Client(url, network=network) as client:
            await client.guest(f"Bot {len(clients) + 1}")
            await client.join(room["code"])
        clients.append(client)
    if app.game.start == "host":
        host = await stack.enter_async_context(creator.connect(room["id"]))
        await host.send("start_room")
    return [await stack.enter_async_context(client.connect(room["id"])) for client in clients]


async def _play_room(app: App, plan: Plan, url: str, number: int) -> Counter[str]:
    async with AsyncExitStack() as stack:
        live = await enter_room(app, url, plan.players, stack)
        results = await asyncio.gather(*(_play_seat(app, plan, one, number) for one in live))
    return sum(results, Counter(rooms=1))


async def _play_seat(app: App, plan: Plan, live: "Connection", number: int) -> Counter[str]:
    from gamekeeper.client import ConnectionClosed

    seed: Any = None if plan.seed is None else f"{plan.seed} {number} {live.seat}"
    rng = random.Random(seed)
    counted: Counter[str] = Counter(players=1)
    try:
        while counted["commands"] + counted["rejections"] < plan.moves:
            command = app.game.bot(live.public, live.private, rng)
            if command is None:
                async with asyncio.timeout(plan.patience_s):
                    await live.changed()
                continue
            try:
                await live.command(command)
                counted["commands"] += 1
            except Rejected:
                counted["rejections"] += 1
    except (TimeoutError, ConnectionClosed):
        pass
    counted["reconnects"] = live.reconnects
    return counted
