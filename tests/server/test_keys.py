"""Secrets: judged, read, generated once, rotated."""

from pathlib import Path
from secrets import token_hex, token_urlsafe

import pytest

from gamekeeper.server.keys import Keyring, generated_secret, read_secrets, weakness


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "short",
        "x" * 64,
        "abab" * 20,
        "change-me-" * 8,
        "your-secret-key-here-please-change-this",
        "django-insecure-default-secret-key-change-me",
        "my_super_secret_jwt_key_for_development",
        "0123456789abcdefghijklmnopqrstuvwxyz0123456789",
    ],
)
def test_a_weak_secret_is_refused(secret: str) -> None:
    assert weakness(secret)


def test_random_secrets_are_accepted() -> None:
    assert [weakness(make(32)) for make in (token_hex, token_urlsafe) for _ in range(500)] == [None] * 1000


def test_a_secret_is_generated_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    first = generated_secret(tmp_path / "data")
    assert generated_secret(tmp_path / "data") == first
    assert weakness(first[0]) is None
    file = tmp_path / "data" / "secret"
    assert file.stat().st_mode & 0o777 == 0o600


def test_an_emptied_file_gets_a_new_secret_and_a_widened_mode_is_narrowed(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.touch(mode=0o644)
    assert generated_secret(tmp_path) == read_secrets(file)
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_first_line_signs_and_all_verify(tmp_path: Path) -> None:
    file = tmp_path / "secrets"
    file.write_text("new\n\n old \n")
    assert read_secrets(file) == ["new", "old"]
    keys = Keyring(["new", "old"])
    assert keys.signing("tokens") == Keyring(["new"]).signing("tokens")
    assert set(keys.all("tokens")) == {Keyring([one]).signing("tokens")[0] for one in ("new", "old")}


def test_each_purpose_has_its_own_key() -> None:
    keys = Keyring(["secret"])
    assert keys.signing("tokens")[1] != keys.signing("cursors")[1]


def test_replacing_takes_effect_at_once_and_needs_a_secret() -> None:
    keys = Keyring(["old"])
    keys.replace(["new"])
    assert keys.signing("x") == Keyring(["new"]).signing("x")
    with pytest.raises(ValueError, match="needs a secret"):
        keys.replace([])
