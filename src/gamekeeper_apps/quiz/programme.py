"""The programme: settings, segments, who presents which, and the remix at the end."""

from hashlib import sha256
from random import Random

import msgspec

from gamekeeper import Context, Rejected
from gamekeeper_apps.quiz import facts as e
from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.challenge import draw_if_needed
from gamekeeper_apps.quiz.closing import Steps
from gamekeeper_apps.quiz.people import known
from gamekeeper_apps.quiz.phases import complete
from gamekeeper_apps.quiz.playable import checked_question
from gamekeeper_apps.quiz.questions import Question
from gamekeeper_apps.quiz.settings import (
    MAX_LIMIT_S,
    MAX_POINTS,
    MAX_QUESTIONS,
    MAX_SEGMENTS,
    MAX_TITLE_CHARACTERS,
    MIN_LIMIT_S,
    SCORING,
    checked,
)
from gamekeeper_apps.quiz.state import Room, Segment

MAX_REMIX = 50
MAX_JOINS = 100_000


def change_settings(room: Room, command: m.ChangeSettings, ctx: Context) -> Steps:
    """What concerns the score is settled before the first question."""
    _not_ended(room)
    new = checked(command.settings)
    changed = {name for name in new.__struct_fields__ if getattr(new, name) != getattr(room.settings, name)}
    if room.phase != "lobby" and changed & SCORING:
        raise Rejected("wrong_phase", "scoring is settled in the lobby", field=sorted(changed & SCORING)[0])
    if not changed:
        return room
    room = yield e.SettingsChanged(new)
    return (yield from draw_if_needed(room, ctx))


def set_rate(room: Room, command: m.SetRate, ctx: Context) -> Steps:
    _not_ended(room)
    if not (0 < command.per_s <= MAX_JOINS and 1 <= command.burst <= MAX_JOINS):
        raise Rejected("bad_value", f"up to {MAX_JOINS}", field="per_s")
    return (yield e.RateSet(command.per_s, command.burst))


def _not_ended(room: Room) -> None:
    if room.phase == "ended":
        raise Rejected("ended", "the gathering has ended")


def add_segment(room: Room, command: m.AddSegment, ctx: Context) -> Steps:
    """A further part of the evening, with the frozen copy of its questions."""
    if len(room.segments) >= MAX_SEGMENTS:
        raise Rejected("full", f"at most {MAX_SEGMENTS} segments")
    title = checked_segment(room, command)
    segment = len(room.segments) + 1
    room = yield e.SegmentAdded(segment, title, command.preset, command.limit_s, command.points)
    return (yield e.QuizLoaded(segment, command.questions, quiz_hash(command.questions)))


def checked_segment(room: Room, command: m.AddSegment | m.EditSegment, replaced: int = 0) -> str:
    """The title, in one line; `replaced`: questions that go. Raises `Rejected` on what cannot be played."""
    _not_ended(room)
    if len(command.title) > MAX_TITLE_CHARACTERS:
        raise Rejected("too_long", f"at most {MAX_TITLE_CHARACTERS} characters", field="title")
    others = sum(len(segment.questions) for segment in room.segments) - replaced
    if others + len(command.questions) > MAX_QUESTIONS:
        raise Rejected("full", f"at most {MAX_QUESTIONS} questions in a room", field="questions")
    if command.limit_s is not None and not MIN_LIMIT_S <= command.limit_s <= MAX_LIMIT_S:
        raise Rejected("bad_value", f"{MIN_LIMIT_S:g} to {MAX_LIMIT_S:g} seconds", field="limit_s")
    if command.points is not None and not 0 <= command.points <= MAX_POINTS:
        raise Rejected("bad_value", f"0 to {MAX_POINTS}", field="points")
    for number, question in enumerate(command.questions, 1):
        checked_question(question, number)
    return " ".join(command.title.split())


def quiz_hash(questions: tuple[Question, ...]) -> str:
    """SHA-256 of the questions' JSON: which version of a quiz was played."""
    return sha256(msgspec.json.encode(questions)).hexdigest()


def segment_of(room: Room, number: int) -> Segment:
    if not 1 <= number <= len(room.segments):
        raise Rejected("not_found", "there is no such segment", field="segment")
    return room.segments[number - 1]


def set_presenter(room: Room, command: m.SetPresenter, ctx: Context) -> Steps:
    _not_ended(room)
    segment = segment_of(room, command.segment)
    known(room, command.player)
    if segment.status == "done" or segment.remix_of is not None:
        raise Rejected("wrong_phase", "this segment is over", field="segment")
    return (yield e.PresenterSet(command.segment, command.player))


def hand_over(room: Room, command: m.HandOver, ctx: Context) -> Steps:
    """The presenter's right moves on; who had it plays again."""
    _not_ended(room)
    if room.segment is None or room.segment.presenter is None:
        raise Rejected("wrong_phase", "nobody presents now")
    known(room, command.player)
    if command.player == room.segment.presenter:
        return room
    room = yield e.HandedOver(room.segment.number, command.player)
    if room.pause is not None and room.pause.reason == "presenter_lost":
        return (yield e.Resumed(ctx.now))
    return room


def skip_segment(room: Room, command: m.SkipSegment, ctx: Context) -> Steps:
    """One that is still to come, or what is left of the one that is on (None)."""
    _not_ended(room)
    number = command.segment if command.segment is not None else room.current
    if number is None:
        raise Rejected("not_found", "no segment is on", field="segment")
    segment = segment_of(room, number)
    if segment.status in ("done", "skipped"):
        raise Rejected("wrong_phase", "this segment is over", field="segment")
    if number != room.current or room.phase == "lobby":
        return (yield e.SegmentSkipped(number))
    if room.phase not in ("intro", "revealed", "board"):
        raise Rejected("wrong_phase", "end the question first")
    if segment.status == "quizzing":
        return (yield from complete(room, segment, ctx))
    room = yield e.SegmentSkipped(number)
    return (yield e.PhaseChanged("segment_done", ctx.now))


def reopen_segment(room: Room, command: m.ReopenSegment, ctx: Context) -> Steps:
    """A segment that was done is ready again."""
    if room.phase not in ("segment_done", "remix_ready"):
        raise Rejected("ended" if room.phase == "ended" else "wrong_phase", "between segments only")
    segment = segment_of(room, command.segment)
    if segment.status not in ("done", "skipped"):
        raise Rejected("wrong_phase", "this segment is not over", field="segment")
    room = yield e.SegmentReopened(command.segment)
    return (yield e.PhaseChanged("intro", ctx.now, command.segment))


def draw_remix(room: Room, command: m.DrawRemix, ctx: Context) -> Steps:
    """A last round of questions asked before, drawn by a recorded seed or the hardest first."""
    _remix_ready(room)
    if not 1 <= command.n <= MAX_REMIX:
        raise Rejected("bad_value", f"1 to {MAX_REMIX}", field="n")
    asked: dict[tuple[int, int], float] = {}
    for ask in room.asks.values():
        if ask.revealed and not ask.void and ask.question.type != "slide":
            asked[ask.segment, ask.number] = ask.mean_f if ask.mean_f is not None else 1.0
    if not asked:
        raise Rejected("not_found", "no question was asked")
    seed = f"{ctx.stream('remix', len(room.segments) + 1).getrandbits(64):016x}"
    drawn = Random(seed).sample(sorted(asked), len(asked))
    if command.mode == "hardest":
        drawn.sort(key=lambda place: asked[place])
    return (yield e.RemixDrawn(seed, command.mode, len(room.segments) + 1, tuple(drawn[: command.n]), ctx.now))


def _remix_ready(room: Room) -> None:
    _not_ended(room)
    if room.phase != "remix_ready":
        raise Rejected("wrong_phase", "the remix comes after the last segment")


def skip_remix(room: Room, command: m.SkipRemix, ctx: Context) -> Steps:
    _remix_ready(room)
    room = yield e.RemixSkipped()
    return (yield e.Ended(ctx.now))
