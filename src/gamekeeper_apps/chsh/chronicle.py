"""A room's rounds and answers as its log tells them: what every export and every replay is made of."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gamekeeper import Record
from gamekeeper_apps.chsh import messages as m
from gamekeeper_apps.chsh.folding import fold
from gamekeeper_apps.chsh.game import Chsh
from gamekeeper_apps.chsh.state import Pair, Room, Run

Row = dict[str, Any]


def stamp(at: datetime | None) -> str | None:
    """UTC, ISO-8601, milliseconds."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z" if at is not None else None


@dataclass
class Chronicle:
    """Rows of closed rounds and of locked answers, in the order of the log; an open round is in neither."""

    room: str
    rounds: list[Row] = field(default_factory=list[Row])
    answers: list[Row] = field(default_factory=list[Row])
    state: Room = field(default_factory=Room)
    _asked: dict[int, m.QuestionAsked] = field(default_factory=dict[int, m.QuestionAsked])
    _locked: dict[int, dict[int, m.AnswerLocked]] = field(default_factory=dict[int, dict[int, m.AnswerLocked]])

    def take(self, event: m.Fact) -> None:
        """The next event of the log."""
        match event:
            case m.QuestionAsked(pair):
                self._asked[pair], self._locked[pair] = event, {}
            case m.AnswerLocked(pair, _, position):
                self._locked.setdefault(pair, {})[position] = event
            case m.RoundScored() | m.RoundVoided():
                self._close(event)
            case _:
                pass
        self.state = fold(self.state, event)

    def _close(self, event: m.RoundScored | m.RoundVoided) -> None:
        run, pair = self.state.run, self.state.pairs.get(event.pair)
        asked, locked = self._asked.get(event.pair), self._locked.get(event.pair, {})
        if run is None or pair is None or asked is None or asked.round != event.round:
            return
        scored = isinstance(event, m.RoundScored)
        self.rounds.append(self._round(run, pair, asked, locked, event))
        for position in sorted(locked):
            self.answers.append(self._answer(run, pair, asked, locked[position], scored))

    def _round(
        self,
        run: Run,
        pair: Pair,
        asked: m.QuestionAsked,
        locked: dict[int, m.AnswerLocked],
        event: m.RoundScored | m.RoundVoided,
    ) -> Row:
        scored = isinstance(event, m.RoundScored)
        plan = run.plan
        first, second = locked.get(1), locked.get(2)
        return {
            "room": self.room,
            "run": run.id,
            "mode": plan.mode,
            "schedule": plan.schedule,
            "condition": plan.condition,
            "planned_rounds": plan.planned_rounds,
            "pair": pair.id,
            "pair_name": pair.name,
            "round": asked.round,
            "seat1_item": asked.letter1,
            "seat2_item": asked.letter2,
            "seat1_answer": first.answer if first else None,
            "seat2_answer": second.answer if second else None,
            "same": event.same if isinstance(event, m.RoundScored) else None,
            "win": event.win if isinstance(event, m.RoundScored) else None,
            "scored": scored,
            "void_reason": None if isinstance(event, m.RoundScored) else event.reason,
            "q": repr(asked.q),
            "device": plan.device,
            "visibility": plan.visibility if plan.device == "quantum" else None,
            "question_source": run.source,
            "asked_at": stamp(asked.at),
            "seat1_answered_at": stamp(first.at) if first else None,
            "seat2_answered_at": stamp(second.at) if second else None,
            "closed_at": stamp(event.at),
        }

    def _answer(self, run: Run, pair: Pair, asked: m.QuestionAsked, locked: m.AnswerLocked, scored: bool) -> Row:
        latency = (locked.at - asked.at).total_seconds() * 1000
        return {
            "room": self.room,
            "run": run.id,
            "pair": pair.id,
            "pair_name": pair.name,
            "round": asked.round,
            "seat": locked.position,
            "player": pair.seats[locked.position - 1],
            "item": asked.letter1 if locked.position == 1 else asked.letter2,
            "answer": locked.answer,
            "asked_at": stamp(asked.at),
            "answered_at": stamp(locked.at),
            "latency_ms": round(latency, 3),
            "by_bot": locked.by_bot,
            "counted": scored,
        }


def chronicle(room: str, records: list[Record]) -> Chronicle:
    """From a room's log, without names while the host hides them. Raises what a log of another application raises."""
    told = Chronicle(room)
    game = Chsh()
    for record in records:
        event = game.read(record)
        if event is not None:
            told.take(event)
    if told.state.policy.anonymous:
        for row in told.rounds + told.answers:
            row["pair_name"] = f"Pair {row['pair']}"
    return told
