"""Password hashes: Argon2id, computed off the loop, few at a time."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gamekeeper.core.errors import ErrorCode, Rejected

Result = TypeVar("Result")

AT_ONCE = 2
WAITING = 64
"""Hashes that may wait; further ones are refused."""


class Passwords:
    """Hashes and verifies. 19 MiB, 2 passes, 1 lane: the first choice of the OWASP Password Storage Cheat Sheet."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """Raises `Rejected("capacity")` when too many wait."""
        return await self._run(lambda: self._hasher.hash(password))

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password is right. Without a stored hash it takes as long and is wrong."""
        return await self._run(lambda: self._verify(stored, password))

    def is_outdated(self, stored: str) -> bool:
        """Whether it was made with other parameters and should be made anew at the next login."""
        return self._hasher.check_needs_rehash(stored)

    async def _run(self, work: Callable[[], Result]) -> Result:
        if self._waiting >= WAITING:
            raise Rejected(ErrorCode.CAPACITY, "too many logins at once", retry_after_s=2.0)
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1

    def _verify(self, stored: str | None, password: str) -> bool:
        if stored is None and self._nobodys is None:
            self._nobodys = self._hasher.hash("nobody's password")
        try:
            return self._hasher.verify(stored or self._nobodys or "", password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False
