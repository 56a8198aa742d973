"""`gamekeeper doctor`."""

import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gamekeeper.log.backup import DATABASE_FILE
from gamekeeper.log.migrate import migrate, newest_revision
from tests.server.cli.kit import Shell


def findings(shell: Shell, data: Path) -> dict[str, tuple[str, str]]:
    return {one["what"]: (one["level"], one["finding"]) for one in shell("doctor", "--data", str(data), "--json").json}


def test_a_good_machine(shell: Shell, tmp_path: Path) -> None:
    found = findings(shell, tmp_path / "data")
    assert {"Python", "SQLite", "data folder", "disk", "secret", "port", "open files", "schema", "pages"} <= set(found)
    assert not [what for what, (level, _) in found.items() if level == "bad"]
    assert not (tmp_path / "data").exists(), "looking changes nothing"
    assert "ok" in shell("doctor", "--data", str(tmp_path)).out


def test_a_secret_that_others_can_read_is_bad(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "secret").touch(mode=0o644)
    assert findings(shell, tmp_path)["secret"][0] == "bad"
    assert shell("doctor", "--data", str(tmp_path)).status == 1


def test_a_port_that_is_taken_is_noted(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("GAMEKEEPER_PORT", str(taken.getsockname()[1]))
        assert findings(shell, tmp_path)["port"][0] == "note"


def test_an_application_that_does_not_load_is_bad(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAMEKEEPER_APPS", "nothing:app")
    assert findings(shell, tmp_path)["applications"][0] == "bad"


def test_a_schema_that_is_behind_is_noted(shell: Shell, tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path / DATABASE_FILE}", "0001")
    level, finding = findings(shell, tmp_path)["schema"]
    assert level == "note" and finding.startswith("0001;")
    migrate(f"sqlite:///{tmp_path / DATABASE_FILE}")
    assert findings(shell, tmp_path)["schema"] == ("ok", newest_revision())


def test_after_a_deployment_the_schema_has_to_be_the_newest(shell: Shell, tmp_path: Path) -> None:
    """R2-132: exit status 1 where the revision is absent or an older one."""
    call = ("doctor", "--data", str(tmp_path), "--deployed")
    assert shell(*call).status == 1
    migrate(f"sqlite:///{tmp_path / DATABASE_FILE}", "0001")
    behind = shell(*call)
    assert behind.status == 1 and "run `gamekeeper migrate`" in behind.out
    migrate(f"sqlite:///{tmp_path / DATABASE_FILE}")
    assert shell(*call).status == 0


def test_an_index_that_is_gone_is_bad(shell: Shell, tmp_path: Path) -> None:
    """R2-132: the check after a deployment fails."""
    migrate(f"sqlite:///{tmp_path / DATABASE_FILE}")
    with closing(sqlite3.connect(tmp_path / DATABASE_FILE)) as connection:
        connection.execute("DROP INDEX ix_logins_user_id")
    assert findings(shell, tmp_path)["schema"] == ("bad", f"{newest_revision()}, without ix_logins_user_id")
    assert shell("doctor", "--data", str(tmp_path)).status == 1


def test_what_postgresql_would_allow_is_told(shell: Shell, on_postgres: tuple[str, str]) -> None:
    found = {one["what"]: one for one in shell("doctor", "--data", on_postgres[0], "--json").json}
    assert found["PostgreSQL"]["level"] == "note"
    assert "could change what is written down" in found["PostgreSQL"]["finding"]
    assert found["schema"]["level"] == "ok"


def test_a_database_that_is_away_is_bad(shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GAMEKEEPER_DATABASE_URL", "postgresql://postgres@127.0.0.1:1/x")
    doctor = shell("doctor", "--data", str(tmp_path), "--json")
    assert doctor.status == 1
    assert {one["what"]: one["level"] for one in doctor.json}["PostgreSQL"] == "bad"
