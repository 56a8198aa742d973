"""What accounts may be called."""

import pytest

from gamekeeper import Rejected
from gamekeeper.core.errors import ErrorCode
from gamekeeper.server.auth.usernames import check_password, clean_username


@pytest.mark.parametrize(("typed", "name"), [(" Ann.Lee ", "ann.lee"), ("\uff21nn", "ann"), ("a1_b-2", "a1_b-2")])
def test_one_spelling(typed: str, name: str) -> None:
    assert clean_username(typed) == name


@pytest.mark.parametrize(
    "typed", ["", "ab", "x" * 33, ".ann", "ann.", "an..n", "an n", "änn", "ann\u200b", "ann'--", "system", "Guest"]
)
def test_other_names_are_refused(typed: str) -> None:
    with pytest.raises(Rejected) as caught:
        clean_username(typed)
    assert (caught.value.code, caught.value.field) == (ErrorCode.BAD_NAME, "username")


@pytest.mark.parametrize("password", ["", "1234567", "x" * 1025, "Some.User"])
def test_passwords_that_are_no_protection(password: str) -> None:
    with pytest.raises(Rejected) as caught:
        check_password(password, "some.user")
    assert caught.value.field == "password"


def test_any_long_password_will_do() -> None:
    check_password("correct horse battery", "some.user")
    check_password("пароль-пароль", "some.user")
