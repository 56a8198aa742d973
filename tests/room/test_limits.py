"""Every limit is a bound that something can pass."""

import msgspec

from gamekeeper.room.limits import DEFAULT_LIMITS, Limits


def test_defaults_are_positive_and_each_explains_itself() -> None:
    assert Limits() == DEFAULT_LIMITS
    for name in Limits.__struct_fields__:
        assert getattr(DEFAULT_LIMITS, name) > 0, name


def test_one_limit_can_be_changed() -> None:
    assert msgspec.structs.replace(DEFAULT_LIMITS, mailbox=1).mailbox == 1
