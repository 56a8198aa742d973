"""Which cell is asked next: drawn anew each round, balanced over blocks, or derived from a committed secret."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from hmac import compare_digest
from hmac import digest as hmac_digest
from random import Random
from typing import Literal

from gamekeeper_apps.chsh.cells import Cell

ScheduleName = Literal["iid", "balanced"]

BLOCK_ROUNDS = {"chsh": 16, "hardy": 16, "symmetric": 24}
SECRET_BYTES = 32


def draw_iid(cells: Sequence[Cell], rng: Random) -> tuple[Cell, float]:
    """Uniform over the cells, and the probability it had."""
    return cells[rng.randrange(len(cells))], 1 / len(cells)


def draw_balanced(cells: Sequence[Cell], asked: Mapping[Cell, int], per_block: int, rng: Random) -> tuple[Cell, float]:
    """Uniform over the cells not yet asked `per_block` times in this block. The past gives part of the future away:
    an adaptive local pair wins 86.36 % of these rounds, so such a run gets no P- or e-values."""
    open_cells = [cell for cell in cells if asked.get(cell, 0) < per_block]
    return open_cells[rng.randrange(len(open_cells))], 1 / len(open_cells)


def commitment(secret: bytes) -> str:
    """What is published when a run opens: the SHA-256 of its secret, in hexadecimal."""
    return sha256(secret).hexdigest()


def committed_cell(secret: bytes, room: str, run: int, pair: int, round: int, cells: Sequence[Cell]) -> Cell:
    """The cell that HMAC-SHA256(secret, room|run|pair|round) says. The bias of the remainder is below 2^-252."""
    mark = hmac_digest(secret, f"{room}|{run}|{pair}|{round}".encode(), "sha256")
    return cells[int.from_bytes(mark, "big") % len(cells)]


def verify_commitment(
    published: str, secret: bytes, room: str, run: int, asked: Mapping[tuple[int, int], Cell], cells: Sequence[Cell]
) -> list[tuple[int, int]]:
    """The (pair, round)s whose letters are not what the secret says; all of them if the secret is not the published
    one. Empty: the questions were fixed before the run."""
    if not compare_digest(commitment(secret), published):
        return sorted(asked)
    return sorted(key for key, cell in asked.items() if committed_cell(secret, room, run, *key, cells) != cell)
