"""`gamekeeper users`."""

from pathlib import Path

import pytest

from tests.server.cli.kit import Shell

PASSWORD = "correct horse\n"


@pytest.fixture
def data(tmp_path: Path) -> str:
    return str(tmp_path / "data")


def test_add_list_change_revoke(shell: Shell, data: str) -> None:
    added = shell("users", "add", "Ann", "--admin", "--name", "Ann Lee", "--data", data, stdin=PASSWORD)
    assert (added.status, added.out) == (0, "added ann (administrator)\n")
    (ann,) = shell("users", "list", "--data", data, "--json").json
    assert (ann["username"], ann["name"], ann["roles"], ann["disabled"]) == ("ann", "Ann Lee", "admin", False)
    assert shell("users", "set-role", "ann", "user", "--data", data).status == 0
    assert shell("users", "revoke", "ann", "--disable", "--data", data).status == 0
    (ann,) = shell("users", "list", "--data", data, "--json").json
    assert (ann["roles"], ann["disabled"]) == ("", True)
    assert "Ann Lee" in shell("users", "list", "--data", data).out


def test_a_password_can_be_made_up(shell: Shell, data: str) -> None:
    added = shell("users", "add", "ann", "--generate", "--data", data)
    assert added.status == 0 and len(added.out.rpartition("password: ")[2].strip()) == 16


@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [
        (("add", "x"), PASSWORD),
        (("add", "annie"), "short\n"),
        (("add", "annie"), ""),
        (("set-role", "nobody", "admin"), ""),
        (("set-role", "annie", "emperor"), ""),
        (("revoke", "nobody"), ""),
    ],
)
def test_refusals(shell: Shell, data: str, arguments: tuple[str, ...], stdin: str) -> None:
    failed = shell("users", *arguments, "--data", data, stdin=stdin)
    assert failed.status == 2 and failed.err.startswith("gamekeeper: ")


def test_a_name_is_taken_once(shell: Shell, data: str) -> None:
    assert shell("users", "add", "annie", "--data", data, stdin=PASSWORD).status == 0
    again = shell("users", "add", "ANNIE", "--data", data, stdin=PASSWORD)
    assert again.status == 2 and "taken" in again.err


def test_a_disabled_account_is_kept_and_can_be_restored(shell: Shell, data: str) -> None:
    """R0-25: nothing of an account is deleted."""

    def disabled(username: str) -> bool:
        listed = shell("users", "list", "--json", "--data", data).json
        return next(bool(one["disabled"]) for one in listed if one["username"] == username)

    assert shell("users", "add", "comeback", "--data", data, stdin=PASSWORD).status == 0
    assert shell("users", "revoke", "comeback", "--disable", "--data", data).status == 0
    assert disabled("comeback")
    assert shell("users", "restore", "comeback", "--data", data).status == 0
    assert not disabled("comeback")
