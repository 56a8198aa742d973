"""A rehearsal of the Bell game with people in it."""

from typing import Any

import pytest

from gamekeeper import Rejected
from gamekeeper.room.limits import Limits
from gamekeeper.testing import Rehearsal, Seated
from gamekeeper_apps.chsh import messages as m
from gamekeeper_apps.chsh.game import Chsh
from gamekeeper_apps.chsh.strategies import BEST_TABLE

UNLIMITED = Limits(rate_factor=1e6)


class Table:
    """A host, pairs of players, one run."""

    def __init__(self, pairs: int = 1, *, seed: str | None = "table", limits: Limits = UNLIMITED, **plan: Any) -> None:
        self.room = Rehearsal(Chsh(), seed=seed, limits=limits)
        self.host = self.room.host
        self.players = [self.room.join(f"Player {number}") for number in range(2 * pairs)]
        self.host.send(m.OpenRun(**{"planned_rounds": 20, "feedback_pause_s": 0.0, "deadline_s": None} | plan))
        self.run = self.room.state.run.id
        self.host.send(m.StartRun(self.run))

    def answer(self, player: Seated, given: Any = None, round: int | None = None) -> None:
        question = player.private["question"]
        number = round if round is not None else question["round"]
        player.send(m.Answer(self.run, number, given or BEST_TABLE[question["letter"]]))

    def play(self, rounds: int) -> None:
        """Everybody answers by the best table, so many rounds (or to the end)."""
        for _ in range(rounds):
            for player in self.players:
                if player.private["question"] is not None:
                    self.answer(player)

    def pair(self, id: int = 1) -> Any:
        return self.room.state.pairs[id]


def refused(code: str, sender: Seated, command: object) -> None:
    """It is, and changes nothing."""
    before = sender._rehearsal.room.fold.seq
    with pytest.raises(Rejected) as caught:
        sender.send(command)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert sender._rehearsal.room.fold.seq == before, "a refusal changes nothing"
