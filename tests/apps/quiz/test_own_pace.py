"""S5 over real sockets: two players at their own pace, one of them cut off in the middle of a question."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from gamekeeper.client import Connection
from gamekeeper_apps.quiz.recount import matches
from tests.apps.quiz.hall import PATIENCE_S, hall, moment, outcome, until
from tests.apps.quiz.stage import SINGLE, TYPED
from tests.apps.quiz.test_secrecy import FIELDS, keys_in

pytestmark = pytest.mark.anyio
PACED = {"mode": "self_paced", "preset": "flat", "attempts": 2, "limit_s": 60, "lead_ms": 400}


async def opened(line: Connection, ask: int) -> dict[str, Any]:
    """The next question of a player, once it may be answered."""
    await line.send("begin_ask", {"ask": ask})
    await line.until(lambda: bool(line.private["paced"]["ask"]) and line.private["paced"]["place"] == ask, PATIENCE_S)
    own: dict[str, Any] = line.private["paced"]["ask"]
    await until(moment(own["opens_at"]) + 0.005)
    return own


def oid(own: dict[str, Any], text: str) -> str:
    return next(str(one["oid"]) for one in own["options"] if one["text"] == text)


async def test_everybody_at_the_own_pace_over_real_lines(tmp_path: Path) -> None:
    async with hall(tmp_path) as room:
        desk = await room.open((SINGLE, TYPED), PACED)
        ann, bob = await room.join("Ann"), await room.join("Bob")
        heard: list[bytes] = []
        bob.listen = lambda frame: heard.append(msgspec.json.encode(frame))
        await desk.send("start")
        await ann.until(lambda: ann.public["phase"] == "paced", PATIENCE_S)
        own = await opened(ann, 1)
        assert await outcome(bob, "answer", {"ask": 1, "value": oid(own, "Paris")}) == "wrong_ask"
        await ann.send("answer", {"ask": 1, "value": oid(own, "Rome")})
        await ann.until(lambda: ann.private["paced"]["result"] is not None, PATIENCE_S)
        assert (ann.private["paced"]["result"]["f"], ann.private["paced"]["attempts_left"]) == (0.0, 1)
        await ann.send("answer", {"ask": 1, "value": oid(own, "Paris")})
        await ann.until(lambda: ann.private["paced"]["result"]["f"] == 1, PATIENCE_S)
        assert ann.private["paced"]["ask"]["key"] == [oid(own, "Paris")]

        before = (await opened(bob, 1))["opens_at"]
        bob.drop(0.0)
        await bob.until(lambda: bob.reconnects == 1, PATIENCE_S)
        assert bob.private["paced"]["ask"]["opens_at"] == before, "the time runs on"
        for frame in heard:
            assert not keys_in(msgspec.json.decode(frame)) & (FIELDS | {"key"}), frame
        await bob.send("answer", {"ask": 1, "value": oid(own, "Paris")})
        await opened(bob, 2)
        await bob.send("answer", {"ask": 2, "value": "dag hammarskjold"})
        await desk.send("end")
        await bob.until(lambda: bob.public["phase"] == "ended", PATIENCE_S)
        assert [row["points"] for row in bob.private["paced"]["review"]] == [1000, 1000]
        assert [row["answered"] for row in ann.private["paced"]["review"]] == [True, False]
        assert (bob.private["standing"]["rank"], ann.private["standing"]["score"]) == (1, 1000)
        told = await room.exported()
        assert matches(told)
        for form in ("csv", "xlsx"):
            path = f"/api/quiz/rooms/{room.room['id']}/export?format={form}"
            assert await room.clients["Host"].download(path)
