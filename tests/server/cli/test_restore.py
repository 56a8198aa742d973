"""`gamekeeper restore`."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from gamekeeper.server.cli.restore import microseconds
from tests.server import process
from tests.server.cli.kit import GAME, Shell

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def test_what_was_backed_up_comes_back_in_a_new_epoch(shell: Shell, played: tuple[str, str], tmp_path: Path) -> None:
    data, room = played
    backup = str(tmp_path / "backup")
    shell("backup", backup, "--data", data)
    shell("rooms", "close", room, "--data", data, "--app", GAME)
    assert shell("restore", backup, "--data", data).status == 1, "nothing is replaced unasked"
    done = shell("restore", backup, "--overwrite", "--data", data)
    assert done.status == 0 and "epoch" in done.out
    assert shell("rooms", "list", "--data", data, "--json").json[0]["closed"] is False
    assert shell("verify", "--data", data, "--app", GAME).status == 0


def test_a_room_as_it_was_at_a_time(shell: Shell, played: tuple[str, str], tmp_path: Path) -> None:
    """R4-170: a backup serves every time before it."""
    data, room = played
    backup = str(tmp_path / "backup")
    records = [json.loads(line) for line in shell("rooms", "export", room, "--data", data).out.splitlines()]
    moment = EPOCH + timedelta(milliseconds=records[-1]["at"] + 1)
    shell("rooms", "close", room, "--data", data, "--app", GAME)
    shell("backup", backup, "--data", data)
    assert shell("restore", backup, "--overwrite", "--data", data, "--until", moment.isoformat()).status == 0
    assert shell("rooms", "list", "--data", data, "--json").json[0]["closed"] is False
    assert shell("verify", "--data", data, "--app", GAME).status == 0
    assert shell("restore", backup, "--overwrite", "--data", data, "--until", "yesterday").status == 2


def test_an_offset_counts_and_utc_is_the_rest() -> None:
    assert microseconds(datetime(1970, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))) == 0
    assert microseconds(datetime(1970, 1, 1, 0, 0, 1)) == 1_000_000


def test_not_under_a_running_server(shell: Shell, played: tuple[str, str], tmp_path: Path) -> None:
    data, _ = played
    backup = str(tmp_path / "backup")
    shell("backup", backup, "--data", data)
    with process.server(Path(data)):
        failed = shell("restore", backup, "--overwrite", "--data", data)
    assert failed.status == 1 and "in use" in failed.err


def test_a_database_that_was_put_back_gets_a_new_epoch(shell: Shell, on_postgres: tuple[str, str]) -> None:
    data, room = on_postgres
    done = shell("restore", "--database", "--data", data)
    assert done.status == 0 and "epoch" in done.out
    assert [found["id"] for found in shell("rooms", "list", "--data", data, "--json").json] == [room]
    assert shell("verify", "--data", data, "--app", GAME).status == 0
    assert shell("restore", "--data", data).status == 2
    assert shell("restore", data, "--database", "--data", data).status == 2


def test_without_postgresql_there_is_no_database_to_speak_of(shell: Shell, tmp_path: Path) -> None:
    failed = shell("restore", "--database", "--data", str(tmp_path))
    assert failed.status == 2 and "not in PostgreSQL" in failed.err
