"""Password hashes."""

import asyncio

import pytest
from argon2 import PasswordHasher

from gamekeeper import Rejected
from gamekeeper.core.errors import ErrorCode
from gamekeeper.server.auth import passwords
from gamekeeper.server.auth.passwords import Passwords

pytestmark = pytest.mark.anyio
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


async def test_the_right_password_alone_is_right() -> None:
    hasher = Passwords(CHEAP)
    stored = await hasher.hash("correct horse")
    assert stored.startswith("$argon2id$") and "correct" not in stored
    assert await hasher.verify(stored, "correct horse")
    assert not await hasher.verify(stored, "wrong horse")


async def test_nobody_has_no_password() -> None:
    hasher = Passwords(CHEAP)
    assert not await hasher.verify(None, "nobody's password")
    assert not await hasher.verify("garbage", "x")


async def test_old_parameters_are_noticed() -> None:
    assert Passwords().is_outdated(await Passwords(CHEAP).hash("x"))
    assert not Passwords(CHEAP).is_outdated(await Passwords(CHEAP).hash("x"))


async def test_a_crowd_is_refused_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "WAITING", 3)
    hasher = Passwords(CHEAP)
    results = await asyncio.gather(*(hasher.hash("x") for _ in range(10)), return_exceptions=True)
    refused = [result for result in results if isinstance(result, Rejected)]
    assert {rejected.code for rejected in refused} == {ErrorCode.CAPACITY} and len(refused) == 7
    assert await hasher.hash("x")
