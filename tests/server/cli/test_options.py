"""Settings from options."""

from pathlib import Path

import pytest

from gamekeeper.server.cli.options import load_settings


def test_none_is_not_chosen(tmp_path: Path) -> None:
    assert load_settings(data=tmp_path, port=None).port == 8000


def test_bad_settings_end_the_command_with_every_problem(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAMEKEEPER_TYPO", "1")
    with pytest.raises(SystemExit) as caught:
        load_settings(port=99_999)
    assert caught.value.code == 2
    assert {"GAMEKEEPER_TYPO", "GAMEKEEPER_PORT"} <= {
        line.partition(":")[0] for line in capsys.readouterr().err.split("\n")
    }
