"""`gamekeeper schema`."""

import json
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from gamekeeper.server.cli.schema import command
from gamekeeper.wire.schema import frames_schema

program = Typer()
program.command()(command)


def run(*arguments: str) -> str:
    result = CliRunner().invoke(program, list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_protocol() -> None:
    assert json.loads(run())["$defs"] == frames_schema()["$defs"]
    assert json.loads(run("--form", "asyncapi"))["asyncapi"].startswith("3")
    assert "export" in run("--form", "typescript")


@pytest.mark.parametrize("form", ["json", "typescript"])
def test_an_application(form: str) -> None:
    assert "visibility" in run("chsh", "--form", form)


def test_an_unknown_application() -> None:
    assert CliRunner().invoke(program, ["nothing"]).exit_code == 2


def test_breaking_changes(tmp_path: Path) -> None:
    old = frames_schema()
    file = tmp_path / "old.json"
    file.write_text(json.dumps(old))
    run("--against", str(file))
    old["$defs"]["Gone"] = {"type": "object", "properties": {}}
    file.write_text(json.dumps(old))
    assert CliRunner().invoke(program, ["--against", str(file)]).exit_code == 1
