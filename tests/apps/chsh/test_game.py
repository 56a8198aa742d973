"""The rules, played: attacks, races of intent, pauses, absences, devices, and what nobody may see."""

from datetime import timedelta

import pytest

from gamekeeper import Rejected, Seat
from gamekeeper.room.limits import Limits
from gamekeeper.testing import Rehearsal
from gamekeeper_apps.chsh import dashboard, folding, rounds, runs, seating, state, views
from gamekeeper_apps.chsh import messages as m
from gamekeeper_apps.chsh.cells import CROSS_CELLS, wins
from gamekeeper_apps.chsh.game import Chsh
from tests.apps.chsh.table import UNLIMITED, Table, refused

MODULES = (dashboard, folding, rounds, runs, seating, state, views)
"""What these tests play through."""


def test_a_whole_run() -> None:
    table = Table(pairs=2)
    table.play(25)
    assert table.room.state.run.phase == "ended"
    for id in (1, 2):
        assert table.pair(id).scored == 20
    lost = [r for r in table.room.records if r.type == "round_scored" and b'"win":false' in bytes(r.data)]
    asked = [bytes(r.data) for r in table.room.records if r.type == "question_asked"]
    assert len(lost) == sum(b'"letter1":"A","letter2":"Y"' in one for one in asked), "the best table loses AY only"
    assert table.room.replayed() == table.room.state
    assert table.players[0].private["result"]["rounds"] == 20


def test_start_twice_leaves_open_rounds_alone() -> None:
    """Check 11."""
    table = Table()
    before = table.pair().question
    table.host.send(m.StartRun(table.run))
    assert table.pair().question == before


@pytest.mark.parametrize(
    "command",
    [m.StartRun(1), m.PauseRun(1), m.EndRun(1), m.SetPolicy(auto_pair=False), m.OpenRun(), m.ResetSeat(Seat(2))],
)
def test_only_the_host_hosts(command: object) -> None:
    """Check 5, R0-34."""
    refused("not_host", Table().players[0], command)


def test_answers_are_checked() -> None:
    """Check 6: wrong type, wrong round, wrong run, twice; one stored answer."""
    table = Table()
    me = table.players[0]
    for wrong in ("Q", 1, None, ["T"], "t"):
        refused("bad_answer", me, m.Answer(table.run, 1, wrong))
    refused("wrong_round", me, m.Answer(table.run, 2, "T"))
    refused("run_not_open", me, m.Answer(table.run + 1, 1, "T"))
    me.send(m.Answer(table.run, 1, "T"))
    seq = table.room.room.fold.seq
    me.send(m.Answer(table.run, 1, "T"))
    assert table.room.room.fold.seq == seq, "the same again is acknowledged without an event"
    refused("already_answered", me, m.Answer(table.run, 1, "F"))


def test_nobody_without_a_pair_answers() -> None:
    table = Table()
    alone = table.room.join("Late")
    refused("no_open_round", alone, m.Answer(table.run, 1, "T"))
    refused("device_off", table.players[0], m.Measure(table.run, 1))


def test_too_fast() -> None:
    """Check 20: more than ten answers a second from one seat."""
    table = Table(planned_rounds=None, limits=Limits())
    with pytest.raises(Rejected) as caught:
        table.play(30)
    assert caught.value.code == "too_fast"
    assert caught.value.retry_after_s is not None


def test_a_class_that_comes_at_once_is_not_limited() -> None:
    """Check 20: a burst of seventeen, each of whom also gives a name."""
    table = Table(pairs=0, limits=Limits())
    for number in range(17):
        table.room.join(f"Guest {number}").send(m.JoinRoom(f"Name {number}"))
    assert len(table.room.state.players) == 17


def test_pause_freezes_and_reaches_late_joiners() -> None:
    table = Table(deadline_s=30.0)
    table.room.advance(10)
    table.host.send(m.PauseRun(table.run))
    refused("paused", table.players[0], m.Answer(table.run, 1, "T"))
    late = table.room.join("Late")
    assert late.public["run"]["phase"] == "paused"
    assert table.players[0].private["question"]["left_s"] == pytest.approx(20)
    table.room.advance(1_000)
    assert table.pair().question is not None, "no deadline passes while paused"
    table.host.send(m.ResumeRun(table.run))
    table.room.advance(19)
    assert table.pair().figures.voids == 0
    table.room.advance(2)
    assert table.pair().figures.voids == 1


def test_pause_then_end_then_a_new_run_is_not_paused() -> None:
    table = Table()
    table.host.send(m.PauseRun(table.run))
    table.host.send(m.EndRun(table.run))
    table.host.send(m.OpenRun(planned_rounds=5, feedback_pause_s=0.0))
    table.host.send(m.StartRun(table.run + 1))
    assert table.room.state.run.phase == "open"
    assert table.players[0].private["question"]["round"] == 1


def test_the_silent_block_no_longer_than_the_deadline() -> None:
    """Check 12: the round is void, says who was silent, and the next is a fresh draw."""
    table = Table(deadline_s=5.0)
    table.answer(table.players[0])
    table.room.advance(5.5)
    assert table.pair().figures.voids == 1
    assert table.pair().question.round == 2
    assert table.pair().scored == 0
    record = next(r for r in table.room.records if r.type == "round_voided")
    assert b'"silent":[2]' in bytes(record.data)


def test_feedback_pause_ends_by_itself_or_by_both() -> None:
    table = Table(feedback_pause_s=1.5)
    table.play(1)
    assert table.pair().question is None
    assert table.players[0].private["last"]["round"] == 1
    table.players[0].send(m.BeReady(table.run, 1))
    assert table.pair().question is None
    table.players[1].send(m.BeReady(table.run, 1))
    assert table.pair().question.round == 2
    table.play(1)
    table.room.advance(2)
    assert table.pair().question.round == 3


@pytest.mark.parametrize("feedback", ["full", "result", "none"])
def test_feedback_levels(feedback: str) -> None:
    table = Table(feedback=feedback, feedback_pause_s=5.0)
    table.play(1)
    last = table.players[0].private["last"]
    assert (last["letters"] is not None) == (feedback == "full")
    assert (last["win"] is not None) == (feedback != "none")


def test_a_lost_connection_keeps_seat_question_and_statistics() -> None:
    """Check 7 in small."""
    table = Table()
    table.play(3)
    me = table.players[0]
    before = me.private
    back = table.room.reconnect(me)
    assert back.private == before
    table.room.leave(back)
    table.room.advance(60)
    assert not table.room.state.players[me.seat].online
    table.answer(table.players[1])
    assert table.pair().question is not None, "the open round waits"


def test_nothing_is_asked_while_somebody_is_away() -> None:
    table = Table(feedback_pause_s=10.0)
    table.play(1)
    table.room.leave(table.players[0])
    table.room.advance(30)
    assert table.pair().question is None
    table.room.reconnect(table.players[0])
    assert table.pair().question.round == 2


def test_a_replaced_partner_makes_another_pair() -> None:
    """Check 7: two records, never a merged one."""
    table = Table()
    table.play(4)
    third = table.room.join("Third")
    table.host.send(m.FormPairs(((table.players[0].seat, third.seat),)))
    assert table.pair(1).closed_reason == "repaired"
    assert (table.pair(1).scored, table.pair(2).scored) == (4, 0)
    assert table.players[1].private["closed_reason"] == "repaired"


def test_partners_find_each_other_by_code() -> None:
    room = Rehearsal(Chsh(), limits=UNLIMITED)
    room.host.send(m.SetPolicy(auto_pair=False))
    ann, bob = room.join("Ann"), room.join("Bob")
    refused("unknown_code", bob, m.ChoosePartner("????"))
    bob.send(m.ChoosePartner(ann.private["pair_code"].lower()))
    assert room.state.pairs[1].seats == (ann.seat, bob.seat)
    refused("pair_full", ann, m.ChoosePartner("XXXX"))


def test_names_are_unique_and_clean() -> None:
    room = Rehearsal(Chsh(), limits=UNLIMITED)
    one, other = room.join("Ann"), room.join("ANN", user="second")
    assert other.private["name"] == "ANN 2"
    refused("bad_name", other, m.JoinRoom("ann"))
    refused("bad_name", other, m.JoinRoom("a\x00b"))
    refused("bad_name", other, m.JoinRoom("x" * 41))
    other.send(m.JoinRoom("Ben", "row 3"))
    assert (other.private["name"], other.private["label"], one.private["name"]) == ("Ben", "row 3", "Ann")


def test_reset_remove_close_and_leave() -> None:
    table = Table(pairs=2)
    table.answer(table.players[0])
    table.host.send(m.ResetSeat(table.players[1].seat))
    assert (table.pair(1).figures.voids, table.pair(1).question.round) == (1, 2)
    table.host.send(m.RemovePlayer(table.players[0].seat))
    assert table.pair(1).closed_reason == "removed"
    assert table.players[0].private is None
    table.host.send(m.ClosePair(2))
    assert table.pair(2).closed_reason == "host"
    refused("no_open_round", table.host, m.ClosePair(2))
    refused("not_your_seat", table.host, m.RemovePlayer(Seat(99)))
    refused("not_your_seat", table.host, m.FormPairs(((Seat(98), Seat(99)),)))
    refused("pair_full", table.host, m.FormPairs(((Seat(2), Seat(2)),)))


@pytest.mark.parametrize(
    ("policy", "closed", "bot"), [("wait", None, None), ("close", "absent", None), ("bot", None, "classical")]
)
def test_what_happens_to_the_absent(policy: str, closed: str | None, bot: str | None) -> None:
    table = Table(planned_rounds=1_000)
    table.host.send(m.SetPolicy(absent=policy, seat_hold_s=20.0))  # type: ignore[arg-type]
    table.room.leave(table.players[1])
    table.room.advance(30)
    assert table.pair().closed_reason == closed
    assert table.pair().bots[1] == bot
    if bot:
        table.answer(table.players[0])
        assert table.pair().scored == 1, "the bot answers"
        assert table.pair().had_bot


def test_the_device() -> None:
    table = Table(device="quantum", visibility=1.0)
    ann, bob = table.players
    question = ann.private["question"]
    ann.send(m.Measure(table.run, question["round"]))
    refused("already_measured", ann, m.Measure(table.run, question["round"]))
    refused("bad_angle", bob, m.Measure(table.run, question["round"], 1.0))
    assert ann.private["question"]["measured"]["outcome"] in "TF"
    bob.send(m.Measure(table.run, question["round"]))
    ann.send(m.Answer(table.run, question["round"], ann.private["question"]["measured"]["outcome"]))
    refused("already_measured", ann, m.Measure(table.run, question["round"]))
    refused("not_between_runs", table.host, m.SetDevice("off"))


def test_answer_is_outcome_and_pr_box_always_wins() -> None:
    table = Table(device="pr-box", answer_is_outcome=True, planned_rounds=50)
    for _ in range(50):
        for player in table.players:
            question = player.private["question"]
            if question:
                player.send(m.Measure(table.run, question["round"]))
    assert table.pair().figures.wins == 50


def test_balanced_blocks_and_no_evidence() -> None:
    """Check 9: each cell four times a block of 16, and no P, e-value or badge."""
    table = Table(schedule="balanced", planned_rounds=32)
    table.play(32)
    cells = [bytes(r.data) for r in table.room.records if r.type == "question_asked"]
    for block in (cells[:16], cells[16:]):
        for cell in CROSS_CELLS:
            assert sum(f'"letter1":"{cell[0]}","letter2":"{cell[1]}"'.encode() in one for one in block) == 4
    table.room.advance(2)
    row = table.host.shared["pairs"]["1"]
    assert (row["p_local"], row["log10_e_value"], row["badge"]) == (None, None, False)
    assert any(warning.startswith("schedule:") for warning in table.host.shared["warnings"])


def test_a_committed_run_publishes_its_secret_at_the_end_only() -> None:
    table = Table(committed=True, seed=None)
    header = table.players[0].public["run"]
    assert (len(header["commitment"]), header["secret"], header["question_source"]) == (64, None, "committed")
    secret = table.room.state.run.secret.encode()
    for viewer in (table.host, *table.players, table.room.watch()):
        assert not any(secret in payload for payload in viewer.payloads)
    table.play(25)
    assert table.players[0].public["run"]["secret"] == table.room.state.run.secret


@pytest.mark.parametrize(
    "plan",
    [{"visibility": 1.5}, {"planned_rounds": 0}, {"deadline_s": 4.0}, {"deadline_s": 301.0}, {"time_limit_s": 0.0},
     {"device": "hardy"}, {"feedback_pause_s": -1.0}, {"theme": "x" * 300}],
)  # fmt: skip
def test_a_plan_that_cannot_be(plan: dict[str, object]) -> None:
    room = Rehearsal(Chsh(), limits=UNLIMITED)
    refused("bad_plan", room.host, m.OpenRun(**plan))  # type: ignore[arg-type]


def test_a_time_limit_ends_the_run() -> None:
    table = Table(time_limit_s=60.0, planned_rounds=None)
    table.play(3)
    table.room.advance(61)
    assert (table.room.state.run.phase, table.room.state.run.ended_reason) == ("ended", "time_limit")
    assert table.pair().figures.voids == 1


def test_archive_and_import() -> None:
    table = Table(planned_rounds=3)
    table.play(5)
    table.host.send(m.ArchiveRun(table.run))
    csv = "a,b,same,different\nA,X,46,7\nA,Y,63,16\nB,X,46,16\nB,Y,10,41\n"
    table.host.send(m.ImportTable("Delft 2015", csv))
    refused("bad_table", table.host, m.ImportTable("x", "a,b\n"))
    table.room.advance(2)
    runs_seen = table.host.shared["runs"]
    assert [run["question_source"] for run in runs_seen] == ["seeded", "imported"]
    assert runs_seen[1]["figures"]["wins"] == 196
    assert runs_seen[1]["figures"]["S"] == pytest.approx(2.4225, abs=1e-4)
    refused("run_not_open", table.host, m.ArchiveRun(table.run))


def test_wins_are_recorded_by_the_rule() -> None:
    table = Table(planned_rounds=30)
    table.play(30)
    for before, record in zip(table.room.records, table.room.records[1:], strict=False):
        assert before.seq + 1 == record.seq
    for pair in table.room.state.pairs.values():
        total = sum(one.won(wins(cell, "T", "F")) for cell, one in pair.figures.cells.items())
        assert pair.figures.wins == total


def test_deadlines_are_a_function_of_the_state() -> None:
    table = Table(deadline_s=30.0, time_limit_s=600.0)
    due = Chsh().deadlines(table.room.state)
    assert set(due) == {"run", "round:1"}
    assert due["round:1"] - table.pair().question.asked_at == timedelta(seconds=30)
