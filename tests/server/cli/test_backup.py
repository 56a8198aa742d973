"""`gamekeeper backup`."""

from pathlib import Path

from tests.server.cli.kit import Shell


def test_log_and_database_but_no_secret(shell: Shell, played: tuple[str, str], tmp_path: Path) -> None:
    target = tmp_path / "backup"
    assert shell("backup", str(target), "--data", played[0]).status == 0
    assert {file.name for file in target.iterdir()} == {"log.sqlite3", "gamekeeper.sqlite3"}
    assert shell("rooms", "list", "--data", str(target), "--json").json[0]["id"] == played[1]


def test_a_folder_with_something_in_it_is_refused(shell: Shell, played: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    failed = shell("backup", str(tmp_path / "full"), "--data", played[0])
    assert failed.status == 1 and "not empty" in failed.err


def test_postgresql_has_its_own_way(shell: Shell, on_postgres: tuple[str, str], tmp_path: Path) -> None:
    failed = shell("backup", str(tmp_path / "backup"), "--data", on_postgres[0])
    assert failed.status == 2 and "pg_dump" in failed.err
