"""Waiting for a database: for what may come back, and for no longer than was asked."""

import logging

import pytest

from gamekeeper.log.patience import outlast

pytestmark = pytest.mark.anyio


class Fails:
    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.tries = 0

    async def __call__(self) -> None:
        self.tries += 1
        if self.errors:
            raise self.errors.pop(0)


async def test_what_is_away_is_tried_again_and_said_to_be(caplog: pytest.LogCaptureFixture) -> None:
    attempt = Fails(ConnectionRefusedError("no"))
    with caplog.at_level(logging.WARNING, "gamekeeper.database"):
        await outlast(attempt, (OSError,), 60.0, lambda error: f"PostgreSQL said {error}")
    assert attempt.tries == 2
    assert caplog.messages == ["waiting 0.2 s for the database: PostgreSQL said no"]


async def test_anything_else_is_raised_at_once() -> None:
    attempt = Fails(ValueError("never"))
    with pytest.raises(ValueError, match="never"):
        await outlast(attempt, (OSError,), 60.0)
    assert attempt.tries == 1


async def test_patience_ends() -> None:
    attempt = Fails(OSError("first"), OSError("second"))
    with pytest.raises(OSError, match="first"):
        await outlast(attempt, (OSError,), 0.0)
    assert attempt.tries == 1
