"""Two programs written apart count the same: random games of every type, under every rule."""

import json
from random import Random

import pytest

from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.export import export
from gamekeeper_apps.quiz.game import Quiz
from gamekeeper_apps.quiz.recount import matches, recount
from tests.apps.quiz.stage import EVERY, SINGLE, Stage, options

RULES = [
    {"preset": "kahoot", "streak": True, "tiebreak": "time"},
    {"preset": "linear", "penalty": 333, "floor": "none"},
    {"preset": "flat", "confidence": True},
    {"preset": "kahoot", "penalty": 50, "presenter_credit": "average", "shuffle": "seat"},
]


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: str(rules["preset"]))
@pytest.mark.parametrize("seed", range(3))
def test_both_agree(seed: int, rules: dict[str, object]) -> None:
    rng = Random(f"{seed}{rules}")
    stage = Stage(*(f"P{number}" for number in range(6)), questions=EVERY, settings=rules, seed=str(seed), start=False)
    stage.host.send(m.AddSegment("Two", (SINGLE, SINGLE)))
    stage.host.send(m.SetPresenter(1, stage.players["P0"].seat))
    stage.host.send(m.Start())
    for _ in range(len(EVERY)):
        ask_all(stage, rng)
    stage.host.send(m.Next())
    stage.host.send(m.Intro())
    late = stage.table.join("Late")
    stage.players["Late"] = late
    for _ in range(2):
        ask_all(stage, rng)
    stage.host.send(m.Void(rng.randint(1, 10)))
    if stage.room.asks[14].void is False:
        fixed = type(SINGLE)("single", SINGLE.text, options=options("Paris", "Rome", "Bonn", "Oslo", right=(2,)))
        stage.host.send(m.FixKey(14, fixed))
    stage.host.send(m.Kick(stage.players["P5"].seat))
    stage.host.send(m.End())
    exported = json.loads(export("R", stage.table.records, "json"))
    assert matches(exported), recount(exported)
    assert any(row["score"] for row in exported["totals"]["gathering"])


def ask_all(stage: Stage, rng: Random) -> None:
    stage.show(rng.random() * 3)
    for player in stage.players.values():
        command = Quiz().bot(player.public, player.private, rng)
        if command is not None and rng.random() > 0.2 and stage.room.phase == "open":
            player.send(command)
            stage.table.advance(rng.random())
    stage.reveal()
    if stage.ask.question.type == "open":
        for seat, player in stage.room.players.items():
            if stage.ask.id in player.answers:
                stage.host.send(m.Grade(stage.ask.id, seat, round(rng.random(), 2)))
