"""How bots answer. A pair may agree on anything beforehand (a seed), and then each knows its own letters only.

`leaky` is the exception: a harness that holds both sockets tells seat 2 the other's letter, and says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from gamekeeper_apps.chsh.cells import Answer, Cell, must_differ

StrategyName = Literal["random", "classical", "classical-mix", "quantum", "pr-box", "leaky", "predictor", "human"]
STRATEGIES: tuple[StrategyName, ...] = (
    "random", "classical", "classical-mix", "quantum", "pr-box", "leaky", "predictor", "human",
)  # fmt: skip

Table = Mapping[str, Answer]
"""An answer for each letter: all a deterministic local player can be."""

BEST_TABLE: Table = {"A": "T", "B": "T", "X": "T", "Y": "F"}
LOSING_ON: dict[Cell, Table] = {
    "AY": BEST_TABLE,
    "BY": {"A": "T", "B": "T", "X": "T", "Y": "T"},
    "BX": {"A": "T", "B": "F", "X": "T", "Y": "T"},
    "AX": {"A": "F", "B": "T", "X": "T", "Y": "F"},
}
"""The four tables that lose exactly one cell, by that cell."""

SLIP = 0.1
LEAKY_TRUE = 0.9
DROP = 0.02
MEDIAN_DELAY_S = 1.5
DELAY_SIGMA = 0.6


def flipped(answer: Answer) -> Answer:
    return "F" if answer == "T" else "T"


@dataclass(frozen=True)
class Moment:
    """What a bot knows when it answers. `outcome`: what the device gave it; `leaked`: the other's letter, where a
    harness tells; `block`: how often each cell was asked in this block, as the feedback showed."""

    letter: str
    round: int
    position: int
    outcome: Answer | None = None
    leaked: str | None = None
    block: Mapping[Cell, int] | None = None


class Player:
    """One bot. `shared` is the pair's seed, `own` its private luck."""

    def __init__(self, strategy: StrategyName, shared: str, own: Random) -> None:
        self.strategy: StrategyName = strategy
        self._shared = shared
        self._own = own

    @property
    def measures(self) -> bool:
        """Whether it uses the device before it answers."""
        return self.strategy in ("quantum", "pr-box")

    def delay_s(self) -> float:
        """How long it thinks; 0 unless `human`."""
        return MEDIAN_DELAY_S * self._own.lognormvariate(0, DELAY_SIGMA) if self.strategy == "human" else 0.0

    def drops(self) -> bool:
        """Whether it loses its connection this round."""
        return self.strategy == "human" and self._own.random() < DROP

    def answer(self, moment: Moment) -> Answer:
        match self.strategy:
            case "quantum" | "pr-box":
                if moment.outcome is None:
                    raise ValueError("measure first")
                return moment.outcome
            case "random":
                return "T" if self._own.random() < 0.5 else "F"
            case "classical":
                return BEST_TABLE[moment.letter]
            case "human":
                planned = BEST_TABLE[moment.letter]
                return flipped(planned) if self._own.random() < SLIP else planned
            case "classical-mix":
                return self._mixed(moment)
            case "leaky":
                return self._leaky(moment)
            case "predictor":
                return self._predicted(moment)

    def _agreed(self, round: int) -> Random:
        """Luck that both have, round by round."""
        return Random(f"{self._shared}|{round}")

    def _mixed(self, moment: Moment) -> Answer:
        agreed = self._agreed(moment.round)
        table = LOSING_ON[agreed.choice(sorted(LOSING_ON))]
        answer = table[moment.letter]
        return flipped(answer) if agreed.random() < 0.5 else answer

    def _leaky(self, moment: Moment) -> Answer:
        coin: Answer = "T" if self._agreed(moment.round).random() < LEAKY_TRUE else "F"
        if moment.position == 1 or moment.leaked is None:
            return coin
        return flipped(coin) if must_differ(moment.leaked + moment.letter) else coin

    def _predicted(self, moment: Moment) -> Answer:
        """Lose where the block is least likely to ask again; both have seen the same past."""
        asked = moment.block or {}
        cell = max(sorted(LOSING_ON), key=lambda cell: asked.get(cell, 0))
        return LOSING_ON[cell][moment.letter]


def block_counts(cells: Sequence[Cell], block_rounds: int) -> dict[Cell, int]:
    """How often each cell has been asked in the block that the next round belongs to."""
    current = cells[len(cells) - len(cells) % block_rounds :]
    return {cell: current.count(cell) for cell in set(current)}
