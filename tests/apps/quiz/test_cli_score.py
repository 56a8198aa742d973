"""`gamekeeper quiz score`: one integer a line, or exit status 2."""

import pytest
from typer.testing import CliRunner

from gamekeeper_apps.quiz.cli import commands


def score(preset: str, limit: str, at: str, *more: str) -> list[str]:
    result = CliRunner().invoke(commands, ["score", "--preset", preset, "--limit", limit, "--at", at, *more])
    assert result.exit_code == 0
    return result.stdout.splitlines()


def test_one_integer_a_line() -> None:
    assert score("kahoot", "30", "0.4,0.5,2,15,30,30.001") == ["1000", "992", "967", "750", "500", "0"]
    assert score("kahoot", "30", "30.0001,0.4999, 0.5") == ["0", "1000", "992"]
    assert score("linear", "20", "6.5", "--points", "2000") == ["1350"]


@pytest.mark.parametrize(
    "arguments",
    ["--preset fast --limit 20 --at 1", "--preset flat --limit x --at 1", "--preset flat --limit 20 --at 1,,2",
     "--preset flat --limit 0 --at 1", "--preset flat --limit 20 --at -1", "--preset flat --limit 20 --at nan",
     "--preset flat --limit 20", "--preset flat --limit 20 --at 1_0",
     "--preset flat --limit 301 --at 1", "--preset flat --limit 20 --at 1 --points 1.5"],
)  # fmt: skip
def test_bad_arguments_are_status_two(arguments: str) -> None:
    assert CliRunner().invoke(commands, ["score", *arguments.split()]).exit_code == 2
