"""Questions somebody drafts from a transcript. Off unless a drafter is configured; nothing of it is seen by players
until the host or the segment's presenter has approved it."""

from gamekeeper import Context, Rejected
from gamekeeper_apps.quiz import facts as e
from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.closing import Steps
from gamekeeper_apps.quiz.playable import checked_question
from gamekeeper_apps.quiz.questions import Question
from gamekeeper_apps.quiz.settings import MAX_QUESTIONS
from gamekeeper_apps.quiz.state import Draft, Room

LEAST_CHARACTERS = 50
MAX_TRANSCRIPT_BYTES = 200 * 1024
MAX_DRAFTS = 200
"""That wait in a room at once."""
OPEN = ("planned", "presenting", "ready")


def add_transcript(room: Room, command: m.AddTranscript, ctx: Context) -> Steps:
    _before_the_quiz(room, command.segment)
    if len(command.text.encode()) > MAX_TRANSCRIPT_BYTES:
        raise Rejected("too_long", f"at most {MAX_TRANSCRIPT_BYTES} bytes", field="text")
    if len(command.text.strip()) < LEAST_CHARACTERS:
        return (yield e.DraftingDeclined(command.segment, "too_short"))
    return (yield e.TranscriptAdded(command.segment, command.text))


def _before_the_quiz(room: Room, number: int) -> None:
    if not 1 <= number <= len(room.segments):
        raise Rejected("not_found", "there is no such segment", field="segment")
    if room.segments[number - 1].status not in OPEN or room.phase == "ended":
        raise Rejected("wrong_phase", "its quiz has begun")


def _draft(room: Room, id: int) -> Draft:
    draft = room.drafts.get(id)
    if draft is None:
        raise Rejected("not_found", "there is no such draft", field="id")
    _before_the_quiz(room, draft.segment)
    return draft


def take(room: Room, command: m.TakeDrafts, ctx: Context) -> Steps:
    """What the drafter made of a transcript; too late, it is dropped, and so is what cannot be played."""
    if not 1 <= command.segment <= len(room.segments) or room.segments[command.segment - 1].status not in OPEN:
        return room
    if command.declined:
        return (yield e.DraftingDeclined(command.segment, command.declined))
    for drafted in command.drafts:
        if not _playable(drafted.question) or len(room.drafts) >= MAX_DRAFTS:
            continue
        number = room.draft_count + 1
        room = yield e.Drafted(command.segment, number, drafted.question, drafted.quote, drafted.confidence)
    return room


def _playable(question: Question) -> bool:
    try:
        checked_question(question, 1)
    except Rejected:
        return False
    return True


def approve_draft(room: Room, command: m.ApproveDraft, ctx: Context) -> Steps:
    draft = _draft(room, command.id)
    if sum(len(segment.questions) for segment in room.segments) >= MAX_QUESTIONS:
        raise Rejected("full", f"at most {MAX_QUESTIONS} questions in a room", field="id")
    return (yield e.DraftApproved(draft.id, ctx.seat))


def edit_draft(room: Room, command: m.EditDraft, ctx: Context) -> Steps:
    checked_question(command.question, 1, "question")
    return (yield e.DraftEdited(_draft(room, command.id).id, command.question))


def reject_draft(room: Room, command: m.RejectDraft, ctx: Context) -> Steps:
    return (yield e.DraftRejected(_draft(room, command.id).id, ctx.seat))
