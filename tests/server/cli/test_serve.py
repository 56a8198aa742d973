"""`gamekeeper serve`."""

import signal
from pathlib import Path

from gamekeeper.server.cli.serve import command
from tests.server import process


def test_a_person_is_told_what_to_do_next(tmp_path: Path) -> None:
    running = process.start(tmp_path)
    running.kill()
    running.communicate()
    done = process.gamekeeper("serve", "--help")
    for option in ("--host", "--port", "--data", "--log", "--profile", "--app", "--json"):
        assert option in done.stdout
    assert command.__doc__ and "GAMEKEEPER_" in command.__doc__


def test_the_greeting(tmp_path: Path) -> None:
    import subprocess
    import sys

    greeted = subprocess.Popen(
        [sys.executable, "-m", "gamekeeper.server.cli", "serve", "--port", "0", "--data", str(tmp_path), "--app",
         process.GAME],
        stdout=subprocess.PIPE, text=True, env=process.environment(),
    )  # fmt: skip
    assert greeted.stdout is not None
    lines = [greeted.stdout.readline() for _ in range(5)]
    greeted.send_signal(signal.SIGINT)
    greeted.communicate(timeout=20)
    assert lines[0].startswith("Gamekeeper is ready: http://localhost:")
    assert "gamekeeper users add NAME --admin" in "".join(lines)
    assert greeted.returncode == 0


def test_options_go_before_the_environment(tmp_path: Path) -> None:
    with process.server(tmp_path, "--log", "memory", log_store="sqlite", port="1") as (_, ready):
        assert ready["port"] > 1
    assert not (tmp_path / "log.sqlite3").exists()


def test_what_the_server_writes_is_for_the_server_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with process.server(data):
        modes = {file.name: file.stat().st_mode & 0o077 for file in [data, *data.iterdir()]}
    assert set(modes.values()) == {0} and "secret" in modes
