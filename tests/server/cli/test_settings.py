"""`gamekeeper settings`."""

import pytest

from gamekeeper.server.settings import Settings, variable
from tests.server.cli.kit import Shell
from tests.server.kit import SECRET


def test_every_setting_with_its_meaning_and_no_secret(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAMEKEEPER_SECRET", SECRET)
    monkeypatch.setenv("GAMEKEEPER_OLD_SECRETS", SECRET + "old")
    monkeypatch.setenv("GAMEKEEPER_PORT", "8123")
    shown = shell("settings", "--json")
    rows = {row["variable"]: row for row in shown.json}
    assert set(rows) == {variable(name) for name in Settings.model_fields}
    assert rows["GAMEKEEPER_PORT"]["value"] == 8123 and all(row["meaning"] for row in rows.values())
    assert SECRET not in shown.out and SECRET not in shell("settings").out
