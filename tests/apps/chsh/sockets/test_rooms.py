"""Check 8: two rooms at once on one server; nothing of one is in the other."""

import asyncio
import csv
import io
import json
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from gamekeeper.embedded import serving
from gamekeeper_apps.chsh import app
from tests.apps.chsh.sockets.hall import Hall

pytestmark = pytest.mark.anyio
PAIRS, ROUNDS = 20, 10


async def test_two_rooms_of_forty_do_not_touch(tmp_path: Path) -> None:
    async with serving(app, tmp_path) as server, AsyncExitStack() as stack:
        rooms = [Hall(server.url, stack, server) for _ in "12"]
        await asyncio.gather(*(room.open(PAIRS, prefix=f"R{number}-") for number, room in enumerate(rooms)))
        runs = await asyncio.gather(*(room.start(planned_rounds=ROUNDS) for room in rooms))
        await asyncio.gather(
            rooms[0].play(runs[0], ROUNDS, lambda live, number: "T"),
            rooms[1].play(runs[1], ROUNDS, lambda live, number: "F"),
        )
        for number, (room, given) in enumerate(zip(rooms, "TF", strict=True)):
            await room.desk.until(lambda room=room: room.desk.public["run"]["phase"] == "ended", 10)
            rows = list(csv.DictReader(io.StringIO(await room.export())))
            assert len(rows) == PAIRS * ROUNDS
            assert {row["room"] for row in rows} == {room.id}
            assert {row[f"seat{seat}_answer"] for row in rows for seat in (1, 2)} == {given}
            assert len({row["pair"] for row in rows}) == PAIRS
            answers = list(csv.DictReader(io.StringIO(await room.export("answers-csv"))))
            assert len(answers) == 2 * PAIRS * ROUNDS
            other = f"R{1 - number}-"
            assert other not in await room.export("jsonl")
            assert other not in json.dumps(room.desk.shared, default=str)
            assert all(other not in json.dumps(live.private, default=str) for live in room.players)
