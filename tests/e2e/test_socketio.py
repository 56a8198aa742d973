"""The official clients of Socket.IO, as they come, play whole games: JavaScript's and Python's."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import socketio
from examples.pennies import app as pennies

from gamekeeper import App
from gamekeeper.client import Client
from gamekeeper.embedded import Embedded, serving
from gamekeeper.wire.frames import decode_from_server
from gamekeeper.wire.replica import Replica
from gamekeeper_apps.chsh import app as chsh

pytestmark = pytest.mark.anyio

JAVASCRIPT = Path(__file__).parents[1] / "transport" / "socketio_js"
PATIENCE_S = 30.0
ROUNDS = 3
every_way = pytest.mark.parametrize(
    "transports", [None, ["polling"], ["websocket"]], ids=["default", "polling", "websocket"]
)


@dataclass
class Table:
    url: str
    room: str
    tokens: list[str]
    host: Client
    server: Embedded


@asynccontextmanager
async def table(app: App, folder: Path) -> AsyncIterator[Table]:
    """A room with two seated players who have said nothing yet."""
    async with serving(app, folder) as server, AsyncExitStack() as stack:
        host = await person(server.url, "Host", stack)
        players = [await person(server.url, name, stack) for name in ("Ann", "Bob")]
        owner = players[0] if app is pennies else host
        room = await server.open(app.name, owner)
        for player in players:
            await player.join(room["code"], player.user["name"])
        yield Table(server.url, room["id"], [player.token or "" for player in players], host, server)


async def person(url: str, name: str, stack: AsyncExitStack) -> Client:
    client = await stack.enter_async_context(Client(url))
    await client.guest(name)
    return client


def node() -> str:
    """The Node that `make test` found. Without one these tests are skipped, or fail where it is promised."""
    found = shutil.which("node", path=os.pathsep.join([os.environ.get("PATH", ""), str(Path(sys.executable).parent)]))
    if found is None or not (JAVASCRIPT / "node_modules").is_dir():
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing("no client to test with; `python3 scripts/setup.py clients` installs it")
    return str(found)


async def play(here: Table, game: str, transports: list[str] | None) -> dict[str, Any]:
    options = {} if transports is None else {"transports": transports}
    plan = {"url": here.url, "room": here.room, "tokens": here.tokens, "game": game, "options": options}
    process = await asyncio.create_subprocess_exec(
        node(), "play.mjs", json.dumps(plan | {"rounds": ROUNDS}), cwd=JAVASCRIPT, stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            told, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0
    seen: dict[str, Any] = json.loads(told)
    return seen


def assert_carried(seen: dict[str, Any], transports: list[str] | None) -> None:
    """Stock settings begin with polling and end with a WebSocket; a choice is kept to."""
    chosen = (transports or ["websocket"])[0]
    assert seen["last"] == [chosen, chosen]
    assert len(seen["cuts"]) == 1, "one was cut, and came back by itself"
    assert seen["cuts"][0] in ("transport close", "transport error")
    assert seen["refused"] == []
    assert sorted(seen["resumed"]) == [False, False, True]
    if transports is not None:
        assert set(seen["connected"]) == {chosen}


@every_way
async def test_javascript_plays_matching_pennies_is_cut_and_resumes(
    transports: list[str] | None, tmp_path: Path
) -> None:
    """R0-54, R1-83."""
    async with table(pennies, tmp_path) as here:
        seen = await play(here, "pennies", transports)
        assert_carried(seen, transports)
        edge, heads, again, bobs = seen["answers"]
        assert (edge["code"], edge["field"]) == ("bad_command", "side")
        assert (heads, again["code"], bobs) == ({"ok": True}, "already_shown", {"ok": True})
        assert [view["public"]["coins"] for view in seen["views"]] == [{"1": "heads", "2": "heads"}] * 2
        assert [view["private"]["side"] for view in seen["views"]] == ["heads", "heads"]
        assert seen["events"] == [["closed"], ["closed"]], "each public event once"


@every_way
async def test_javascript_plays_a_bell_run(transports: list[str] | None, tmp_path: Path) -> None:
    async with table(chsh, tmp_path) as here, here.host.connect(here.room) as desk:
        await desk.send("open_run", {"planned_rounds": None, "deadline_s": None, "feedback_pause_s": 0})
        await desk.send("start_run", {"run": desk.public["run"]["id"]})
        seen = await play(here, "chsh", transports)
        assert_carried(seen, transports)
        assert seen["answers"] == [{"ok": True}] * 2 * ROUNDS
        rounds = await here.host.download(f"/api/chsh/rooms/{here.room}/export?format=rounds-csv")
        assert len(rounds.strip().splitlines()) == ROUNDS + 1


class PythonRoom:
    """The same over python-socketio."""

    def __init__(self, room: str, token: str) -> None:
        self.replica = Replica()
        self.welcomes: list[bool] = []
        self.namespace = f"/rooms/{room}"
        self.socket = socketio.AsyncClient(reconnection=False)
        self._token = token
        self._news = asyncio.Condition()
        for kind in ("welcome", "patch"):
            self.socket.on(kind, self._heard, namespace=self.namespace)

    async def enter(self, url: str, transports: list[str] | None) -> None:
        welcomes = len(self.welcomes)
        auth = {"token": self._token, "session": self.replica.session, "cursor": self.replica.cursor}
        await self.socket.connect(url, auth=auth, namespaces=[self.namespace], transports=transports)
        await self.until(lambda: len(self.welcomes) > welcomes)

    async def _heard(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "welcome":
            self.welcomes.append(frame["resumed"])
        self.replica.feed(decode_from_server(json.dumps(frame)))
        async with self._news:
            self._news.notify_all()

    async def until(self, holds: Any) -> None:
        async with asyncio.timeout(PATIENCE_S), self._news:
            await self._news.wait_for(holds)

    async def command(self, name: str, data: dict[str, Any], id: int) -> Any:
        return await self.socket.call(name, (data, id), namespace=self.namespace)


@every_way
async def test_python_plays_matching_pennies_is_cut_and_resumes(transports: list[str] | None, tmp_path: Path) -> None:
    """R0-54."""
    async with table(pennies, tmp_path) as here:
        ann, bob = [PythonRoom(here.room, token) for token in here.tokens]
        await ann.enter(here.url, transports)
        await bob.enter(here.url, transports)
        await ann.until(lambda: ann.replica.public["closes_at"])
        assert (await ann.command("show", {"side": "edge"}, 1))["field"] == "side"
        assert await ann.command("show", {"side": "heads"}, 2) == {"ok": True}
        await ann.socket.disconnect()
        assert await bob.command("show", {"side": "tails"}, 1) == {"ok": True}
        await ann.enter(here.url, transports)
        assert ann.welcomes == [False, True]
        assert await ann.command("show", {"side": "heads"}, 2) == {"ok": True}, (
            "what took effect once is answered again"
        )
        for room in (ann, bob):
            await room.until(lambda room=room: room.replica.public["winner"] == 2)
            assert [event.type for event in room.replica.events] == ["closed"]
            await room.socket.disconnect()


@every_way
async def test_python_plays_a_bell_run(transports: list[str] | None, tmp_path: Path) -> None:
    async with table(chsh, tmp_path) as here, here.host.connect(here.room) as desk:
        await desk.send("open_run", {"planned_rounds": None, "deadline_s": None, "feedback_pause_s": 0})
        run = desk.public["run"]["id"]
        await desk.send("start_run", {"run": run})
        players = [PythonRoom(here.room, token) for token in here.tokens]
        for player in players:
            await player.enter(here.url, transports)
        for number in range(1, ROUNDS + 1):
            for player in players:
                await player.until(lambda player=player, number=number: asked(player) == number)
                answer = {"run": run, "round": number, "answer": "T"}
                assert await player.command("answer", answer, number) == {"ok": True}
        for player in players:
            await player.socket.disconnect()
        rounds = await here.host.download(f"/api/chsh/rooms/{here.room}/export?format=rounds-csv")
        assert len(rounds.strip().splitlines()) == ROUNDS + 1


def asked(player: PythonRoom) -> int:
    question = player.replica.private and player.replica.private["question"]
    return question["round"] if question else 0


@every_way
async def test_a_cookie_or_a_token_authenticates_and_a_bad_one_changes_nothing(
    transports: list[str] | None, tmp_path: Path
) -> None:
    """R1-69: before any state is touched."""
    async with table(pennies, tmp_path) as here:
        namespace = f"/rooms/{here.room}"
        for auth, cookie in ((None, here.tokens[0]), ({"token": here.tokens[1]}, "stale")):
            client = socketio.AsyncClient(reconnection=False)
            headers = {"Cookie": f"gamekeeper_access={cookie}"}
            await client.connect(here.url, headers, auth, transports, [namespace])
            assert (await client.call("show", {"side": "edge"}, namespace))["code"] == "bad_command"
            await client.disconnect()
        written = len(await records_of(here))
        for auth in (None, {"token": "forged"}, {"token": here.tokens[0], "user": "ann"}):
            client = socketio.AsyncClient(reconnection=False)
            refused: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            client.on("connect_error", refused.set_result, namespace)
            with pytest.raises(socketio.exceptions.ConnectionError):
                await client.connect(here.url, {}, auth, transports, [namespace])
            code = "bad_frame" if auth and "user" in auth else "unauthenticated"
            assert (await refused)["data"] == {"code": code, "reconnect": False}
        assert len(await records_of(here)) == written


async def records_of(here: Table) -> list[Any]:
    return list(await here.server._server.log.read(here.room))
