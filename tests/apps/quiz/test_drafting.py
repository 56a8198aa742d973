"""Drafts reach nobody without approval."""

import pytest

from gamekeeper import Rejected
from gamekeeper_apps.quiz import messages as m
from tests.apps.quiz.stage import SINGLE, Stage


def test_drafts_wait_for_approval_and_short_transcripts_are_declined() -> None:
    """M25."""
    stage = Stage("Ann")
    stage.host.send(m.AddTranscript(1, "too short"))
    stage.host.send(m.AddTranscript(1, "word " * 20))
    stage.table._tell(m.TakeDrafts(1, (m.Drafted(SINGLE, "a quote"),)))
    assert "quote" not in str(stage.players["Ann"].payloads)
    questions = len(stage.room.segments[0].questions)
    stage.host.send(m.ApproveDraft(1))
    assert len(stage.room.segments[0].questions) == questions + 1 and not stage.room.drafts


def test_drafting_ends_with_the_first_question() -> None:
    stage = Stage("Ann")
    stage.show(1.0)
    with pytest.raises(Rejected, match="wrong_phase"):
        stage.host.send(m.AddTranscript(1, "word " * 20))
    with pytest.raises(Rejected, match="not_found"):
        stage.host.send(m.RejectDraft(4))
    stage.table._tell(m.TakeDrafts(1, (m.Drafted(SINGLE),)))
    assert not stage.room.drafts


def test_a_transcript_has_a_limit() -> None:
    stage = Stage("Ann")
    with pytest.raises(Rejected, match="too_long"):
        stage.host.send(m.AddTranscript(1, "x" * 205_000))
