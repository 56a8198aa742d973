"""M10, M11 and M15 on real sockets: what is really sent, who is really refused, how people really come in."""

import asyncio
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from gamekeeper import Rejected
from gamekeeper.client import Connection, ConnectionClosed
from gamekeeper_apps.quiz.game import COMMANDS
from gamekeeper_apps.quiz.guessing import value
from gamekeeper_apps.quiz.questions import Question
from gamekeeper_apps.quiz.rights import RIGHTS
from tests.apps.quiz.hall import PATIENCE_S, Hall, hall, outcome, until
from tests.apps.quiz.stage import EVERY, NUMBER, SINGLE
from tests.apps.quiz.test_rights import EXAMPLES, PHASES

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
HIDDEN = re.compile(
    rb'"(key|correct|weight|accept|numeric|pairs|tolerance|feedback)"|"(counts|explanation)":(?!null|\[null\])'
)
SECRET = "BECAUSE"


def tapped(line: Connection, heard: list[bytes]) -> None:
    """Keep every byte that comes."""
    through: Callable[[bytes], None] = line.frame_received

    def keep(payload: bytes) -> None:
        heard.append(payload)
        through(payload)

    line.frame_received = keep  # type: ignore[method-assign]


def searched(question: Question) -> list[bytes]:
    if question.type == "typed":
        return [one.text.encode() for one in question.options]
    return [b"1817", b"1822", b"1827"] if question == NUMBER else []


async def over_http(room: Hall, name: str) -> list[bytes]:
    """Everything a player's pages, or curious players, could ask for."""
    id, client = room.room["id"], room.clients[name]
    told: list[bytes] = []
    paths = [f"/rooms/{id}", "/rooms", f"/codes/{room.room['code']}", "/apps", f"/rooms/{id}/qr.svg"]
    for path in [*paths, *(f"/api/quiz/rooms/{id}/{one}" for one in ("export?format=json", "players", "statistics"))]:
        try:
            told.append((await client.download(path)).encode())
        except Rejected as rejected:
            told.append(str(rejected).encode())
    return told


async def test_nothing_of_a_key_is_sent_before_the_reveal(tmp_path: Path) -> None:
    """M10: sockets and HTTP, to players, the screen, one who comes back and one who comes late; every type."""
    questions = [replace(one, explanation=SECRET) for one in EVERY]
    async with hall(tmp_path) as room:
        await room.open(questions, {"close_when_all": False, "lead_ms": 400})
        heard: list[bytes] = []
        for name, code in (("Ann", "code"), ("Bob", "code"), ("Screen", "spectator_code")):
            tapped(await room.join(name, code=code), heard)
        await room.desk.send("start")
        for number, question in enumerate(EVERY, 1):
            ask = await room.show()
            if question.type != "slide":
                from random import Random

                await room.lines["Ann"].send("answer", {"ask": number, "value": value(ask, Random(number))})
            bob = room.lines["Bob"]
            before = bob.reconnects
            bob.drop()
            await bob.until(lambda: bob.reconnects > before and bob.state == "live", PATIENCE_S)  # noqa: B023
            late = f"Late{number}"
            tapped(await room.join(late), heard)
            heard += await over_http(room, late)
            await room.desk.send("close")
            await room.reach("closed")
            for payload in heard:
                assert not HIDDEN.search(payload), payload
                assert not any(secret in payload for secret in [*searched(question), SECRET.encode()]), payload
            await room.reveal()
            heard.clear()
            await room.lines.pop(late).close()


async def reach(room: Hall, phase: str) -> None:
    """The gathering of the matrix, in a phase."""
    steps = ["start", "show", "open", "close", "reveal", "board", "next"]
    reached = ["lobby", "intro", "shown", "open", "closed", "revealed", "board", "segment_done"]
    count = reached.index(phase) if phase in reached else 3 if phase == "paused" else 7
    for step in steps[:count]:
        await room.desk.send(step)
        if step == "reveal":
            await room.reach("revealed")
    more = {
        "remix_ready": [("skip_segment", {"segment": 2}), ("next", {})],
        "ended": [("end", {})],
        "paused": [("pause", {})],
    }
    for step, data in more.get(phase, []):
        await room.desk.send(step, data)


def forbidden(*posts: str) -> list[tuple[str, Any]]:
    """The commands that none of these posts may send."""
    found = [kind for kind in COMMANDS if not RIGHTS[kind] & set(posts)]
    return [(kind.__wire_name__, msgspec.to_builtins(EXAMPLES.get(kind) or kind())) for kind in found]


@pytest.mark.parametrize("phase", PHASES)
async def test_whoever_has_no_right_is_refused_in_every_phase(tmp_path: Path, phase: str) -> None:
    """M11: every forbidden cell for everybody with a line, forged seats included; and those who get no line."""
    posts = {
        "Pat": ["player"],
        "Pia": ["player", "presenter"],
        "Mod": ["player", "moderator"],
        "Screen": [],
        "Host": ["host"],
    }
    async with hall(tmp_path) as room:
        await room.open((SINGLE,), {"pre_read_s": 3, "teams": ["Red"], "lead_ms": 400})
        await room.add("Two", (SINGLE,))
        for name in ("Pat", "Pia", "Mod"):
            await room.join(name)
        await room.join("Screen", code="spectator_code")
        for segment in (1, 2):
            await room.desk.send("set_presenter", {"segment": segment, "player": room.lines["Pia"].seat})
        await room.desk.send("set_moderator", {"player": room.lines["Mod"].seat, "on": True})
        await reach(room, phase)
        before = len((await room.exported())["events"])
        for name, held in posts.items():
            for command, data in forbidden(*held):
                assert await outcome(room.lines[name], command, data) == "not_allowed", (name, command)
        assert await outcome(room.lines["Pat"], "take_drafts", {"segment": 1}) == "forbidden"
        assert await outcome(room.lines["Pat"], "answer", {"ask": 1, "value": "x", "player": 2}) == "unknown_field"
        assert len((await room.exported())["events"]) == before
        await without_a_line(room)


async def without_a_line(room: Hall) -> None:
    """Nobody, a stranger, and another room's host are not even let in; forged routes are refused."""
    stranger, other = await room.client("Stranger"), await room.client("Other")
    elsewhere = await other.open("quiz", {"title": "Elsewhere"})
    nobody = await room.client("Nobody")
    nobody.token = None
    for client, code in ((stranger, "forbidden"), (other, "forbidden"), (nobody, "unauthenticated")):
        with pytest.raises((ConnectionClosed, Rejected), match=code):
            async with client.connect(room.room["id"]) as line:
                await line.send("end")
        with pytest.raises(Rejected, match=f"{code}|not_host"):
            await client.request("POST", f"/rooms/{room.room['id']}/close")
    with pytest.raises(Rejected, match="forbidden"):
        await stranger.request("POST", f"/rooms/{room.room['id']}/join", {"code": elsewhere["code"]})


async def test_people_come_in_by_code_link_and_picture(tmp_path: Path) -> None:
    """M15: unique names, late joining, a cap, a lock with five seconds of grace, an id of one's own."""
    async with hall(tmp_path) as room:
        desk = await room.open((SINGLE, SINGLE), {"max_players": 4})
        host = room.clients["Host"]
        ann = await room.join("Ann")
        again = await room.client("ann")
        assert room.room["join_url"].endswith(f"/join/{room.room['code']}")
        picture = await host.download(f"/rooms/{room.room['id']}/qr.svg")
        assert picture.startswith("<svg") or picture.startswith("<?xml")
        typed = f" {room.room['code'][:3].lower()}-{room.room['code'][3:].lower()} "
        await again.join(typed.strip())
        async with again.connect(room.room["id"]) as second:
            assert (ann.private["name"], second.private["name"]) == ("Ann", "ann 2")
            await second.send("join", {"name": "ann 2", "custom_id": "s-42", "avatar": "🦊"})
            assert second.private["custom_id"] == "s-42"
        await desk.send("start")
        await room.show()
        late = await room.join("Late")
        assert late.private["late_from"] == 2
        await desk.send("lock")
        await room.join("On the way")
        with pytest.raises(Rejected, match="full"):
            await room.join("Too many")


async def test_one_purge_removes_a_flood(tmp_path: Path) -> None:
    """M16: who was there before stays, who came with the flood is gone, and real people still get in."""
    async with hall(tmp_path) as room:
        desk = await room.open(settings={"limit_s": 60})
        await room.join("Ann")
        await desk.send("set_rate", {"per_s": 1_000, "burst": 1_000})
        await desk.send("start")
        await until(time.time() + 0.5)
        began = time.time()
        clients = [await room.client(f"Flood{number}") for number in range(60)]
        await asyncio.gather(*(client.join(room.room["code"]) for client in clients))
        await desk.send("purge", {"joined_last_s": time.time() - began + 0.1})
        await room.join("Real")
        await desk.until(lambda: {one["name"] for one in desk.shared["people"]} == {"Ann", "Real"}, PATIENCE_S)
        assert desk.shared["counters"]["players"] == 2
