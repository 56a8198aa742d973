"""`gamekeeper`."""

import subprocess
import sys

import pytest

from gamekeeper.server import cli
from tests.server.process import environment, gamekeeper


def test_help_lists_every_command() -> None:
    for arguments in ([], ["--help"], ["-h"], ["help"]):
        shown = gamekeeper(*arguments)
        assert shown.returncode == 0
        for name, text in cli.COMMANDS.items():
            assert name in shown.stdout and text in shown.stdout


def test_every_command_has_help() -> None:
    for name in cli.COMMANDS:
        if name != "bots":
            shown = gamekeeper(name, "--help")
            assert shown.returncode == 0 and "Usage" in shown.stdout, name


def test_the_version() -> None:
    assert gamekeeper("--version").stdout.startswith("gamekeeper 0.")


@pytest.mark.parametrize("arguments", [["nonsense"], ["serve", "--nonsense"], ["bots"], ["bots", "nonsense"]])
def test_a_wrong_call_is_status_two(arguments: list[str]) -> None:
    failed = gamekeeper(*arguments)
    assert failed.returncode == 2 and failed.stderr and not failed.stdout


def test_help_and_import_load_nothing_heavy() -> None:
    script = (
        "import sys\nfrom gamekeeper.server import cli\ncli.help_text()\n"
        "heavy = {'fastapi', 'sqlalchemy', 'pydantic', 'uvicorn', 'alembic', 'scipy', 'httpx', 'typer', 'asyncio'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment())
    assert done.stderr.strip() in {"", "asyncio"}


def test_the_entry_point_imports_with_an_empty_environment() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import gamekeeper.server.cli, gamekeeper.server.app"], capture_output=True, env={}
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_importing_does_nothing(tmp_path: object) -> None:
    script = (
        "import os, signal, threading, logging\n"
        "before = (signal.getsignal(signal.SIGTERM), len(logging.getLogger().handlers), threading.active_count())\n"
        "import gamekeeper, gamekeeper.client, gamekeeper.server.lifecycle, gamekeeper.server.embedded\n"
        "after = (signal.getsignal(signal.SIGTERM), len(logging.getLogger().handlers), threading.active_count())\n"
        "assert before == after, (before, after)\n"
        "assert os.listdir() == [], os.listdir()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment(), cwd=str(tmp_path)
    )
    assert (done.returncode, done.stderr) == (0, "")
