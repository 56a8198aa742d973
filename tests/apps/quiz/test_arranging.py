"""Segments are edited until they begin, and put into order in the lobby."""

import pytest

from gamekeeper import Rejected
from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.programme import quiz_hash
from tests.apps.quiz.stage import MULTI, SINGLE, TYPED, Stage


def titles(stage: Stage) -> list[str]:
    assert [segment.number for segment in stage.room.segments] == list(range(1, len(stage.room.segments) + 1))
    return [segment.title for segment in stage.room.segments]


def three() -> Stage:
    stage = Stage("Pat", questions=(), start=False)
    for title in ("A", "B", "C"):
        stage.host.send(m.AddSegment(title, (SINGLE, TYPED)))
    return stage


def test_a_segment_is_replaced_as_a_whole() -> None:
    stage = three()
    stage.host.send(m.EditSegment(2, " Bee  hive ", (MULTI,), preset="flat", limit_s=30, points=10))
    segment = stage.room.segments[1]
    assert (segment.title, segment.questions, segment.preset) == ("Bee hive", (MULTI,), "flat")
    assert (segment.limit_s, segment.points, segment.hash) == (30, 10, quiz_hash((MULTI,)))
    assert titles(stage) == ["A", "Bee hive", "C"]


def test_what_has_begun_stays_as_it_was_asked() -> None:
    stage = three()
    stage.host.send(m.Start())
    stage.host.send(m.EditSegment(1, "Still", (SINGLE,)))
    stage.show()
    for command in (m.EditSegment(1, "Late", (SINGLE,)), m.MoveSegment(1, 2)):
        with pytest.raises(Rejected, match="wrong_phase"):
            stage.host.send(command)
    stage.host.send(m.EditSegment(2, "Other", (TYPED,)))
    assert titles(stage) == ["Still", "Other", "C"]


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (m.EditSegment(9, "No", ()), "not_found"),
        (m.EditSegment(1, "x" * 201, ()), "too_long"),
        (m.EditSegment(1, "A", (SINGLE,) * 500), "full"),
        (m.EditSegment(1, "A", (), limit_s=1), "bad_value"),
        (m.EditSegment(1, "A", (), points=-1), "bad_value"),
        (m.MoveSegment(9, 1), "not_found"),
        (m.MoveSegment(1, 0), "not_found"),
    ],
)
def test_what_cannot_be_is_refused(command: m.EditSegment | m.MoveSegment, code: str) -> None:
    with pytest.raises(Rejected, match=code):
        three().host.send(command)


@pytest.mark.parametrize(("segment", "to", "order"), [(1, 3, "BCA"), (3, 1, "CAB"), (2, 3, "ACB"), (2, 2, "ABC")])
def test_segments_take_the_numbers_of_their_places(segment: int, to: int, order: str) -> None:
    stage = three()
    stage.host.send(m.MoveSegment(segment, to))
    assert titles(stage) == list(order)


def test_presenters_drafts_and_transcripts_go_along() -> None:
    stage = three()
    stage.host.send(m.SetPresenter(1, stage.players["Pat"].seat))
    stage.host.send(m.AddTranscript(1, "word " * 20))
    stage.table._tell(m.TakeDrafts(1, (m.Drafted(SINGLE),)))
    stage.host.send(m.MoveSegment(1, 3))
    room = stage.room
    assert room.segments[2].presenters == (stage.players["Pat"].seat,)
    assert [draft.segment for draft in room.drafts.values()] == [3]
    assert list(room.transcripts) == [3]
