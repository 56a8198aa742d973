"""M4 with pictures: megabytes are fetched once under a name that says nothing, and never sent in a frame."""

import base64
import json
from pathlib import Path

import httpx
import msgspec
import pytest
from msgspec.structs import replace

from gamekeeper import Rejected
from gamekeeper.client import Client
from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.export import export
from gamekeeper_apps.quiz.gallery import Gallery
from gamekeeper_apps.quiz.pictures import MAX_PICTURES, found, pictures_of
from tests.apps.quiz.hall import PATIENCE_S, hall
from tests.apps.quiz.stage import SINGLE, Stage

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
LARGE = PNG + bytes(1_000_000)
SHOWN = replace(
    SINGLE, media=[{"name": "answer-is-paris.png", "base64": base64.b64encode(LARGE).decode(), "alt": "A city"}]
)
BOUND = 4 * 1024
WANTED = ("sandbox", "nosniff", "immutable")
PATH = "/rooms/{room}/pictures/{picture}"


def test_a_view_names_a_picture_by_what_is_in_it() -> None:
    (picture,) = pictures_of(SHOWN.media)
    assert (len(picture.hash), picture.alt) == (64, "A city")
    assert found(SHOWN.media, picture.hash) == (LARGE, "image/png")
    assert found(SHOWN.media, "0" * 64) is None


@pytest.mark.parametrize("media", [None, "x", [3], {"name": "a.mp3", "base64": "AA=="}, {"name": "a.png"}])
def test_what_is_no_picture_is_left_out(media: object) -> None:
    assert pictures_of(media) == ()


def test_not_more_pictures_than_a_question_may_have() -> None:
    one = {"name": "a.png", "base64": "AA=="}
    assert len(pictures_of([one] * (MAX_PICTURES + 1))) == MAX_PICTURES
    assert found([{"name": "a.png", "base64": "A"}], pictures_of([{"name": "a.png", "base64": "A"}])[0].hash) is None


def test_a_frame_stays_small_and_the_name_of_the_file_stays_here() -> None:
    stage = Stage("Ann", questions=(SHOWN,))
    screen = stage.table.watch()
    watching = (stage.players["Ann"], screen, stage.host)
    before = [len(one.payloads) for one in watching]
    stage.show(1.0)
    stage.answer("Ann", stage.oid(0))
    stage.reveal()
    stage.host.send(m.Board())
    for one, sent in zip(watching, before, strict=True):
        assert not any(b"answer-is-paris" in payload for payload in one.payloads)
        assert one is stage.host or sum(map(len, one.payloads[sent:])) <= BOUND
    told = json.loads(export("r", stage.table.records, "json"))
    assert told["segments"][0]["questions"][0]["media"] == SHOWN.media, "an export is whole"


@pytest.mark.anyio
async def test_pictures_are_fetched_by_who_has_a_place_once_they_are_shown(tmp_path: Path) -> None:
    (picture,) = pictures_of(SHOWN.media)
    async with hall(tmp_path) as room:
        desk = await room.open((SHOWN,))
        ann = await room.join("Ann")
        path = "/api/quiz" + PATH.replace("{room}", room.room["id"]).replace("{picture}", picture.hash)
        with pytest.raises(Rejected, match="no such picture"):
            await room.clients["Ann"].download(path)
        await desk.send("start")
        await desk.send("show")
        await ann.until(lambda: bool(ann.public["ask"]), PATIENCE_S)
        assert ann.public["ask"]["media"] == [msgspec.to_builtins(picture)]
        headers = {"Authorization": f"Bearer {room.clients['Ann'].token}"}
        async with httpx.AsyncClient(headers=headers, trust_env=False, timeout=30) as phone:
            answer = await phone.get(room.server.url + path)
        assert (answer.content, answer.headers["content-type"]) == (LARGE, "image/png")
        policies = ("content-security-policy", "x-content-type-options", "cache-control")
        assert [word in answer.headers[policy] for policy, word in zip(policies, WANTED, strict=True)] == [True] * 3
        async with Client(room.server.url) as stranger:
            await stranger.guest("Stranger")
            with pytest.raises(Rejected, match="forbidden"):
                await stranger.download(path)


@pytest.mark.anyio
async def test_a_gallery_reads_a_log_once_and_keeps_so_many_bytes() -> None:
    stage = Stage("Ann", questions=(SHOWN, replace(SHOWN, media={"name": "b.png", "base64": "AAAA"})))
    for _ in range(2):
        stage.show(1.0)
        stage.reveal()
    reads: list[str] = []

    class Server:
        async def state(self, room: str) -> object:
            reads.append(room)
            return stage.room

    gallery, server = Gallery(most_bytes=10), Server()
    large, small = (stage.room.asks[number].pictures[0].hash for number in (1, 2))
    for wanted in (large, large, small, small, large):
        assert await gallery.picture(server, "r", wanted) is not None
    assert len(reads) == 3, "the small one put the large one out"
    assert await gallery.picture(server, "r", "0" * 64) is None
