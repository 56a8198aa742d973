"""Checks 5 and 6: what players may not do changes nothing and is answered with its code."""

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest

from gamekeeper import Rejected
from gamekeeper.client import Client, ConnectionClosed
from tests.apps.chsh.sockets.hall import Hall, hall, refusal

pytestmark = pytest.mark.anyio
MALFORMED = 10_000
HOSTS = ("start_run", "pause_run", "resume_run", "end_run", "archive_run", "open_run", "set_device", "form_pairs",
         "anonymise_names")  # fmt: skip


async def stored(here: Hall) -> list[dict[str, Any]]:
    """The room's log, but for who came and went."""
    lines = [json.loads(line) for line in (await here.export("jsonl")).splitlines()]
    return [line for line in lines if not line["type"].startswith(("seat_connected", "seat_disconnected"))]


async def test_players_are_no_hosts_and_no_partners(tmp_path: Path) -> None:
    async with hall(tmp_path, 2) as here:
        run = await here.start(deadline_s=60.0)
        one, two = here.players[0], here.players[1]
        before = await stored(here)
        for name in HOSTS:
            data = {"device": "pr-box"} if name == "set_device" else {}
            assert await refusal(one, name, data) == "not_host", name
        for data in (
            {"run": run, "round": 1, "answer": "T", "seat": two.seat},
            {"run": run, "round": 1, "answer": "T", "position": 2},
            {"run": run, "round": 1, "answer": "T", "pair": 2},
            {"run": run, "round": 1, "answer": "T", "letter": "B"},
        ):
            assert await refusal(one, "answer", data) == "unknown_field"
        for number, code in [(0, "wrong_round"), (2, "wrong_round"), (-1, "wrong_round"), (2**40, "wrong_round")]:
            assert await refusal(one, "answer", {"run": run, "round": number, "answer": "T"}) == code
        assert await refusal(one, "answer", {"run": run + 1, "round": 1, "answer": "T"}) == "run_not_open"
        assert await stored(here) == before


async def test_names_of_others_lead_nowhere(tmp_path: Path) -> None:
    """A player named as another's id, code or room receives what belongs to its own seat."""
    async with hall(tmp_path, 1) as here:
        other = await here.join(here.clients[0].user["id"][:40])
        last = await here.join(here.id[:40])
        run = await here.start()
        views = [live.private for live in here.players]
        assert [view["pair"]["id"] for view in views] == [1, 1, 2, 2]
        assert other.private["question"]["letter"] in "AB"
        assert last.private["question"]["letter"] in "XY"
        await other.send("answer", {"run": run, "round": 1, "answer": "T"})
        assert [live.private["question"]["answer"] for live in here.players] == [None, None, "T", None]


async def test_the_hosts_view_is_the_hosts(tmp_path: Path) -> None:
    async with hall(tmp_path, 1) as here:
        await here.start()
        await here.desk.until(lambda: here.desk.shared["pairs"], 10)
        assert all(live.shared is None for live in here.players)
        stranger = await here.client("Stranger")
        live = stranger.connect(here.id)
        with pytest.raises(ConnectionClosed) as closed:
            await live.__aenter__()
        assert closed.value.code in ("forbidden", "not_seated", "no_seat")
        async with Client(here.url) as nobody:
            with pytest.raises((ConnectionClosed, Rejected)):
                await nobody.connect(here.id).__aenter__()


async def test_late_double_and_wrong_answers(tmp_path: Path) -> None:
    async with hall(tmp_path, 1) as here:
        run = await here.start()
        one, two = here.players
        for given in (None, 1, True, "t", "TRUE", ["T"], {"T": 1}, "", "T ", 1.5):
            assert await refusal(one, "answer", {"run": run, "round": 1, "answer": given}) == "bad_answer"
        assert await refusal(one, "answer", {"run": "1", "round": 1, "answer": "T"}) == "bad_command"
        await one.send("answer", {"run": run, "round": 1, "answer": "T"})
        assert await refusal(one, "answer", {"run": run, "round": 1, "answer": "T"}) == "accepted", "the same again"
        assert await refusal(one, "answer", {"run": run, "round": 1, "answer": "F"}) == "already_answered"
        await two.send("answer", {"run": run, "round": 1, "answer": "F"})
        assert await refusal(one, "answer", {"run": run, "round": 1, "answer": "F"}) == "wrong_round", "late"
        locked = [line for line in await stored(here) if line["type"] == "answer_locked"]
        assert len(locked) == 2


async def test_a_race_on_two_sockets_has_one_winner(tmp_path: Path) -> None:
    async with hall(tmp_path, 1) as here:
        run = await here.start()
        for number in range(1, 31):
            other = here.clients[0].connect(here.id, device=f"tablet {number}")
            async with other:
                # between two rounds nothing is asked
                await other.until(lambda o=other, n=number: (o.private["question"] or {}).get("round") == n, 10)
                data = [{"run": run, "round": number, "answer": given} for given in "TF"]
                results = await asyncio.gather(
                    refusal(here.players[0], "answer", data[0]), refusal(other, "answer", data[1])
                )
                assert sorted(results) == ["accepted", "already_answered"]
            await here.players[1].send("answer", {"run": run, "round": number, "answer": "T"})
        locked = [line for line in await stored(here) if line["type"] == "answer_locked"]
        assert len(locked) == 60


def rubbish(rng: Random) -> str:
    """A frame that is none, or a command that cannot be."""
    kind = rng.randrange(4)
    if kind == 0:
        return "".join(chr(rng.randrange(1, 0x2FF)) for _ in range(rng.randrange(60)))
    values: list[Any] = [None, -1, 2**70, "x", [], {}, 1.5, True, "\u0000", "T" * 500]
    if kind == 1:
        return json.dumps({"type": rng.choice(["command", "hello", "pong", "ack", 7]), "x": rng.choice(values)})
    name = rng.choice(["answer", "measure", "be_ready", "join_room", "choose_partner", "start_run", "fly"])
    data = {key: rng.choice(values) for key in rng.sample(["run", "round", "answer", "angle", "nam", "seat"], 4)}
    return json.dumps({"type": "command", "id": rng.choice([1, 2**60, *values]), "name": name, "data": data})


async def test_ten_thousand_malformed_frames(tmp_path: Path) -> None:
    """A connection that sends too many is closed; the next one goes on. The room notices nothing."""
    async with hall(tmp_path, 1) as here:
        run = await here.start()
        before, rng, sent, connections = await stored(here), Random(6), 0, 0
        while sent < MALFORMED:
            connections += 1
            live = here.clients[0].connect(here.id, device=f"fuzz {connections}")
            answers: list[Any] = []
            live.listen = answers.append
            with suppress(ConnectionClosed, TimeoutError):
                await live.__aenter__()
                batch = min(500, MALFORMED - sent)
                for _ in range(batch):
                    live._write(rubbish(rng).encode())  # pyright: ignore[reportPrivateUsage]
                sent += batch
                await live.until(lambda live=live: live.state != "live", 0.5)
            await live.close()
            assert answers
        assert await stored(here) == before
        for player in here.players:
            await player.send("answer", {"run": run, "round": 1, "answer": "T"})
        assert here.desk.public["run"]["phase"] == "open"
