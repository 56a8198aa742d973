"""`gamekeeper serve --reload`."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gamekeeper.server.cli.reload import stamps, watched
from tests.server import process

GAME = "from gamekeeper.testing.tally import app\n"


@contextmanager
def reloading(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    environment = process.environment() | {"PYTHONPATH": str(folder)}
    command = ["serve", "--json", "--port", "0", "--data", str(folder / "data"), "--app", "a_game:app", "--reload"]
    running = subprocess.Popen(
        [sys.executable, "-m", "gamekeeper.server.cli", *command],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    try:
        yield running
    finally:
        running.terminate()
        running.communicate(timeout=30)


def port(running: "subprocess.Popen[str]") -> int:
    assert running.stdout is not None
    found: int = json.loads(running.stdout.readline())["port"]
    return found


def test_a_change_starts_the_server_anew_and_a_mistake_waits_for_its_repair(tmp_path: Path) -> None:
    """R4-181: in development."""
    game = tmp_path / "a_game.py"
    game.write_text(GAME)
    with reloading(tmp_path) as running:
        assert port(running) > 0
        game.write_text("a mistake\n" + GAME)
        assert running.stderr is not None
        assert "a_game.py" in running.stderr.readline()
        while "Error" not in running.stderr.readline() and running.poll() is None:
            pass
        game.write_text(GAME + "# repaired\n")
        assert port(running) > 0
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 0


def test_production_refuses(tmp_path: Path) -> None:
    settings = {
        "profile": "production", "secret": "n0t-kn0wn:Zq8vT2xLmWc5RjYb3HdKs7PfUgE1", "public_url": "https://x.example",
        "trusted_proxies": "10.0.0.0/8", "database_url": f"sqlite:///{tmp_path}/x.sqlite3", "data": str(tmp_path),
    }  # fmt: skip
    done = process.gamekeeper("serve", "--reload", **settings)
    assert done.returncode == 2 and "--reload is for development" in done.stderr


def test_what_is_watched(tmp_path: Path) -> None:
    places = watched(["json:loads", "no_such_module:app"])
    assert any(place.name == "gamekeeper" for place in places)
    assert any(place.name == "json" for place in places)
    file = tmp_path / "one.py"
    file.touch()
    before = stamps([tmp_path, tmp_path / "gone.py"])
    os.utime(file, ns=(1, 1))
    assert before.keys() == {file} and stamps([file]) == {file: 1}
