"""`gamekeeper quiz export`: by room and by code, and exit status 2."""

import asyncio
import json
from pathlib import Path

from typer.testing import CliRunner

from gamekeeper.client import Client
from gamekeeper.embedded import room_of_code, serving
from gamekeeper_apps.quiz import app
from gamekeeper_apps.quiz.cli import commands


async def _open(folder: Path) -> dict[str, str]:
    async with serving(app, folder, log_store="sqlite") as server, Client(server.url) as host:
        await host.guest("Host")
        room: dict[str, str] = await host.open("quiz", {"title": "Kept"})
    assert await room_of_code(room["code"], folder) == room["id"]
    assert await room_of_code("NOSUCH", folder) is None
    return room


def test_rooms_are_exported_by_id_and_by_code(tmp_path: Path) -> None:
    room = asyncio.run(_open(tmp_path))
    for name in (room["id"], room["code"]):
        result = CliRunner().invoke(commands, ["export", name, "--format", "json", "--data", str(tmp_path)])
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["title"] == "Kept"
    out = tmp_path / "kept.xlsx"
    arguments = ["export", room["id"], "--format", "xlsx", "-o", str(out), "--data", str(tmp_path)]
    assert CliRunner().invoke(commands, arguments).exit_code == 0
    assert out.read_bytes()[:2] == b"PK"


def test_an_unknown_room_is_status_two(tmp_path: Path) -> None:
    asyncio.run(_open(tmp_path))
    arguments = ["export", "nothing", "--format", "csv", "--data", str(tmp_path)]
    assert CliRunner().invoke(commands, arguments).exit_code == 2
