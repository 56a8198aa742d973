"""S8: what the big screen sees, for programs with a key of one room."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from gamekeeper import Rejected
from tests.apps.quiz.hall import Hall, hall
from tests.apps.quiz.stage import TYPED
from tests.receiver import receiving, verified

pytestmark = pytest.mark.anyio


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Hall]:
    async with hall(tmp_path) as room:
        await room.open((TYPED,))
        await room.join("Ann")
        yield room


async def key_of(room: Hall, name: str = "Stream") -> dict[str, str]:
    made: dict[str, str] = await room.clients["Host"].request(
        "POST", path(room, "/rooms/{room}/read-keys"), {"name": name}
    )
    return made


def path(room: Hall, end: str) -> str:
    return "/api/quiz" + end.replace("{room}", room.room["id"])


async def get(room: Hall, end: str, key: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=room.server.url) as program:
        return await program.get(path(room, end), headers={"Authorization": f"Bearer {key}"} | headers)


async def test_an_overlay_reads_what_the_screen_sees_and_no_key_of_a_question(room: Hall) -> None:
    key = (await key_of(room))["key"]
    assert (await get(room, "/rooms/{room}/live", key)).json()["screen"]["names"] == ["Ann"]
    await room.desk.send("start")
    ask = await room.show()
    asked = await get(room, "/rooms/{room}/live", key)
    assert asked.json()["public"]["ask"]["text"] == "Who?" and asked.json()["screen"]["counters"]["players"] == 1
    assert not any(word in asked.content for word in (b"Dag", b'"key"', b'"weight"', b'"correct"', b'"accept"'))
    assert (await get(room, "/rooms/{room}/live/scores", key)).json()["board"] is None
    await room.lines["Ann"].send("answer", {"ask": ask["ask"], "value": "Dag Hammarskj\u00f6ld"})
    await room.reach("closed")
    await room.reveal()
    assert "Dag" in str((await get(room, "/rooms/{room}/live", key)).json()["public"]["ask"]["key"])
    await room.desk.send("board")
    scores = (await get(room, "/rooms/{room}/live/scores", key)).json()
    assert scores["phase"] == "board" and scores["board"][0][:2] == [1, "Ann"]


async def test_what_has_not_changed_is_not_sent_again(room: Hall) -> None:
    key = (await key_of(room))["key"]
    first = await get(room, "/rooms/{room}/live", key)
    tag = first.headers["etag"]
    again = await get(room, "/rooms/{room}/live", key, **{"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    await room.join("Bob")
    changed = await get(room, "/rooms/{room}/live", key, **{"If-None-Match": tag})
    assert changed.status_code == 200 and changed.headers["etag"] != tag


async def test_a_key_is_good_for_its_room_and_for_reading_and_until_it_is_revoked(room: Hall) -> None:
    made = await key_of(room)
    host = room.clients["Host"]
    other = await host.open("quiz", {"title": "Other"})
    async with httpx.AsyncClient(
        base_url=room.server.url, headers={"Authorization": f"Bearer {made['key']}"}
    ) as program:
        for end in (f"{other['id']}/live", "nothing/live"):
            assert (await program.get(f"/api/quiz/rooms/{end}")).status_code == 401
        for end in ("players", "export", "report", "read-keys"):
            assert (await program.get(path(room, f"/rooms/{{room}}/{end}"))).status_code == 401
        assert (await program.post(path(room, "/rooms/{room}/segments"), json={"title": "x"})).status_code == 401
        assert (await program.get(f"/rooms/{room.room['id']}")).status_code == 401
        bare = {"Authorization": made["key"]}
        assert (await program.get(path(room, "/rooms/{room}/live"), headers=bare)).status_code == 401
    assert (await get(room, "/rooms/{room}/live", "wrong")).status_code == 401
    listed = await host.request("GET", path(room, "/rooms/{room}/read-keys"))
    assert [(one["id"], one["name"]) for one in listed] == [(made["id"], "Stream")] and made["key"] not in str(listed)
    await host.request("DELETE", path(room, "/rooms/{room}/read-keys/{id}".replace("{id}", made["id"])))
    assert (await get(room, "/rooms/{room}/live", made["key"])).status_code == 401
    assert await host.request("GET", path(room, "/rooms/{room}/read-keys")) == []


async def test_keys_are_the_hosts_to_make(room: Hall) -> None:
    with pytest.raises(Rejected) as refused:
        await room.clients["Ann"].request("POST", path(room, "/rooms/{room}/read-keys"), {"name": "mine"})
    assert refused.value.code == "forbidden"


async def test_a_key_for_scores_does_not_read_the_state(room: Hall) -> None:
    asked = {"name": "Board", "scope": "scores"}
    made = await room.clients["Host"].request("POST", path(room, "/rooms/{room}/read-keys"), asked)
    assert made["scope"] == "scores"
    assert (await get(room, "/rooms/{room}/live", made["key"])).status_code == 401
    assert (await get(room, "/rooms/{room}/live/scores", made["key"])).status_code == 200
    listed = await room.clients["Host"].request("GET", path(room, "/rooms/{room}/read-keys"))
    assert [one["scope"] for one in listed] == ["scores"]


async def test_where_no_host_is_named_nobody_is_called(room: Hall) -> None:
    host = room.clients["Host"]
    assert await host.request("GET", path(room, "/rooms/{room}/hooks")) == {"on": False, "hooks": []}
    with pytest.raises(Rejected) as caught:
        await host.request("POST", path(room, "/rooms/{room}/hooks"), {"url": "http://127.0.0.1:9/"})
    assert caught.value.code == "hook_not_allowed"


async def test_an_address_is_told_what_the_key_reads_and_no_key_of_a_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with receiving() as state, receiving() as scores:
        monkeypatch.setenv("GAMEKEEPER_WEBHOOK_HOSTS", f"{state.host},{scores.host}")
        async with hall(tmp_path) as room:
            await room.open((TYPED,))
            await room.join("Ann")
            host, hooks = room.clients["Host"], path(room, "/rooms/{room}/hooks")
            made = await host.request("POST", hooks, {"name": "Stream", "url": state.url})
            other = await host.request("POST", hooks, {"url": scores.url, "scope": "scores"})
            await state.until(1)
            await scores.until(1)
            assert verified(state.calls[0], made["secret"]) and verified(scores.calls[0], other["secret"])
            listed = await host.request("GET", hooks)
            assert listed["on"] and [one["id"] for one in listed["hooks"]] == [made["id"], other["id"]]
            assert made["secret"] not in str(listed) and not any(one["failing"] for one in listed["hooks"])
            with pytest.raises(Rejected):
                await room.clients["Ann"].request("GET", hooks)
            await room.desk.send("start")
            ask = await room.show()
            await room.lines["Ann"].send("answer", {"ask": ask["ask"], "value": "Dag Hammarskj\u00f6ld"})
            await room.reach("closed")
            await asyncio.sleep(1)
            assert state.bodies[-1]["public"]["phase"] == "closed"
            told = b"".join(body for _, body in state.calls)
            assert not any(word in told for word in (b"Dag", b'"key"', b'"weight"', b'"correct"', b'"accept"'))
            key = (await key_of(room))["key"]
            assert (await get(room, "/rooms/{room}/live", key)).json() == state.bodies[-1]
            assert (await get(room, "/rooms/{room}/live/scores", key)).json() == scores.bodies[-1]
            await host.request("DELETE", path(room, "/rooms/{room}/hooks/{id}".replace("{id}", made["id"])))
            count = len(state.calls)
            await room.reveal()
            await room.desk.send("board")
            await asyncio.sleep(1)
            assert len(state.calls) == count and scores.bodies[-1]["board"][0][:2] == [1, "Ann"]
            assert state.most_at_once == scores.most_at_once == 1
