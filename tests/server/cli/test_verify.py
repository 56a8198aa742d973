"""`gamekeeper verify`."""

import asyncio
from pathlib import Path

from gamekeeper.log.backup import LOG_FILE
from gamekeeper.log.protocol import Snapshot
from gamekeeper.log.sqlite import SqliteLog
from gamekeeper.room import history
from gamekeeper.room.fold import SNAPSHOT_VERSION
from gamekeeper.testing.tally import Tally
from tests.server.cli.kit import GAME, Shell


def test_sound_data(shell: Shell, played: tuple[str, str]) -> None:
    done = shell("verify", "--data", played[0], "--app", GAME)
    assert (done.status, done.out) == (0, "1 rooms, 0 with something wrong\n")
    assert shell("verify", "--data", played[0], "--app", GAME, "--json").json == {"rooms": 1, "faulty": []}


async def spoil(data: str, room: str) -> None:
    """A snapshot that says something else than the log."""
    log = SqliteLog(Path(data) / LOG_FILE)
    fold = await history.replay(log, room, {"tally": Tally()})
    wrong = fold.snapshot(None).replace(b'"total":5', b'"total":6')
    await log.save_snapshot(Snapshot(room, fold.seq, SNAPSHOT_VERSION, wrong))
    await log.close()


def test_a_difference_is_status_one(shell: Shell, played: tuple[str, str]) -> None:
    data, room = played
    asyncio.run(spoil(data, room))
    done = shell("verify", "--data", data, "--app", GAME)
    assert done.status == 1 and room in done.out and "snapshot" in done.out
    assert shell("verify", "--data", data, "--app", GAME, "--json").json["faulty"][0]["room"] == room


def test_a_game_that_is_not_installed_is_told(shell: Shell, played: tuple[str, str]) -> None:
    done = shell("verify", "--data", played[0])
    assert done.status == 1 and "'tally' is not installed" in done.out
