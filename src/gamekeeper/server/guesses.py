"""Codes tried in vain. Who knows a code is let in however many came before; who guesses is soon told to wait."""

from collections.abc import Callable

from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.server.codes import is_digits
from gamekeeper.server.limits import HttpLimits

EVERYBODY = "everybody"


class Guesses:
    """Counts wrong codes: by address, and those of digits alone of the whole server, as they are few."""

    def __init__(self, by_address: str, digits: str, max_keys: int, now: Callable[[], float]) -> None:
        self._limits = HttpLimits({"address": by_address, "digits": digits}, max_keys, now)

    def allow(self, code: str, address: str) -> None:
        """Raises `Rejected("rate_limited")` while an address, or for digits everybody, has guessed too often."""
        spent = self._limits.spent("address", address)
        if spent is None and is_digits(code):
            spent = self._limits.spent("digits", EVERYBODY)
        if spent is not None:
            raise Rejected(ErrorCode.RATE_LIMITED, "too many wrong codes", field="code", retry_after_s=spent)

    def wrong(self, code: str, address: str) -> None:
        """One more."""
        self._limits.count("address", address)
        if is_digits(code):
            self._limits.count("digits", EVERYBODY)
