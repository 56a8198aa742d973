"""Positions that say nothing to the seat that holds them.

A dense number would tell a player that something hidden happened. A cursor is a keyed permutation of (epoch, seq): a
four-round Feistel network over 64 bits with keyed BLAKE2b as round function (Luby & Rackoff 1988), one key per room.
"""

import re
from hashlib import blake2b

_CURSOR = re.compile("[0-9a-f]{16}")
_ROUNDS = 4
_HALF = 0xFFFFFFFF
EPOCH_BITS = 16
MAX_SEQ = (1 << (64 - EPOCH_BITS)) - 1


class Cursors:
    """Turns positions of one room into cursors and back."""

    __slots__ = ("_epoch", "_states")

    def __init__(self, secret: bytes, room: str, epoch: int) -> None:
        self._epoch = epoch & ((1 << EPOCH_BITS) - 1)
        key = blake2b(room.encode(), key=secret[:64], digest_size=32).digest()
        self._states = [blake2b(key=key, salt=bytes([number]), digest_size=4) for number in range(_ROUNDS)]

    def at(self, seq: int) -> str:
        """The cursor of a position, 16 hexadecimal digits."""
        left, right = divmod((self._epoch << (64 - EPOCH_BITS)) | seq, 1 << 32)
        for number in range(_ROUNDS):
            left, right = right, left ^ self._round(number, right)
        return f"{left << 32 | right:016x}"

    def seq(self, cursor: str) -> int | None:
        """The position of a cursor; None if it is not of this room and epoch."""
        if not _CURSOR.fullmatch(cursor):
            return None
        left, right = divmod(int(cursor, 16), 1 << 32)
        for number in reversed(range(_ROUNDS)):
            left, right = right ^ self._round(number, left), left
        value = left << 32 | right
        return value & MAX_SEQ if value >> (64 - EPOCH_BITS) == self._epoch else None

    def _round(self, number: int, half: int) -> int:
        state = self._states[number].copy()
        state.update(half.to_bytes(4, "big"))
        return int.from_bytes(state.digest(), "big") & _HALF
