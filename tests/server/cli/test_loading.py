"""Commands and applications by name."""

import pytest
import typer

from gamekeeper.server.cli import loading
from gamekeeper.testing import tally


def test_an_application_that_is_not_installed_has_a_reference() -> None:
    assert loading.find_app("gamekeeper.testing.tally:app") is tally.app


@pytest.mark.parametrize("name", ["nonsense", "nonsense:app", "gamekeeper.testing.tally:Tally", "gamekeeper:nothing"])
def test_what_is_no_application(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        loading.find_app(name)
    assert caught.value.code == 2 and capsys.readouterr().err.startswith("gamekeeper: ")


def test_an_application_without_commands_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        loading.run_application("gamekeeper.testing.tally:app", [])
    assert caught.value.code == 2 and "brings no commands" in capsys.readouterr().err


def test_a_function_and_a_typer_app_are_commands(capsys: pytest.CaptureFixture[str]) -> None:
    def shout(word: str) -> None:
        typer.echo(word.upper())

    app = typer.Typer()
    app.command()(shout)
    for command in (shout, app):
        with pytest.raises(SystemExit) as caught:
            loading.run(command, "shout", ["hey"])
        assert caught.value.code == 0
    assert capsys.readouterr().out == "HEY\nHEY\n"


def test_installed_applications_are_named_without_importing_them() -> None:
    assert "chsh" in loading.application_names()


def test_bots_need_an_application(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        loading.run_bots(["--help"])
    assert caught.value.code == 2 and "usage" in capsys.readouterr().err
