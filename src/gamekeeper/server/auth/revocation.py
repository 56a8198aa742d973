"""Credentials taken back before they expire.

Access tokens are checked without a look into the database, so what was revoked within the life of one is kept in
memory, and learned from a table where every process of the server (and the command line) writes it.
"""

from collections import OrderedDict
from collections.abc import Callable

from gamekeeper.server.auth.identity import Identity
from gamekeeper.server.auth.tokens import unauthenticated

MAX_REMEMBERED = 100_000

Revoked = Callable[[str, float], None]
"""Told of a user or login whose tokens issued up to a time (seconds since the epoch) no longer count."""


class Revocations:
    """What is revoked. `subject` is a user's id (all of theirs) or a login's (that one)."""

    def __init__(self, life_s: float, now: Callable[[], float], max_remembered: int = MAX_REMEMBERED) -> None:
        self.listeners: list[Revoked] = []
        self._life_s = life_s
        self._now = now
        self._max_remembered = max_remembered
        self._revoked: OrderedDict[str, float] = OrderedDict()
        self._everything_until = 0.0

    def __len__(self) -> int:
        return len(self._revoked)

    def revoke(self, subject: str, at: float) -> None:
        """Take back what was issued to a subject up to `at`, and tell those who hold sockets open. Safe to repeat."""
        if self._revoked.get(subject, 0.0) >= at:
            return
        self._forget_expired()
        if len(self._revoked) >= self._max_remembered:
            # Too much to remember: everybody refreshes once rather than somebody revoked staying in.
            self._everything_until = at
            self._revoked.clear()
        self._revoked[subject] = at
        self._revoked.move_to_end(subject)
        for listener in self.listeners:
            listener(subject, at)

    def check(self, identity: Identity) -> None:
        """Raises `Rejected("unauthenticated")` if this credential was taken back."""
        if identity.issued_at <= max(
            self._revoked.get(identity.user, 0.0), self._revoked.get(identity.login, 0.0), self._everything_until
        ):
            raise unauthenticated("the credential was revoked")

    def _forget_expired(self) -> None:
        """Tokens issued before then have expired by themselves."""
        horizon = self._now() - self._life_s
        while self._revoked and next(iter(self._revoked.values())) < horizon:
            self._revoked.popitem(last=False)
