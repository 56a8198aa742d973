"""`gamekeeper chsh analyse` as a program: what it prints, on which stream, with which status."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gamekeeper_apps.chsh.cli import commands
from tests.apps.chsh import vectors

HEADER = "a,b,same,different\n"
FULL = "a,b,same,different,pp,pm,mp,mm\n"


def run(tmp_path: Path, text: str | bytes, *options: str) -> Result:
    file = tmp_path / "table.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return CliRunner().invoke(commands, ["analyse", str(file), *options])


def test_delft_as_json(tmp_path: Path) -> None:
    result = run(tmp_path, vectors.as_csv(vectors.DELFT), "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert found["wins"] == 196
    assert found["no_signalling"]["alarm"] is False
    assert found["warnings"] == []


def test_delft_for_people(tmp_path: Path) -> None:
    result = run(tmp_path, vectors.as_csv(vectors.DELFT))
    assert result.exit_code == 0
    assert "2.4225" in result.stdout
    assert "description, not a test" in result.stdout


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_files_as_they_come(tmp_path: Path, newline: str, mark: bytes) -> None:
    text = "# Delft 2015" + newline + newline + vectors.as_csv(vectors.DELFT, newline)
    result = run(tmp_path, mark + text.encode(), "--json")
    assert json.loads(result.stdout)["rounds"] == 245


def test_columns_in_any_order_and_cells_left_out(tmp_path: Path) -> None:
    result = run(tmp_path, "different , b,same, a\n 7,X,46, A\n", "--json")
    found = json.loads(result.stdout)
    assert found["rounds"] == 53
    assert found["cells"]["BY"] == {"n": 0, "E": None, "E_se": None}
    assert (found["S"], found["no_signalling"]) == (None, None)


def test_header_alone(tmp_path: Path) -> None:
    result = run(tmp_path, HEADER, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["rounds"] == 0


def test_unknown_columns_are_ignored_with_a_warning(tmp_path: Path) -> None:
    result = run(tmp_path, "a,b,same,different,lab\nA,X,1,0,Delft\n", "--json")
    assert any("'lab'" in warning for warning in json.loads(result.stdout)["warnings"])


def test_win_if(tmp_path: Path) -> None:
    rows = "A,X,40,10,different\nA,Y,40,10,same\nB,X,40,10,\nB,Y,40,10,same\n"
    found = json.loads(run(tmp_path, "a,b,same,different,win_if\n" + rows, "--json").stdout)
    assert found["wins"] == 10 + 40 + 40 + 40
    assert found["p_local"] is not None


def test_bias(tmp_path: Path) -> None:
    found = json.loads(run(tmp_path, vectors.as_csv(vectors.DELFT), "--json", "--bias", "0.05").stdout)
    assert found["p_local"] == pytest.approx(0.499175, abs=1e-6)


@pytest.mark.parametrize("bias", ["0.5", "-0.1", "2"])
def test_a_bias_that_is_none(tmp_path: Path, bias: str) -> None:
    assert run(tmp_path, vectors.as_csv(vectors.DELFT), "--bias", bias).exit_code == 2


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 0, "empty"),
        ("x,y\n1,2\n", 1, "neither"),
        ("a,b,same\nA,X,1\n", 1, "missing column different"),
        (HEADER + "A,X,1\n", 2, "cells"),
        (HEADER + "A,X,-1,0\n", 2, "'-1'"),
        (HEADER + "A,X,1.5,0\n", 2, "'1.5'"),
        (HEADER + "A,X,,0\n", 2, "same is ''"),
        (HEADER + "A,X,1,0\n\n# again\nA,X,1,0\n", 5, "twice"),
        (HEADER + "C,X,1,0\n", 2, "not A or B"),
        (HEADER + "A,B,1,0\n", 2, "not X or Y"),
        (FULL + "A,X,5,0,2,0,0,2\n", 2, "pp + mm is 4"),
        (FULL + "A,X,4,1,2,0,0,2\n", 2, "pm + mp is 0"),
        ("a,b,same,different,pp\nA,X,1,0,1\n", 1, "come together"),
        ("a,b,same,different,win_if\nA,X,1,0,maybe\n", 2, "win_if"),
        ("a,a,b,same,different\n", 1, "twice"),
        (HEADER + "A,X,99999999999999999999,0\n", 2, "larger"),
        (HEADER.encode() + b"A,X,\xff,0\n", 2, "not UTF-8"),
        (HEADER + 'A,"X,1,0\n', 2, "not CSV"),
    ],
)
def test_unreadable_input_names_file_line_and_reason(tmp_path: Path, text: str | bytes, line: int, reason: str) -> None:
    result = run(tmp_path, text, "--json")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "table.csv" in result.stderr
    assert reason in result.stderr
    assert (f"line {line}:" in result.stderr) == bool(line)


def test_no_file() -> None:
    result = CliRunner().invoke(commands, ["analyse", "/nowhere/at/all.csv"])
    assert result.exit_code == 2
    assert "/nowhere/at/all.csv" in result.stderr


def test_a_folder(tmp_path: Path) -> None:
    assert CliRunner().invoke(commands, ["analyse", str(tmp_path)]).exit_code == 2
