"""A shell, and data to look at."""

import asyncio
from pathlib import Path

import pytest

from tests.server.cli.kit import Shell, play_in


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(capsys, monkeypatch)


@pytest.fixture
def played(tmp_path: Path) -> tuple[str, str]:
    """The data folder and the room."""
    data, room = asyncio.run(play_in(tmp_path))
    return str(data), room


@pytest.fixture
def on_postgres(postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """A data folder, and a room that was played in PostgreSQL."""
    monkeypatch.setenv("GAMEKEEPER_DATABASE_URL", postgres_url)
    folder, room = asyncio.run(play_in(tmp_path, log_store="postgres", database_url=postgres_url))
    return str(folder), room
