"""Segments that have not begun may still be edited and, in the lobby, put into another order."""

from msgspec.structs import replace

from gamekeeper import Context, Map, Rejected
from gamekeeper_apps.quiz import facts as e
from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.closing import Steps
from gamekeeper_apps.quiz.programme import checked_segment, quiz_hash, segment_of
from gamekeeper_apps.quiz.state import Draft, Room, Segment


def edit_segment(room: Room, command: m.EditSegment, ctx: Context) -> Steps:
    """Another title, other questions, other rules for a part whose first question has not been put."""
    segment = segment_of(room, command.segment)
    if segment.asked or segment.status in ("quizzing", "done", "skipped") or segment.remix_of is not None:
        raise Rejected("wrong_phase", "this segment has begun", field="segment")
    title = checked_segment(room, command, len(segment.questions))
    room = yield e.SegmentEdited(command.segment, title, command.preset, command.limit_s, command.points)
    return (yield e.QuizLoaded(command.segment, command.questions, quiz_hash(command.questions)))


def move_segment(room: Room, command: m.MoveSegment, ctx: Context) -> Steps:
    """Numbers are names once questions were asked, so the order is settled in the lobby."""
    if room.phase != "lobby":
        raise Rejected("wrong_phase", "the order is settled in the lobby")
    segment_of(room, command.segment)
    if not 1 <= command.to <= len(room.segments):
        raise Rejected("not_found", "there is no such place", field="to")
    order = [number for number in range(1, len(room.segments) + 1) if number != command.segment]
    order.insert(command.to - 1, command.segment)
    return (yield e.SegmentsArranged(tuple(order))) if command.to != command.segment else room


def edited(room: Room, event: e.SegmentEdited) -> Room:
    old = room.segments[event.segment - 1]
    new = replace(old, title=event.title, preset=event.preset, limit_s=event.limit_s, points=event.points)
    return replace(room, segments=(*room.segments[: event.segment - 1], new, *room.segments[event.segment :]))


def arranged(room: Room, event: e.SegmentsArranged) -> Room:
    """Segments take the numbers of their new places; drafts and transcripts go along."""
    place = {old: new for new, old in enumerate(event.order, 1)}
    segments: list[Segment] = [replace(room.segments[old - 1], number=new) for new, old in enumerate(event.order, 1)]
    drafts = {id: replace(draft, segment=place[draft.segment]) for id, draft in room.drafts.items()}
    transcripts = {place[number]: text for number, text in room.transcripts.items()}
    return replace(room, segments=tuple(segments), drafts=Map(drafts), transcripts=Map(transcripts))


def drafted(room: Room, event: e.Drafted) -> Room:
    draft = Draft(event.id, event.segment, event.question, event.quote, event.confidence)
    return replace(room, drafts=room.drafts.set(event.id, draft), draft_count=event.id)


def draft_approved(room: Room, event: e.DraftApproved) -> Room:
    draft = room.drafts[event.id]
    segment = room.segments[draft.segment - 1]
    new = replace(segment, questions=(*segment.questions, draft.question))
    segments = (*room.segments[: draft.segment - 1], new, *room.segments[draft.segment :])
    return replace(room, segments=segments, drafts=room.drafts.delete(event.id))
