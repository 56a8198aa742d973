"""`gamekeeper migrate`."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.server.cli.kit import Shell
from tests.server.process import environment


def test_from_nothing_to_the_newest(shell: Shell, tmp_path: Path) -> None:
    data = str(tmp_path)
    assert shell("migrate", "--check", "--data", data).status == 1
    done = shell("migrate", "--data", data, "--json").json
    assert done["before"] is None and done["changed"] is True
    assert shell("migrate", "--check", "--data", data).status == 0
    assert shell("migrate", "--data", data, "--json").json["changed"] is False


def test_eight_at_once_leave_one_schema(shell: Shell, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gamekeeper.server.cli", "migrate", "--data", str(tmp_path), "--json"]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, env=environment()) for _ in range(8)]
    said = [process.communicate(timeout=60)[0] for process in running]
    assert [process.returncode for process in running] == [0] * 8
    assert sum(b'"changed": true' in out for out in said) == 1
    assert shell("migrate", "--check", "--data", str(tmp_path)).status == 0


def test_a_database_that_is_none(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "gamekeeper.sqlite3").write_bytes(b"no database" * 500)
    failed = shell("migrate", "--data", str(tmp_path))
    assert failed.status == 1 and failed.err


def test_the_owner_makes_the_tables_in_postgresql(
    shell: Shell, empty_postgres_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GAMEKEEPER_DATABASE_URL", empty_postgres_url)
    monkeypatch.setenv("GAMEKEEPER_DATABASE_OWNER_URL", empty_postgres_url)
    data = str(tmp_path)
    assert shell("migrate", "--check", "--data", data).status == 1
    assert shell("migrate", "--data", data, "--json").json["changed"] is True
    assert shell("migrate", "--data", data, "--json").json["changed"] is False
    assert shell("migrate", "--check", "--data", data).status == 0
