"""The only door through which time and chance reach the rules."""

import random
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import msgspec

from gamekeeper.core.record import MICROSECONDS
from gamekeeper.core.seats import Role, Seat

_system_random = random.SystemRandom()


class Context(msgspec.Struct, eq=False):
    """Who asks, when, and with what luck. One per command.

    `rng` draws from the operating system's CSPRNG; in a room opened with a seed it is a function of the seed and the
    position in the log. Whatever it decides must leave in an event: replay never draws again.
    """

    seat: Seat
    role: Role
    user: str
    at: int
    _seq: int
    _seed: str | None
    room: str = ""
    received_at: int = 0
    rtt_ms: float | None = None
    command_id: str = ""
    """`session:n` of the command, the same however often it was sent; empty: the framework's own."""
    _rng: random.Random | None = None

    @property
    def received(self) -> datetime:
        """When the frame was read from its socket, before any queue: what a race is judged by. Where nothing came over
        a socket, `now`. `rtt_ms` beside it is the least of the sender's last round trips as the server measured them;
        None: not known. Both are evidence that a client can make worse for itself, never better."""
        return moment(self.received_at or self.at)

    @property
    def now(self) -> datetime:
        """The time of this command, UTC."""
        return moment(self.at)

    def after(self, *, seconds: float) -> datetime:
        """The moment that many seconds from now: what deadlines are made of."""
        return self.now + timedelta(seconds=seconds)

    @property
    def seeded(self) -> bool:
        return self._seed is not None

    @property
    def rng(self) -> random.Random:
        """Randomness for this command: one generator, drawn from again and again."""
        if self._rng is None:
            self._rng = self.stream("command", self._seq)
        return self._rng

    def stream(self, *key: object) -> random.Random:
        """Randomness that belongs to `key` alone, so that in a seeded room the order in which commands arrive does
        not change what each key draws. There the same key begins anew each time: name the round in it too."""
        if self._seed is None:
            return _system_random
        return seeded_stream(self._seed, *key)


def seeded_stream(seed: str, *key: object) -> random.Random:
    """The generator of one key of a seeded room (SHA-256 of seed and key feeds a Mersenne Twister)."""
    text = "".join(f"{len(part)}:{part}" for part in [seed, *map(str, key)])
    return random.Random(int.from_bytes(sha256(text.encode()).digest(), "big"))


def moment(at: int) -> datetime:
    """Microseconds since the epoch as a UTC datetime, exactly."""
    seconds, microseconds = divmod(at, MICROSECONDS)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=microseconds)
