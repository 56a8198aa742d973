"""M11: every command by everybody in every phase. The matrix is made from the table of rights, and that table is
compared with the one of the specification."""

from typing import Any

import pytest

from gamekeeper import Command, Rejected
from gamekeeper.testing import Seated
from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.game import COMMANDS, Quiz
from gamekeeper_apps.quiz.rights import RIGHTS
from gamekeeper_apps.quiz.settings import Settings
from tests.apps.quiz.stage import SINGLE, Stage

STAGED = "intro show open close reveal board next skip extend reopen hand_over"
SPECIFIED = {
    "host": set(
        f"start {STAGED} pause resume end undo_end void fix_key grade lock unlock kick purge approve reject "
        "rename join_team set_time_factor set_moderator change_settings set_rate add_segment edit_segment "
        "move_segment set_presenter "
        "skip_segment reopen_segment draw_remix skip_remix add_transcript approve_draft edit_draft reject_draft "
        "make_read_key revoke_read_key make_hook revoke_hook".split()
    ),
    "presenter": set(f"{STAGED} add_transcript approve_draft edit_draft reject_draft".split()),
    "moderator": set(["lock", "unlock", "kick", "purge", "approve", "reject"]),
    "player": set(["join", "answer", "begin_ask", "rename", "join_team", "forget_me"]),
}
PHASES = (
    "lobby",
    "intro",
    "shown",
    "open",
    "closed",
    "revealed",
    "board",
    "segment_done",
    "remix_ready",
    "ended",
    "paused",
)
SENDERS = ("player", "presenter", "moderator", "screen", "host")
EXAMPLES: dict[type[Command], Command] = {
    m.Join: m.Join("Zed"),
    m.Answer: m.Answer(1, "x"),
    m.BeginAsk: m.BeginAsk(1),
    m.Rename: m.Rename("Zoe"),
    m.JoinTeam: m.JoinTeam("Red"),
    m.Extend: m.Extend(5),
    m.Void: m.Void(1),
    m.FixKey: m.FixKey(1, SINGLE),
    m.Grade: m.Grade(1, 3, 1.0),  # type: ignore[arg-type]
    m.Kick: m.Kick(3),  # type: ignore[arg-type]
    m.Purge: m.Purge(1),
    m.Approve: m.Approve("name:3"),
    m.Reject: m.Reject("name:3"),
    m.SetTimeFactor: m.SetTimeFactor(3, "2"),  # type: ignore[arg-type]
    m.SetModerator: m.SetModerator(3),  # type: ignore[arg-type]
    m.ChangeSettings: m.ChangeSettings(Settings()),
    m.SetRate: m.SetRate(10, 10),
    m.AddSegment: m.AddSegment("More", (SINGLE,)),
    m.EditSegment: m.EditSegment(2, "Other", (SINGLE,)),
    m.MoveSegment: m.MoveSegment(1, 2),
    m.SetPresenter: m.SetPresenter(1, 3),  # type: ignore[arg-type]
    m.HandOver: m.HandOver(3),  # type: ignore[arg-type]
    m.ReopenSegment: m.ReopenSegment(1),
    m.AddTranscript: m.AddTranscript(2, "word " * 20),
    m.ApproveDraft: m.ApproveDraft(1),
    m.EditDraft: m.EditDraft(1, SINGLE),
    m.RejectDraft: m.RejectDraft(1),
    m.MakeReadKey: m.MakeReadKey("id", "Overlay", "0" * 64),
    m.RevokeReadKey: m.RevokeReadKey("id"),
    m.MakeHook: m.MakeHook("id", "Overlay", "https://hooks.example/"),
    m.RevokeHook: m.RevokeHook("id"),
}


def test_whoever_is_too_quick_is_told_to_slow_down() -> None:
    """The specification's code for it, whatever the command."""
    assert {command.__rate__.code for command in COMMANDS} == {"slow_down"}


def in_phase(phase: str) -> tuple[Stage, dict[str, Seated]]:
    """A gathering in that phase with somebody of each kind in it."""
    stage = Stage("Pat", "Pia", "Mod", start=False, settings={"pre_read_s": 3, "teams": ("Red", "Blue")})
    stage.host.send(m.AddSegment("Two", (SINGLE,)))
    pia, mod = stage.players["Pia"], stage.players["Mod"]
    stage.host.send(m.SetPresenter(1, pia.seat))
    stage.host.send(m.SetPresenter(2, pia.seat))
    stage.host.send(m.SetModerator(mod.seat))
    from gamekeeper import SPECTATOR

    people = {
        "player": stage.players["Pat"],
        "presenter": pia,
        "moderator": mod,
        "screen": stage.table.join("Screen", SPECTATOR),
        "host": stage.host,
    }
    steps = ["start", "show", "open", "close", "reveal", "board", "next"]
    reached = {"lobby": 0, "intro": 1, "shown": 2, "open": 3, "closed": 4, "revealed": 5, "board": 6, "segment_done": 7}
    until = reached.get(phase, 3 if phase == "paused" else 7)
    for step in steps[:until]:
        stage.host.send(next(kind for kind in COMMANDS if kind.__wire_name__ == step)())
        if step == "close":
            stage.table.advance(0.3)
    if phase == "remix_ready":
        for step in (m.SkipSegment(2), m.Next()):
            stage.host.send(step)
    if phase == "ended":
        stage.host.send(m.End())
    if phase == "paused":
        stage.host.send(m.Pause())
    assert (stage.room.pause is not None) if phase == "paused" else stage.room.phase == phase
    return stage, people


def test_the_table_is_the_specified_one() -> None:
    for kind, posts in RIGHTS.items():
        specified = {post for post, names in SPECIFIED.items() if kind.__wire_name__ in names}
        assert posts == specified, kind.__wire_name__


def test_no_command_is_without_a_row() -> None:
    asked = set(Quiz.catalogue.commands.values()) - {m.TakeDrafts}
    assert asked == set(RIGHTS) == set(COMMANDS)


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize("phase", PHASES)
def test_matrix(phase: str, sender: str) -> None:
    """Whoever has no right is told `not_allowed` and nothing else; whoever has one is never told that."""
    for kind in COMMANDS:
        _, people = in_phase(phase)
        command = EXAMPLES.get(kind) or kind()
        code = _outcome(people[sender], command)
        posts = {sender} if sender in ("host", "screen") else {sender, "player"}
        if RIGHTS[kind] & posts:
            own = isinstance(command, m.Answer) and sender == "presenter"
            assert code != "not_allowed" or own, (kind, phase, sender)
        else:
            assert code == "not_allowed", (kind, phase, sender, code)


def _outcome(sender: Seated, command: Command) -> str | None:
    try:
        sender.send(command)
    except Rejected as rejected:
        return rejected.code
    return None


def test_spectators_without_a_seat_and_the_drafter_s_command() -> None:
    """What only the server sends nobody else can; a looker-on without a seat can send nothing."""
    stage, people = in_phase("open")
    for sender in people.values():
        assert _outcome(sender, m.TakeDrafts(1)) == "forbidden"
    watcher = stage.table.watch()
    for kind in COMMANDS:
        assert _outcome(watcher, EXAMPLES.get(kind) or kind()) == "not_allowed"


def test_a_forged_id_changes_nothing() -> None:
    """A message has no field for who sends it; naming somebody else is refused or concerns oneself."""
    stage, people = in_phase("lobby")
    assert _outcome(people["player"], m.Rename("Forged", stage.players["Mod"].seat)) == "not_allowed"
    assert _outcome(people["player"], m.JoinTeam("Red", stage.players["Mod"].seat)) == "not_allowed"
    fields = {name for kind in (m.Answer, m.Join, m.ForgetMe) for name in kind.__struct_fields__}
    assert not fields & {"player", "seat", "role", "user"}


def test_the_kicked_can_do_nothing() -> None:
    stage, people = in_phase("open")
    stage.host.send(m.Kick(people["presenter"].seat))
    codes: set[Any] = {_outcome(people["presenter"], kind()) for kind in (m.Close, m.ForgetMe, m.Next)}
    assert codes == {"not_allowed"}
