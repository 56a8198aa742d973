"""M25 on a real server: nothing of a draft reaches a player before somebody approves it; a drafter that fails or hangs
delays nothing; without one there is no trace of it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gamekeeper import Rejected
from gamekeeper.client import Client, Connection
from gamekeeper.embedded import serving
from gamekeeper_apps.quiz import app, drafters
from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.drafters import Drafting, Installed, Want
from gamekeeper_apps.quiz.questions import Question
from tests.apps.quiz.stage import SINGLE, options

pytestmark = pytest.mark.anyio
DRAFTED = Question("single", "DRAFTED QUESTION?", options=options("SECRET", "other"))
TALK = "This is what the speaker said in the first of the talks of this evening. "
PATH = "/rooms/{room}/transcript"
SEGMENTS = [{"title": "One", "questions": [SINGLE]}, {"title": "Two", "questions": []}]


class Fake:
    """Drafts, fails or hangs, as the transcript says."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Want]] = []
        self.never = asyncio.Event()

    async def draft(self, transcript: str, want: Want) -> list[m.Drafted]:
        self.asked.append((transcript, want))
        if "FAIL" in transcript:
            raise ZeroDivisionError
        if "HANG" in transcript:
            await self.never.wait()
        if "JUNK" in transcript:
            return [3]  # type: ignore[list-item]
        unplayable = Question("single", "?", options=options("only"))
        return [m.Drafted(unplayable), m.Drafted(DRAFTED, "the QUOTE of it " * 100, 0.5)]


FAKE = Fake()
reactor = Drafting(FAKE, limit_s=0.2)
WITH = replace(app, reactors=("tests.apps.quiz.test_drafters:reactor",))


class Evening:
    def __init__(self, host: Client, desk: Connection, ann: Connection, path: str) -> None:
        self.host, self.desk, self.ann, self.path = host, desk, ann, path
        self.heard: list[bytes] = []
        ann.listen = lambda frame: self.heard.append(msgspec.json.encode(frame))

    async def tell(self, text: str, segment: int = 2) -> None:
        await self.host.request("POST", self.path, {"segment": segment, "text": text})


@asynccontextmanager
async def evening(folder: Path, served: Any) -> AsyncIterator[Evening]:
    async with serving(served, folder) as server, Client(server.url) as host, Client(server.url) as ann:
        await host.guest("Host")
        room = await host.open("quiz", {"title": "Talks"})
        for segment in SEGMENTS:
            await host.request("POST", f"/api/quiz/rooms/{room['id']}/segments", msgspec.to_builtins(segment))
        await ann.guest("Ann")
        await ann.join(room["code"])
        async with host.connect(room["id"]) as desk, ann.connect(room["id"]) as live:
            yield Evening(host, desk, live, "/api/quiz" + PATH.replace("{room}", room["id"]))


async def test_a_draft_waits_for_a_person_and_players_see_nothing_of_it(tmp_path: Path) -> None:
    async with evening(tmp_path, WITH) as night:
        await night.tell(TALK)
        await night.desk.until(lambda: bool(night.desk.shared["drafts"]), 10)
        (draft,) = night.desk.shared["drafts"]
        assert draft["question"]["text"] == DRAFTED.text and len(draft["quote"]) == 1_000
        assert FAKE.asked[-1] == (TALK, Want(title="Two"))
        await night.desk.send("approve_draft", {"id": draft["id"]})
        exported = json.loads(await night.host.download(night.path.replace("transcript", "export?format=json")))
        approved = [event["data"] for event in exported["events"] if event["type"] == "draft_approved"]
        assert approved == [{"id": 1, "by": 1}] and len(exported["segments"][1]["questions"]) == 1
        assert not any(word in frame for frame in night.heard for word in (b"DRAFTED", b"SECRET", b"QUOTE"))


async def test_failing_and_hanging_drafters_delay_nothing(tmp_path: Path) -> None:
    async with evening(tmp_path, WITH) as night:
        for word in ("FAIL", "HANG", "JUNK"):
            await night.tell(TALK + word)
        await night.desk.send("start")
        await night.desk.send("show")
        await night.ann.until(lambda: night.ann.public["phase"] == "shown", 5)
        path = night.path.replace("transcript", "export?format=json")
        reasons: list[str] = []
        while len(reasons) < 3:
            exported = json.loads(await night.host.download(path))
            reasons = [one["data"]["reason"] for one in exported["events"] if one["type"] == "drafting_declined"]
        assert reasons == ["failed", "too_slow", "failed"]
        await night.tell("too short")
        with pytest.raises(Rejected, match="bad_request"):
            await night.host.request("POST", night.path, {"segment": "x"})


async def test_without_a_drafter_there_is_no_route(tmp_path: Path) -> None:
    assert app.reactors == () and drafters.installed() == ()
    async with evening(tmp_path, app) as night:
        assert await night.host.request("GET", "/api/quiz/abilities") == {"drafter": False}
        with pytest.raises(Rejected):
            await night.tell(TALK)


async def test_an_installed_drafter_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Point:
        def load(self) -> Fake:
            return FAKE

    monkeypatch.setattr(drafters, "entry_points", lambda group: [Point()] if group == drafters.GROUP else [])
    assert drafters.reactor.name == "quiz.drafting"
    assert (await Installed().draft(TALK, Want()))[1].question == DRAFTED
