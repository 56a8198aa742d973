"""The life of a round: ask, measure, answer, score; void, and the next draw."""

from collections.abc import Generator
from datetime import timedelta
from math import isfinite, pi
from random import Random
from typing import Any

from gamekeeper import Context, Map, Rejected, Seat
from gamekeeper_apps.chsh import messages as m
from gamekeeper_apps.chsh.cells import MODES, Answer, Cell, wins
from gamekeeper_apps.chsh.device import ANGLES, first_outcome, second_outcome
from gamekeeper_apps.chsh.schedule import BLOCK_ROUNDS, committed_cell, draw_balanced, draw_iid
from gamekeeper_apps.chsh.state import Pair, Question, Room, Run
from gamekeeper_apps.chsh.strategies import Moment, Player, flipped

Steps = Generator[m.Fact, Room, Room]
"""Yields events, receives states, returns the last one."""

BOTS_PAUSE_S = 0.5
"""Between rounds of a pair of two bots, which nobody else would slow down."""


def draw(room: Room, pair_id: int, ctx: Context) -> Steps:
    """Ask the next question if both seats are ready and there."""
    pair, run = room.pairs[pair_id], room.run
    if run is None or not room.playing or not pair.active or pair.question is not None or not all(pair.ready):
        return room
    if not all(room.players[seat].online or pair.bots[index] for index, seat in enumerate(pair.seats)):
        return room
    if finished(run, pair):
        return (yield m.PairFinished(pair_id))
    cell, q = _cell(run, pair, ctx)
    limit = run.plan.deadline_s
    closes_at = ctx.after(seconds=limit) if limit is not None else None
    room = yield m.QuestionAsked(pair_id, pair.asked + 1, cell[0], cell[1], q, ctx.now, closes_at)
    for position in (1, 2):
        if pair.bots[position - 1] is not None and room.pairs[pair_id].question is not None:
            room = yield from _play_bot(room, pair_id, position, ctx)
    return room


def finished(run: Run, pair: Pair) -> bool:
    planned = run.plan.planned_rounds
    return planned is not None and pair.scored >= planned


def _cell(run: Run, pair: Pair, ctx: Context) -> tuple[Cell, float]:
    """The next cell and the probability it had."""
    mode = MODES[run.plan.mode]
    rng = ctx.stream("question", run.id, pair.id, pair.asked + 1)
    if run.plan.schedule == "balanced":
        per_block = BLOCK_ROUNDS[mode.name] // len(mode.cells)
        block: Map[str, int] = Map() if sum(pair.block.values()) >= BLOCK_ROUNDS[mode.name] else pair.block
        return draw_balanced(mode.cells, block, per_block, rng)
    if run.secret is not None:
        cell = committed_cell(bytes.fromhex(run.secret), ctx.room, run.id, pair.id, pair.asked + 1, mode.cells)
        return cell, mode.q
    return draw_iid(mode.cells, rng)


def open_question(room: Room, seat: Seat, run_id: int, round_number: int) -> tuple[Run, Pair, Question]:
    """The open round a player speaks of. Raises `Rejected`."""
    run = room.run
    if run is None or run.phase in ("lobby", "ended") or run.id != run_id:
        raise Rejected("run_not_open", "this run is not open", field="run")
    if run.phase == "paused":
        raise Rejected("paused", "the run is paused")
    player = room.players.get(seat)
    pair = room.pairs.get(player.pair) if player is not None and player.pair is not None else None
    if pair is None or not pair.active or pair.question is None:
        raise Rejected("no_open_round", "no round is open for you")
    if pair.question.round != round_number:
        raise Rejected("wrong_round", f"round {pair.question.round} is the open one", field="round")
    return run, pair, pair.question


def measure(room: Room, command: m.Measure, ctx: Context) -> Steps:
    """A seat asks the device."""
    run, pair, question = open_question(room, ctx.seat, command.run, command.round)
    position = pair.position(ctx.seat)
    if run.plan.device == "off":
        raise Rejected("device_off", "there is no device in this run")
    if question.measured[position - 1] is not None:
        raise Rejected("already_measured", "you have measured in this round")
    if question.answers[position - 1] is not None:
        raise Rejected("already_answered", "you have answered this round")
    if command.angle is not None and not (run.plan.free_angle and isfinite(command.angle)):
        raise Rejected("bad_angle", "this run has no dial", field="angle")
    return (yield from _measure(room, run, pair.id, position, command.angle, ctx))


def _measure(room: Room, run: Run, pair_id: int, position: int, angle: float | None, ctx: Context) -> Steps:
    pair = room.pairs[pair_id]
    question = pair.question
    if question is None:
        return room
    letter = question.cell[position - 1]
    turned = (angle if angle is not None else ANGLES[letter]) % (2 * pi)
    luck: Random = ctx.stream("device", run.id, pair_id, question.round)
    coin_and_agree = luck.random(), luck.random()
    other = question.measured[2 - position]
    if other is None:
        result = first_outcome(run.plan.device, letter, coin_and_agree[0])
    else:
        plan, difference = run.plan, turned - other[0]
        result = second_outcome(plan.device, plan.visibility, question.cell, difference, other[1], coin_and_agree)
    room = yield m.Measured(pair_id, question.round, position, turned, result)
    if run.plan.answer_is_outcome:
        room = yield from _lock(room, pair_id, position, result, ctx, by_bot=pair.bots[position - 1] is not None)
    return room


def answer(room: Room, command: m.Answer, ctx: Context) -> Steps:
    """A seat locks its answer. The same again is fine, another is refused."""
    if command.answer not in ("T", "F"):
        raise Rejected("bad_answer", "an answer is T or F", field="answer")
    given: Answer = command.answer
    if repeated(room, command, given, ctx.seat):
        return room
    _, pair, question = open_question(room, ctx.seat, command.run, command.round)
    position = pair.position(ctx.seat)
    if question.answers[position - 1] is not None:
        raise Rejected("already_answered", "you have answered this round")
    return (yield from _lock(room, pair.id, position, given, ctx))


def repeated(room: Room, command: m.Answer, given: str, seat: Seat) -> bool:
    """Whether this very answer is locked already, in the open round or the one just closed."""
    player = room.players.get(seat)
    pair = room.pairs.get(player.pair) if player is not None and player.pair is not None else None
    if pair is None or room.run is None or room.run.id != command.run:
        return False
    index = pair.position(seat) - 1
    for known in (pair.question, pair.last):
        if known is not None and known.round == command.round and known.answers[index] is not None:
            if known.answers[index] == given:
                return True
            raise Rejected("already_answered", "you have answered this round differently")
    return False


def _lock(room: Room, pair_id: int, position: int, given: Answer, ctx: Context, by_bot: bool = False) -> Steps:
    question = room.pairs[pair_id].question
    if question is None:
        return room
    room = yield m.AnswerLocked(pair_id, question.round, position, given, ctx.now, by_bot)
    locked = room.pairs[pair_id].question
    if locked is None or locked.answers[0] is None or locked.answers[1] is None:
        return room
    first, second = locked.answers[0], locked.answers[1]
    room = yield m.RoundScored(pair_id, locked.round, first == second, wins(locked.cell, first, second), ctx.now)
    return (yield from after_close(room, pair_id, ctx))


def after_close(room: Room, pair_id: int, ctx: Context) -> Steps:
    """A round has closed: the pair is done, or goes on at once where there is no pause to read the feedback."""
    pair, run = room.pairs[pair_id], room.run
    if run is None:
        return room
    if finished(run, pair):
        room = yield m.PairFinished(pair_id)
        return (yield from end_if_all_done(room, ctx))
    if all(pair.bots):
        return room
    for position in (1, 2):
        if run.plan.feedback_pause_s <= 0 or pair.bots[position - 1] is not None:
            room = yield m.SeatReady(pair_id, position)
    return (yield from draw(room, pair_id, ctx))


def end_if_all_done(room: Room, ctx: Context) -> Steps:
    """The run ends for the room when all open pairs are done."""
    run = room.run
    open_pairs = [pair for pair in room.pairs.values() if pair.closed_reason is None]
    if run is not None and room.playing and open_pairs and all(pair.finished for pair in open_pairs):
        return (yield m.RunEnded(run.id, "planned", ctx.now))
    return room


def void(room: Room, pair_id: int, reason: str, ctx: Context) -> Steps:
    """Close the open round without a score."""
    question = room.pairs[pair_id].question
    if question is None:
        return room
    silent = tuple(position for position in (1, 2) if question.answers[position - 1] is None)
    return (yield m.RoundVoided(pair_id, question.round, reason, silent, ctx.now))


def be_ready(room: Room, command: m.BeReady, ctx: Context) -> Steps:
    """A player has read the feedback."""
    player = room.players.get(ctx.seat)
    pair = room.pairs.get(player.pair) if player is not None and player.pair is not None else None
    if room.run is None or room.run.id != command.run:
        raise Rejected("run_not_open", "this run is not open", field="run")
    if pair is None or not pair.active:
        raise Rejected("no_open_round", "you have no pair")
    position = pair.position(ctx.seat)
    if pair.question is not None or command.round != pair.asked or pair.ready[position - 1]:
        return room
    room = yield m.SeatReady(pair.id, position)
    return (yield from draw(room, pair.id, ctx))


def pause_is_over(room: Room, pair_id: int, ctx: Context) -> Steps:
    """Whoever has not dismissed the feedback has had it long enough."""
    pair = room.pairs[pair_id]
    for position in (1, 2):
        if not pair.ready[position - 1]:
            room = yield m.SeatReady(pair_id, position)
    return (yield from draw(room, pair_id, ctx))


def round_timed_out(room: Room, pair_id: int, ctx: Context) -> Steps:
    """The deadline of an open round."""
    room = yield from void(room, pair_id, "deadline", ctx)
    return (yield from after_close(room, pair_id, ctx))


def ready_at(run: Run, pair: Pair) -> Any:
    """When the pair's feedback pause is over; None: nobody waits for it."""
    if pair.last is None or pair.question is not None or all(pair.ready) or not pair.active:
        return None
    pause_s = max(run.plan.feedback_pause_s, BOTS_PAUSE_S) if all(pair.bots) else run.plan.feedback_pause_s
    return pair.last.at + timedelta(seconds=pause_s)


def _play_bot(room: Room, pair_id: int, position: int, ctx: Context) -> Steps:
    """A seated bot answers at once, knowing what a player in its place would."""
    pair, run = room.pairs[pair_id], room.run
    question, strategy = pair.question, pair.bots[position - 1]
    if run is None or question is None or strategy is None:
        return room
    bot = Player(strategy, f"{run.id}|{pair_id}", ctx.stream("bot", run.id, pair_id, question.round, position))  # type: ignore[arg-type]
    result: Answer | None = None
    if bot.measures and run.plan.device != "off":
        room = yield from _measure(room, run, pair_id, position, None, ctx)
        now = room.pairs[pair_id].question
        if now is None or now.answers[position - 1] is not None:
            return room
        found = now.measured[position - 1]
        result = found[1] if found else None
    if bot.measures and result is None:
        result = flipped("F")
    given = bot.answer(Moment(question.cell[position - 1], question.round, position, outcome=result))
    return (yield from _lock(room, pair_id, position, given, ctx, by_bot=True))
