"""Commands run within the test, and a data folder in which something was played."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from gamekeeper import Seat
from gamekeeper.app import load_apps
from gamekeeper.core.seats import PLAYER
from gamekeeper.server.cli import main
from gamekeeper.server.server import Server
from gamekeeper.testing.tally import Add, Hide
from tests.server.kit import settings_in

GAME = "gamekeeper.testing.tally:app"


class Ran:
    """What a command said, and its status."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status = status
        self.out = out
        self.err = err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Shell:
    """`gamekeeper ...`, without a process of its own."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: str, stdin: str = "") -> Ran:
        self._capsys.readouterr()
        self._monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as caught:
            main([*arguments])
        out, err = self._capsys.readouterr()
        return Ran(int(caught.value.code or 0), out, err)


async def play_in(folder: Path, **chosen: Any) -> tuple[Path, str]:
    """A data folder with one room: 5 added, 3 hidden; the folder and the room's id."""
    settings = settings_in(folder, **{"log_store": "sqlite", "secret": ""} | chosen)
    server = await Server.open(settings, load_apps((GAME,), installed=False))
    room = await server.registry.open("tally", "ann", "Ann", name="Played")
    for command in (Add(5), Hide(3)):
        await server.registry.ask(room.id, command, seat=Seat(1), role=PLAYER, user="ann")
    await server.close()
    return settings.data, room.id
