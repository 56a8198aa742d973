"""The application's routes on a real server: what they answer, and to whom."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gamekeeper import Rejected
from gamekeeper.client import Client
from gamekeeper.embedded import serving
from gamekeeper_apps.chsh import app

pytestmark = pytest.mark.anyio
ROUTES = [
    "/rooms/{room}/export",
    "/rooms/{room}/runs",
    "/rooms/{room}/runs/{run}/replay",
    "/rooms/{room}/runs/{run}/pairs/{pair}",
]


class Class:
    """A host and two players who have played one run."""

    def __init__(self, host: Client, player: Client, room: dict[str, Any]) -> None:
        self.host = host
        self.player = player
        self.room = room["id"]
        self.base = f"/api/chsh/rooms/{room['id']}"


@pytest.fixture
async def played(tmp_path: Path) -> AsyncIterator[Class]:
    async with (
        serving(app, tmp_path) as server,
        Client(server.url) as host,
        Client(server.url) as ann,
        Client(server.url) as bob,
    ):
        await host.guest("Host")
        room = await host.open("chsh")
        for player, name in ((ann, "Ann"), (bob, "Bob")):
            await player.guest(name)
            await player.join(room["code"])
        async with host.connect(room["id"]) as desk, ann.connect(room["id"]) as one, bob.connect(room["id"]) as other:
            await desk.send("open_run", {"planned_rounds": 5, "feedback_pause_s": 0, "deadline_s": None})
            await desk.send("start_run", {"run": 1})
            for number in range(1, 6):
                for live in (one, other):
                    await live.until(lambda live=live, number=number: live.private["question"], 5)
                    await live.send("answer", {"run": 1, "round": number, "answer": "T"})
            await desk.until(lambda: desk.public["run"]["phase"] == "ended", 5)
        yield Class(host, ann, room)
        for client in (host, ann, bob):
            await client.__aexit__(None, None, None)


async def test_the_host_takes_everything_away(played: Class) -> None:
    for form, begins in [
        ("rounds-csv", "room,run,mode"),
        ("answers-csv", "room,run,pair"),
        ("jsonl", '{"app"'),
        ("report", "# Bell"),
    ]:
        text = await played.host.download(f"{played.base}/export?format={form}")
        assert text.startswith(begins), text[:60]


async def test_runs_pairs_and_replay(played: Class) -> None:
    runs = await played.host.request("GET", f"{played.base}/runs")
    assert (runs[0]["figures"]["rounds"], runs[0]["archived"]) == (5, False)
    detail = await played.host.request("GET", f"{played.base}/runs/1/pairs/1")
    assert sum(cell["n"] for cell in detail["cells"].values()) == 5
    assert "would_certify_bits" in detail["statistics"]["research"]
    replay = await played.host.request("GET", f"{played.base}/runs/1/replay")
    assert len(replay["rounds"]) == 5
    for path in ("/runs/9/replay", "/runs/1/pairs/99"):
        with pytest.raises(Rejected, match="not_found"):
            await played.host.request("GET", played.base + path)


async def test_players_get_none_of_it(played: Class) -> None:
    """Check 5: reading the host's view as a player or as nobody."""
    for path in ("/export", "/runs", "/runs/1/replay", "/runs/1/pairs/1"):
        with pytest.raises(Rejected, match="forbidden"):
            await played.player.request("GET", played.base + path)
        async with Client(played.host.url) as nobody:
            with pytest.raises(Rejected, match="unauthenticated"):
                await nobody.request("GET", played.base + path)


async def test_power(played: Class) -> None:
    found = await played.host.request("GET", "/api/chsh/power?rounds=139")
    assert found["levels"]["0.05"]["wins_needed"] == 113
    assert found["levels"]["0.05"]["power"] >= 0.9
    assert found["planned"]["0.05"] == [107, 139, 176]
    assert (await played.host.request("GET", "/api/schema/chsh"))["commands"]["answer"]["by"] == ["player"]


def test_the_paths_are_these() -> None:
    assert len([*ROUTES, "/power", "/api/schema/{app}"]) == 6
