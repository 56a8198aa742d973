"""`gamekeeper new`: what it writes runs at once."""

import subprocess
import sys
import tomllib
from pathlib import Path

import httpx
import pytest

from tests.server import process
from tests.server.cli.kit import Shell


@pytest.fixture
def game(shell: Shell, tmp_path: Path) -> Path:
    assert shell("new", "odd_one", "--folder", str(tmp_path / "odd_one")).status == 0
    return tmp_path / "odd_one"


def test_its_tests_pass_and_it_type_checks(game: Path) -> None:
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(game)],
        cwd=game, capture_output=True, text=True, env=process.environment(),
    )  # fmt: skip
    assert tests.returncode == 0, tests.stdout
    assert "4 passed" in tests.stdout


def test_nothing_of_the_skeleton_is_left_unfilled(game: Path) -> None:
    for file in game.iterdir():
        assert not {"{name}", "{title}", "{class_name}"} & set(file.read_text().split()), file
        assert "{name}" not in file.read_text() and "{class_name}" not in file.read_text()
    project = tomllib.loads((game / "pyproject.toml").read_text())
    assert project["project"]["entry-points"]["gamekeeper.apps"] == {"odd_one": "odd_one:app"}


def test_it_is_served_and_bots_play_it(game: Path) -> None:
    played = process.gamekeeper("bots", "odd_one:app", "--seed", "1", "--patience", "0.5", "--json", cwd=game)
    assert played.returncode == 0, played.stderr
    assert '"rooms": 1' in played.stdout and '"players": 2' in played.stdout
    running = subprocess.Popen(
        [sys.executable, "-m", "gamekeeper.server.cli", "serve", "--app", "odd_one:app", "--port", "0", "--json"],
        cwd=game, stdout=subprocess.PIPE, text=True, env=process.environment(),
    )  # fmt: skip
    assert running.stdout is not None
    try:
        url = running.stdout.readline().partition('"url": "')[2].partition('"')[0]
        assert "odd_one" in httpx.get(f"{url}/apps", trust_env=False).text
    finally:
        running.terminate()
        running.communicate(timeout=20)


@pytest.mark.parametrize("name", ["", "X", "a", "1st", "a-b", "../x", "a" * 41])
def test_names_that_are_no_module(shell: Shell, name: str) -> None:
    assert shell("new", name).status == 2


def test_nothing_is_overwritten(shell: Shell, game: Path) -> None:
    failed = shell("new", "odd_one", "--folder", str(game))
    assert failed.status == 2 and "not empty" in failed.err
