"""What commands say."""

import json

import pytest

from gamekeeper.server.cli import output


def test_json_stands_alone_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    output.say_json({"name": "Zoë", "rooms": [1, None]})
    assert json.loads(capsys.readouterr().out) == {"name": "Zoë", "rooms": [1, None]}


def test_failing_speaks_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        output.fail("no such room", output.WRONG_CALL)
    assert caught.value.code == 2
    assert capsys.readouterr() == ("", "gamekeeper: no such room\n")


def test_tables_leave_nothing_out(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(["id", "name"], [{"id": "x" * 150, "name": None}, {"id": "short", "name": 5}])
    shown = capsys.readouterr().out
    assert "x" * 150 in shown and "None" not in shown and "5" in shown


def test_progress_says_nothing_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with output.progress("Working") as advance:
        advance(1, 2)
    assert capsys.readouterr() == ("", "")
