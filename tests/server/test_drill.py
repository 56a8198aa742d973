"""The restore drill of docs/howto/operate.md, on a server that was killed and whose disk is gone."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gamekeeper.client import Client
from tests.server import process
from tests.server.kit import SECRET

pytestmark = pytest.mark.anyio
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def test_a_lost_disk_comes_back_as_of_a_moment(tmp_path: Path) -> None:
    """R4-170: everything up to the moment and nothing after it; a client comes back to it by itself."""
    data, copy = tmp_path / "data", tmp_path / "copy"
    with process.server(data, secret=SECRET) as (running, ready):
        client = Client(ready["url"])
        await client.guest("Host")
        room = await client.open("tally")
        live = await client.connect(room["id"]).__aenter__()
        await live.send("add", {"amount": 2})
        await live.send("hide", {"amount": 7})
        moment = last_record(data, room["id"])
        await live.send("add", {"amount": 100})
        assert process.gamekeeper("backup", str(copy), "--data", str(data)).returncode == 0
        await live.send("add", {"amount": 1000})
        assert live.public["total"] == 1102
        running.kill()
        running.wait()
    shutil.rmtree(data)

    restored = process.gamekeeper("restore", str(copy), "--data", str(data), "--until", moment.isoformat())
    assert restored.returncode == 0, restored.stderr
    for check in ("verify", "doctor"):
        done = process.gamekeeper(check, "--data", str(data), secret=SECRET, apps=process.GAME)
        assert done.returncode == 0, done.stdout + done.stderr
    with process.server(data, "--port", str(ready["port"]), secret=SECRET):
        await live.send("add", {"amount": 10})
        assert (live.public["total"], live.private) == (12, {"secret": 7})
        await live.__aexit__(None, None, None)
        await client.__aexit__(None, None, None)


def last_record(data: Path, room: str) -> datetime:
    """When the newest event of a room was written, by its log."""
    exported = process.gamekeeper("rooms", "export", room, "--data", str(data)).stdout
    return EPOCH + timedelta(milliseconds=json.loads(exported.splitlines()[-1])["at"])
