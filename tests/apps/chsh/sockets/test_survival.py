"""Checks 7, 11 and 14: a killed server, lost connections, replaced partners; archives stay as they were."""

import asyncio
import os
import socket
import sys
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from gamekeeper.client import Connection
from gamekeeper_apps.chsh.offline import analyse_run
from gamekeeper_apps.chsh.tables.answers_csv import duplicates_and_keys
from gamekeeper_apps.chsh.tables.rounds_csv import read_rounds
from gamekeeper_apps.chsh.tables.text import parse_table
from tests.apps.chsh.sockets.hall import PATIENCE_S, Hall, hall

pytestmark = pytest.mark.anyio
PAIRS, ROUNDS, KILLS = 4, 40, 2


class Process:
    """`gamekeeper serve` on a data folder, always at the same port."""

    def __init__(self, data: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self._data = data
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gamekeeper.server.cli", "serve", "--data", str(self._data), "--port",
            str(self._port), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
            env=os.environ | {"GAMEKEEPER_COMMAND_RATE_FACTOR": "1000000"},
        )  # fmt: skip
        async with asyncio.timeout(PATIENCE_S), httpx.AsyncClient(trust_env=False) as http:
            while True:
                with suppress(httpx.HTTPError):
                    if (await http.get(f"{self.url}/health/ready")).status_code == 200:
                        return
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()


async def test_kill_nine_loses_no_acknowledged_answer(tmp_path: Path) -> None:
    """Killed twice while four pairs play, and once more when they are done; the export stays as it is, archived too."""
    server = Process(tmp_path)
    try:
        await server.start()
        async with AsyncExitStack() as stack:
            await killed_and_archived(await Hall(server.url, stack).open(PAIRS), server)
    finally:
        await server.kill()


async def killed_and_archived(here: Hall, server: Process) -> None:
    run = await here.start(planned_rounds=ROUNDS)
    acknowledged: set[tuple[str, str, str]] = set()
    places = {live: (live.private["pair"]["id"], live.private["pair"]["position"]) for live in here.players}
    playing = [asyncio.create_task(play(live, run, acknowledged)) for live in here.players]
    for number in range(1, KILLS + 1):
        reached = number * 2 * PAIRS * ROUNDS // (KILLS + 1)
        while len(acknowledged) < reached:  # noqa: ASYNC110 - whoever it comes from
            await asyncio.sleep(0.005)
        await server.kill()
        await server.start()
    await asyncio.gather(*playing)
    assert places == {live: (live.private["pair"]["id"], live.private["pair"]["position"]) for live in here.players}, (
        "everybody keeps pair and seat"
    )
    rounds, answers = await here.export(), await here.export("answers-csv")
    stored, duplicates = duplicates_and_keys(parse_table(answers, "answers"))
    assert len(acknowledged) == 2 * PAIRS * ROUNDS
    assert acknowledged <= stored
    assert duplicates == 0
    assert read_rounds(parse_table(rounds, "rounds")).runs[-1].rounds == PAIRS * ROUNDS
    for live in here.players:  # the last kill may have found them with nothing left to answer
        await live.until(lambda live=live: live.state == "live", PATIENCE_S)
    shown = [live.private["result"] for live in here.players]
    before = [live.reconnects for live in here.players]
    await server.kill()
    await server.start()
    for live, reconnects in zip(here.players, before, strict=True):
        await live.until(lambda live=live, n=reconnects: live.reconnects > n and live.state == "live", PATIENCE_S)
    assert [live.private["result"] for live in here.players] == shown, "forty rounds show the same after coming back"
    assert (await here.export(), await here.export("answers-csv")) == (rounds, answers)
    await here.desk.send("archive_run", {"run": run})
    assert (await here.export(), await here.export("answers-csv")) == (rounds, answers)


async def play(live: Connection, run: int, acknowledged: set[tuple[str, str, str]]) -> None:
    pair, position = live.private["pair"]["id"], live.private["pair"]["position"]
    for number in range(1, ROUNDS + 1):
        await live.until(lambda number=number: asked(live, number), PATIENCE_S)
        await live.send("answer", {"run": run, "round": number, "answer": "T"})
        acknowledged.add((str(pair), str(number), str(position)))
        await asyncio.sleep(0.01)
    await live.until(lambda: live.private["result"], PATIENCE_S)


def asked(live: Connection, number: int) -> Any:
    question = live.private["question"]
    return question and question["round"] == number


async def test_forty_drop_once_and_nobody_notices(tmp_path: Path) -> None:
    """The same seed, undisturbed and with every player cut off at a random moment: the same letters and figures."""
    found = []
    for drops in (False, True):
        rng = Random(7)
        moments = {number: rng.randint(1, 20) for number in range(40)}
        async with hall(tmp_path / str(drops), 20, seed="identity") as here:
            run = await here.start(planned_rounds=20)
            numbers = {live: number for number, live in enumerate(here.players)}

            def answer(
                live: Connection,
                number: int,
                numbers: dict[Connection, int] = numbers,
                moments: dict[int, int] = moments,
                drops: bool = drops,
            ) -> str:
                if drops and moments[numbers[live]] == number:
                    live.drop()
                return "TF"[(numbers[live] * number) % 3 == 0]

            await here.play(run, 20, answer)
            await here.desk.until(lambda here=here: here.desk.public["run"]["phase"] == "ended", PATIENCE_S)
            assert sum(live.reconnects for live in here.players) == (40 if drops else 0)
            table = parse_table(await here.export(), "rounds")
            told = [
                [row.cells[name] for name in ("pair", "round", "seat1_item", "seat2_item", "win")] for row in table.rows
            ]
            found.append((analyse_run(read_rounds(table).runs[-1]).as_json(), sorted(told)))
    assert found[0] == found[1]
    assert len(found[0][1]) == 20 * 20


async def test_a_replaced_partner_is_another_pair(tmp_path: Path) -> None:
    async with hall(tmp_path, 1) as here:
        run = await here.start()
        await here.play(run, 3, lambda live, number: "T")
        before = here.players[0].private["pair"]
        await here.desk.send("remove_player", {"seat": here.players[1].seat})
        third = await here.join("Third")
        await here.players[0].until(lambda: here.players[0].private["pair"]["id"] != before["id"], PATIENCE_S)
        here.players = [here.players[0], third]
        await here.play(run, 2, lambda live, number: "F")
        rows = read_rounds(parse_table(await here.export(), "rounds")).runs[-1]
        assert {key: pair.rounds for key, pair in rows.pairs.items()} == {"1": 3, "2": 2}


async def test_a_pause_reaches_who_comes_late_and_ends_with_its_run(tmp_path: Path) -> None:
    """Check 11."""
    async with hall(tmp_path, 1) as here:
        run = await here.start(deadline_s=60.0)
        asked_first = here.players[0].private["question"]
        await here.desk.send("start_run", {"run": run})
        assert here.players[0].private["question"] == asked_first, "start twice"
        await here.desk.send("pause_run", {"run": run})
        late = await here.join("Late")
        assert late.public["run"]["phase"] == "paused"
        await here.desk.send("end_run", {"run": run})
        again = await here.start()
        assert again == run + 1
        assert here.desk.public["run"]["phase"] == "open"
        await here.players[0].until(lambda: asked(here.players[0], 1), PATIENCE_S)
        await here.players[0].send("answer", {"run": again, "round": 1, "answer": "T"})
