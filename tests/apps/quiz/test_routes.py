"""The application's routes on a real server: what they answer, and to whom."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from msgspec.structs import replace

from gamekeeper import Rejected
from gamekeeper.client import Client
from gamekeeper.embedded import serving
from gamekeeper_apps.quiz import app
from tests.apps.quiz.stage import SINGLE, TYPED

pytestmark = pytest.mark.anyio
READABLE = ["/rooms/{room}/export", "/rooms/{room}/players", "/rooms/{room}/statistics"]
WRITABLE = "/rooms/{room}/segments"


class Evening:
    def __init__(self, host: Client, player: Client, room: dict[str, Any]) -> None:
        self.host = host
        self.player = player
        self.room = room["id"]
        self.base = f"/api/quiz/rooms/{room['id']}"


@pytest.fixture
async def evening(tmp_path: Path) -> AsyncIterator[Evening]:
    async with serving(app, tmp_path) as server, Client(server.url) as host, Client(server.url) as ann:
        await host.guest("Host")
        room = await host.open("quiz", {"title": "Evening", "settings": {"pre_read_s": 0}})
        await ann.guest("Ann")
        await ann.join(room["code"], "Ann")
        questions = msgspec.to_builtins((SINGLE, TYPED))
        await host.request("POST", f"/api/quiz/rooms/{room['id']}/segments", {"title": "One", "questions": questions})
        yield Evening(host, ann, room)


async def test_questions_come_by_http_and_everything_goes_by_it(evening: Evening) -> None:
    async with evening.host.connect(evening.room) as desk, evening.player.connect(evening.room) as live:
        await desk.send("start")
        await desk.send("show")
        await live.until(lambda: live.public["phase"] == "open", 5)
        oid = live.public["ask"]["options"][0]["oid"]
        await _when_open(live, oid)
        await desk.until(lambda: desk.public["phase"] == "closed", 5)
        await desk.send("reveal")
        await live.until(lambda: live.private["result"], 5)
        assert live.private["result"]["f"] == 1
        await desk.send("end")
    for form in ("csv", "json"):
        text = await evening.host.download(f"{evening.base}/export?format={form}")
        assert "Paris" in text
    assert json.loads(await evening.host.download(f"{evening.base}/players?search=AN"))[0]["name"] == "Ann"
    assert json.loads(await evening.host.download(f"{evening.base}/players?search=zz")) == []
    (item,) = json.loads(await evening.host.download(f"{evening.base}/statistics"))
    assert (item["answered"], item["difficulty"]) == (1, 1.0)


async def _when_open(live: Any, oid: str) -> None:
    """Answer as soon as the opening has come."""
    while True:
        try:
            await live.send("answer", {"ask": 1, "value": oid})
        except Rejected as rejected:
            assert rejected.code in ("not_open", "slow_down")
            continue
        return


@pytest.mark.parametrize("path", READABLE)
async def test_only_the_host_is_answered(evening: Evening, path: str) -> None:
    """M10's other half: no route tells a player anything."""
    with pytest.raises(Rejected, match="forbidden"):
        await evening.player.download("/api/quiz" + path.replace("{room}", evening.room))


async def test_only_the_host_adds_questions_and_bad_ones_are_named(evening: Evening) -> None:
    path = "/api/quiz" + WRITABLE.replace("{room}", evening.room)
    with pytest.raises(Rejected, match="forbidden"):
        await evening.player.request("POST", path, {"title": "Mine", "questions": []})
    with pytest.raises(Rejected) as refused:
        await evening.host.request("POST", path, {"title": "Bad", "questions": [{"type": "riddle", "text": "?"}]})
    assert refused.value.code == "bad_request"


async def test_a_file_is_read_for_whoever_is_signed_in(evening: Evening) -> None:
    """The editor shows what would come and what would not, before anything is added."""
    path, headers = evening.player.url + "/api/quiz/import", {"Authorization": f"Bearer {evening.player.token}"}
    async with httpx.AsyncClient(headers=headers, trust_env=False, timeout=30) as client:
        answer = (await client.post(path + "?name=q.gift", content=b"Q {=a ~b}\n\nBad {~a}")).json()
        assert answer["counts"] == {"questions": 1, "skipped": 1} and answer["problems"][0]["file"] == "q.gift"
        refused = (await client.post(path, content=b"<quiz><a>")).json()
        assert refused["questions"] == [] and refused["problems"][0]["reason"].startswith("error-not-readable")
        assert (await client.post(path + "?format=nonsense", content=b"x")).status_code == 400


async def test_five_hundred_questions_come_in_one_request(evening: Evening) -> None:
    long = msgspec.to_builtins(tuple(replace(SINGLE, text=f"{number} " + "x" * 300) for number in range(490)))
    await evening.host.request("POST", f"{evening.base}/segments", {"title": "Long", "questions": long})
    with pytest.raises(Rejected, match="full"):
        await evening.host.request("POST", f"{evening.base}/segments", {"title": "Longer", "questions": long})


async def test_a_host_who_plays_is_told_no_key_before_the_end(evening: Evening) -> None:
    settings = {"host_plays": True, "pre_read_s": 0}
    room = await evening.host.open("quiz", {"title": "Playing along", "settings": settings})
    body = {"title": "One", "questions": msgspec.to_builtins((SINGLE,))}
    await evening.host.request("POST", f"/api/quiz/rooms/{room['id']}/segments", body)
    for form in ("json", "csv", "xlsx"):
        with pytest.raises(Rejected, match="wrong_phase"):
            await evening.host.download(f"/api/quiz/rooms/{room['id']}/export?format={form}")
    async with evening.host.connect(room["id"]) as desk:
        await desk.send("end")
    assert "Paris" in await evening.host.download(f"/api/quiz/rooms/{room['id']}/export?format=json")
