"""Bots play whole sessions through the real server, on real sockets."""

import json
from pathlib import Path
from socket import socket
from typing import Any

import pytest
from typer import Typer
from typer.testing import CliRunner

from gamekeeper_apps.chsh import app
from gamekeeper_apps.chsh.bots import bots as command
from gamekeeper_apps.chsh.cli import commands
from tests.server.process import server

program = Typer()
program.command()(command)


def test_the_application_names_its_bots() -> None:
    assert app.bots == "gamekeeper_apps.chsh.bots:bots"


def run(*options: str) -> dict[str, Any]:
    result = CliRunner().invoke(program, [*options, "--json"])
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    assert (found["lost_answers"], found["duplicate_answers"]) == (0, 0)
    return found


@pytest.mark.parametrize(
    ("options", "low", "high", "s", "width"),
    [
        (("random",), 891, 1109, 0.0, 0.44),
        (("classical-mix",), 1403, 1593, 2.0, 0.5),
        (("quantum",), 1627, 1782, 2.828427, 0.31),
        (("quantum", "--visibility", "0.9"), 1550, 1718, 2.545584, 0.4),
        (("pr-box",), 2000, 2000, 4.0, 1e-12),
        (("human",), 1215, 1422, 1.28, 0.5),
        (("quantum", "--mode", "hardy"), 1492, 1670, 2.333333, 0.45),
        (("predictor",), 1403, 1593, 2.0, 0.5),
        (("predictor", "--schedule", "balanced"), 1652, 1802, 2.909, 0.5),
    ],
)
def test_gates(options: tuple[str, ...], low: int, high: int, s: float, width: float) -> None:
    """Check 3: wins of 2,000 rounds within 5e-7 per tail (spec section 10), S within some five sigma."""
    found = run("--pairs", "10", "--rounds", "200", "--seed", "1", "--strategy", *options)
    assert found["rounds_played"] == 2000
    assert low <= found["pooled"]["wins"] <= high
    assert abs(found["pooled"]["S"] - s) <= width
    if "balanced" in options:
        assert found["pooled"]["e_value"] is found["pooled"]["p_quantum"] is None


def test_classical_is_exact() -> None:
    found = run("--pairs", "10", "--strategy", "classical", "--rounds", "200", "--seed", "2")["pooled"]
    assert found["S"] == 2
    assert found["rounds"] - found["wins"] == found["cells"]["AY"]["n"]


def test_cheats_are_seen_by_the_right_alarm() -> None:
    box = run("--strategy", "pr-box", "--rounds", "100", "--seed", "3")["pooled"]
    assert (box["win_rate"], box["S"], box["no_signalling"]["alarm"]) == (1, 4, False)
    assert any(warning.startswith("supra_quantum") for warning in box["warnings"])
    leaky = run("--strategy", "leaky", "--rounds", "200", "--seed", "3")["pooled"]
    assert leaky["no_signalling"]["alarm"]


def test_the_same_seed_gives_the_same_statistics() -> None:
    options = ("--pairs", "3", "--strategy", "quantum", "--rounds", "40", "--seed", "9")
    assert run(*options) | {"room": ""} == run(*options) | {"room": ""}


def test_dropped_bots_change_nothing() -> None:
    """Check 7: everybody loses the connection once; the statistics are those of the undisturbed session."""
    options = ("--pairs", "3", "--strategy", "quantum", "--rounds", "30", "--seed", "4")
    undisturbed, disturbed = run(*options), run(*options, "--drop")
    assert disturbed["reconnects"] >= 3
    assert (disturbed["pooled"], disturbed["pairs"]) == (undisturbed["pooled"], undisturbed["pairs"])


def test_hardy_and_symmetric() -> None:
    hardy = run("--strategy", "classical", "--mode", "hardy", "--rounds", "60", "--seed", "5")["pooled"]
    assert hardy["extra"]["H"] <= 0
    symmetric = run("--strategy", "classical", "--mode", "symmetric", "--rounds", "120", "--seed", "5")["pooled"]
    assert (symmetric["extra"]["S1"], symmetric["extra"]["S2"], symmetric["extra"]["trace"]) == (2, 2, 1)


def test_what_makes_no_sense() -> None:
    assert CliRunner().invoke(program, ["--strategy", "telepathy"]).exit_code == 2


def test_a_session_on_a_server_that_runs_elsewhere(tmp_path: Path) -> None:
    with server(tmp_path) as (_, ready):
        found = run("--server", ready["url"], "--rounds", "10", "--strategy", "quantum")
        file = str(tmp_path / "rounds.csv")
        taken = ["export", found["room"], "--format", "rounds-csv", "--data", str(tmp_path), "-o", file]
        assert CliRunner().invoke(commands, taken).exit_code == 0
        again = json.loads(CliRunner().invoke(commands, ["analyse", "--json", file]).stdout)
        assert {key: again[key] for key in again if key != "extra"} == {
            key: figure for key, figure in found["pooled"].items() if key != "extra"
        }
        found = run(
            "--server", ready["url"], "--pairs", "2", "--rounds", "20", "--seed", "5", "--strategy", "classical"
        )
    assert found["rounds_played"] == 40
    assert found["pooled"]["extra"]["question_source"] == "system", "a seed fixes the bots alone"


def test_a_session_that_was_not_completed() -> None:
    with socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        result = CliRunner().invoke(program, ["--server", f"http://127.0.0.1:{unheard.getsockname()[1]}"])
    assert result.exit_code == 1
    assert result.stderr.startswith("the session was not completed: no answer from http://127.0.0.1:")
    assert CliRunner().invoke(program, ["--strategy", "clairvoyant"]).exit_code == 2
