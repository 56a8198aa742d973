"""What the host's pages ask for, on a real server: to whom it is told, and what."""

import json

import msgspec
import pytest

from gamekeeper import Rejected
from gamekeeper.client import Client
from tests.apps.quiz.stage import TYPED
from tests.apps.quiz.test_routes import Evening, _when_open, evening

pytestmark = pytest.mark.anyio
__all__ = ["evening"]
READABLE = [
    "/rooms/{room}/segments",
    "/rooms/{room}/report",
    "/rooms/{room}/report/{player}",
    "/rooms/{room}/answers/{ask}",
    "/rooms/{room}/invitation",
]
SEGMENT = "/rooms/{room}/segments/{segment}"


@pytest.mark.parametrize("path", READABLE)
async def test_a_player_is_told_nothing(evening: Evening, path: str) -> None:
    with pytest.raises(Rejected, match="forbidden"):
        await evening.player.download(
            "/api/quiz" + path.replace("{room}", evening.room).replace("{player}", "2").replace("{ask}", "1")
        )


async def test_a_segment_is_edited_until_it_begins(evening: Evening) -> None:
    path = f"{evening.base}/segments"
    one = "/api/quiz" + SEGMENT.replace("{room}", evening.room).replace("{segment}", "1")
    await evening.host.request("PUT", one, {"title": "Two", "questions": msgspec.to_builtins((TYPED,))})
    (segment,) = json.loads(await evening.host.download(path))
    assert (segment["title"], [one["text"] for one in segment["questions"]]) == ("Two", ["Who?"])
    with pytest.raises(Rejected, match="forbidden"):
        await evening.player.request("PUT", one, {"title": "Mine", "questions": []})
    async with evening.host.connect(evening.room) as desk:
        await desk.send("start")
        await desk.send("show")
    with pytest.raises(Rejected) as refused:
        await evening.host.request("PUT", one, {"title": "Late", "questions": []})
    assert refused.value.code == "wrong_phase"


async def test_a_host_who_plays_is_shown_no_keys(evening: Evening) -> None:
    async with evening.host.connect(evening.room) as desk:
        await desk.send("change_settings", {"settings": desk.shared["settings"] | {"host_plays": True}})
    for path in ("segments", "report"):
        with pytest.raises(Rejected, match="wrong_phase"):
            await evening.host.download(f"{evening.base}/{path}")


async def test_the_report_tells_what_was_played(evening: Evening) -> None:
    async with evening.host.connect(evening.room) as desk, evening.player.connect(evening.room) as live:
        await desk.send("start")
        await desk.send("show")
        await live.until(lambda: live.public["phase"] == "open", 5)
        await _when_open(live, live.public["ask"]["options"][1]["oid"])
        await desk.until(lambda: desk.public["phase"] == "closed", 5)
        await desk.send("reveal")
        await desk.until(lambda: desk.public["phase"] == "revealed", 5)
    whole = json.loads(await evening.host.download(f"{evening.base}/report"))
    assert (whole["asked"], whole["mean_f"], whole["asks"][0]["answered"]) == (1, 0.0, 1)
    player = whole["scores"][0]["player"]
    (step,) = json.loads(await evening.host.download(f"{evening.base}/report/{player}"))
    assert (step["answer"], step["points"]) == ("Rome", 0)
    (given,) = json.loads(await evening.host.download(f"{evening.base}/answers/1"))
    assert (given["name"], given["answer"], given["grade"]) == ("Ann", "Rome", None)
    with pytest.raises(Rejected, match="closed question"):
        await evening.host.download(f"{evening.base}/answers/2")
    with pytest.raises(Rejected) as refused:
        await evening.host.download(f"{evening.base}/report/99")
    assert refused.value.code == "not_found"


async def test_a_screen_is_told_the_code_to_show(evening: Evening) -> None:
    room = await evening.host.request("GET", f"/rooms/{evening.room}")
    async with Client(evening.host.url) as screen:
        await screen.guest("Screen")
        await screen.join(room["spectator_code"])
        told = await screen.request("GET", f"{evening.base}/invitation")
    assert told["code"] == room["code"] and told["join_url"].endswith(f"/join/{room['code']}")
    assert told["qr_svg"].startswith("<svg")
