"""Three nouns for what goes wrong."""

import pytest

from gamekeeper.core.errors import ErrorCode, Fault, InvariantViolated, Misuse, Rejected, Undecodable


def test_codes_are_stable_snake_case_words() -> None:
    for code in ErrorCode:
        assert code.value == code.name.lower() == str(code)


def test_a_rejection_carries_what_the_sender_is_told() -> None:
    rejected = Rejected(ErrorCode.RATE_LIMITED, "slowly", field="side", retry_after_s=1.5)
    assert (rejected.code, rejected.message, rejected.field, rejected.retry_after_s) == (
        "rate_limited",
        "slowly",
        "side",
        1.5,
    )
    assert type(rejected.code) is str
    assert str(rejected) == "rate_limited: slowly"


def test_a_code_alone_explains_itself() -> None:
    rejected = Rejected("already_shown")
    assert (rejected.message, rejected.field, rejected.retry_after_s) == ("already shown", None, None)


@pytest.mark.parametrize("fault", [InvariantViolated, Undecodable])
def test_faults_are_neither_rejections_nor_misuse(fault: type[Exception]) -> None:
    assert issubclass(fault, Fault)
    assert not issubclass(Fault, Rejected | Misuse)
