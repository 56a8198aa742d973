"""Codes tried in vain. Who knows a code is let in however many came before; who guesses is soon told to wait.

A class, a hall, a household share one address, so failures are limited and not joins: after a few wrong codes an
address hears nothing of further wrong ones but that it should wait, while right ones go on working. What keeps guessing
hopeless are two bounds on codes of digits, which are few: one of the whole server, and one of an address, so that none
of them alone can use up the server's. Codes with letters are too many to be guessed.
"""

from collections.abc import Callable
from typing import NamedTuple

from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.server.codes import is_digits
from gamekeeper.server.limits import HttpLimits

EVERYBODY = "everybody"


class GuessRates(NamedTuple):
    """How many wrong codes, as rate classes are written."""

    address: str
    """Of any kind, by address: further ones hear that they should wait."""
    address_digits: str
    """Of digits, by address: further codes of digits are not looked at."""
    digits: str
    """Of digits, of the whole server: likewise."""


class Guesses:
    """Counts wrong codes: by address, and those of digits alone of the whole server."""

    def __init__(self, rates: GuessRates, max_keys: int, now: Callable[[], float]) -> None:
        self._limits = HttpLimits(rates._asdict(), max_keys, now)

    def allow(self, code: str, address: str) -> None:
        """Raises `Rejected("rate_limited")` while codes of digits are not looked at, from this address or from any."""
        if is_digits(code):
            spent = self._limits.spent("address_digits", address) or self._limits.spent("digits", EVERYBODY)
            if spent is not None:
                raise _wait(spent)

    def wrong(self, code: str, address: str) -> None:
        """One more. Raises `Rejected("rate_limited")` where it is one too many for a plain answer."""
        spent = self._limits.spent("address", address)
        self._limits.count("address", address)
        if is_digits(code):
            self._limits.count("address_digits", address)
            self._limits.count("digits", EVERYBODY)
        if spent is not None:
            raise _wait(spent)


def _wait(spent: float) -> Rejected:
    return Rejected(ErrorCode.RATE_LIMITED, "too many wrong codes", field="code", retry_after_s=spent)
