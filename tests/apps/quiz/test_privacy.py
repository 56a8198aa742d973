"""S9: names, ids and pictures of people can go; the game stays, to the point."""

import time
from pathlib import Path
from typing import Any

import pytest

from gamekeeper import Rejected, Seat
from gamekeeper.server.retention import Retention
from gamekeeper.server.verify import verify_room
from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.recount import matches
from tests.apps.quiz.hall import Hall, hall
from tests.apps.quiz.stage import SINGLE, Stage

ANN, BOB, STAFF = "Annegret Zwiebelturm", "Bohumil Quarkstrudel", "STAFF-4711-XY"


def traces(folder: Path, *words: str) -> list[str]:
    """Which of the words stand in which file of a data folder."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    return [f"{word} in {file.name}" for file in files for word in words if word.encode() in file.read_bytes()]


def scores(exported: dict[str, Any]) -> list[tuple[int, int, int]]:
    return [(one["player"], one["rank"], one["score"]) for one in exported["totals"]["gathering"]]


async def played(room: Hall) -> dict[str, Any]:
    """A question with two players who said who they are, told and counted; what the export says."""
    await room.open((SINGLE, SINGLE))
    for name in (ANN, BOB):
        line = await room.join(name)
        await line.send("join", {"name": name, "avatar": "owl", "custom_id": STAFF if name == ANN else ""})
    await room.desk.send("start")
    ask = await room.show()
    for name in (ANN, BOB):
        await room.lines[name].send("answer", {"ask": ask["ask"], "value": ask["options"][0]["oid"]})
    await room.reach("closed")
    await room.reveal()
    await room.desk.send("board")
    return await room.exported()


@pytest.mark.anyio
async def test_who_asks_to_be_forgotten_is_nowhere_and_the_points_stay(tmp_path: Path) -> None:
    async with hall(tmp_path) as room:
        before = await played(room)
        assert {trace.partition(" in ")[0] for trace in traces(tmp_path, ANN, BOB, STAFF)} == {ANN, BOB, STAFF}
        await room.lines[ANN].send("forget_me")
        await room.server._server.settled()
        await room.lines[BOB].until(lambda: ANN not in str(room.lines[BOB].public))
        server = room.server._server
        await server.database.wipe()  # as the server does now and then
        verdict = await verify_room(server.log, server.registry.games, room.room["id"])
        exported = await room.exported()
        assert verdict.faults == []
        assert traces(tmp_path, ANN, STAFF) == [] and ANN not in str(exported)
        assert matches(exported) and BOB in str(exported)
        assert scores(exported) == [(3, 1, scores(before)[1][2])], "who has gone has no rank"
    assert traces(tmp_path, ANN, STAFF) == [] != traces(tmp_path, BOB)


@pytest.mark.anyio
async def test_names_go_after_their_time_even_while_somebody_looks_on(tmp_path: Path) -> None:
    async with hall(tmp_path) as room:
        before = await played(room)
        server = room.server._server
        clock = time.time()
        retention = Retention(server.registry, server.log, server.accounts, 90, lambda: clock)
        assert await retention.forget(90) == 0 and BOB in str(await room.exported())
        clock += 91 * 86_400
        assert await retention.forget(90) == 1
        assert await retention.forget(90) == 0
        desk = room.desk
        await desk.until(
            lambda: desk.state == "live" and BOB not in str(desk.public) and "Player 3" in str(desk.public)
        )
        exported = await room.exported()
        verdict = await verify_room(server.log, server.registry.games, room.room["id"])
        assert traces(tmp_path, ANN, BOB, STAFF) == [] and verdict.faults == []
        assert matches(exported) and scores(exported) == scores(before)
        assert [one["name"] for one in exported["totals"]["gathering"]] == ["Player 2", "Player 3"]
        await desk.send("show")
        await desk.until(lambda: desk.public["phase"] == "open")
    assert traces(tmp_path, ANN, BOB, STAFF) == []


def test_a_log_without_names_folds_to_the_same_points() -> None:
    stage = Stage(ANN, BOB, settings={"approve_names": True})
    stage.host.send(m.Rename("Somebody Else", Seat(2)))
    stage.players[BOB].send(m.ForgetMe())
    assert stage.table.replayed() == stage.room and BOB not in str(stage.room)
    stage.table.forget()
    replayed = stage.table.replayed()
    assert "Somebody" not in str(replayed) and ANN not in str(stage.table.records)
    assert replayed.players[2].name == "Player 2" and replayed.entered == stage.room.entered


def test_a_log_of_a_time_when_names_stood_in_it_still_reads() -> None:
    stage = Stage(ANN)
    with_names = stage.table.records
    stage.table.forget()
    assert any(ANN in bytes(record.data).decode() for record in with_names)
    game, state = stage.table.game, stage.table.game.initial(stage.table.game.config())
    for record in with_names:
        event = game.read(record)
        state = state if event is None else game.evolve(state, event)
    assert state.players[2].name == ANN


def test_the_results_of_a_gathering_that_is_over_can_be_looked_at_without_a_trace() -> None:
    stage = Stage(ANN)
    stage.host.send(m.End())
    stage.table.next_deadline()
    assert stage.room.sealed
    seq = len(stage.table.records)
    stage.table.leave(stage.players[ANN])
    stage.table.advance(60)
    stage.table.reconnect(stage.players[ANN])
    assert len(stage.table.records) == seq
    with pytest.raises(Rejected):
        stage.table.join("Late")
