"""Totals, ranks and boards, by hand-computed sets; settings that cannot be."""

import pytest

from gamekeeper import Rejected
from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.settings import Settings, checked
from gamekeeper_apps.quiz.totals import credit, segment_board, team_board, total
from tests.apps.quiz.stage import POLL, SINGLE, Stage

FLAT = {"preset": "flat"}


def play(stage: Stage, *rights: dict[str, int]) -> None:
    """One question after another: by name, the option chosen (absent: no answer)."""
    for chosen in rights:
        stage.show(1.0)
        for name, place in chosen.items():
            stage.answer(name, stage.oid(place))
        stage.reveal()


def test_a_streak_grows_by_hundreds_and_a_mistake_ends_it() -> None:
    stage = Stage("Ann", questions=(SINGLE,) * 7, settings={"streak": True} | FLAT)
    play(stage, *({"Ann": 0} for _ in range(7)))
    results = stage.room.players[stage.players["Ann"].seat].results
    assert [results[ask].bonus for ask in range(1, 8)] == [0, 100, 200, 300, 400, 500, 500]
    broken = Stage("Ann", questions=(SINGLE,) * 3, settings={"streak": True} | FLAT)
    play(broken, {"Ann": 0}, {"Ann": 1}, {"Ann": 0})
    assert broken.score("Ann") == 2_000


def test_polls_are_passed_over_and_silence_is_not() -> None:
    stage = Stage("Ann", questions=(SINGLE, POLL, SINGLE, SINGLE, SINGLE), settings={"streak": True} | FLAT)
    play(stage, {"Ann": 0}, {"Ann": 1}, {"Ann": 0}, {}, {"Ann": 0})
    assert stage.score("Ann") == 3_100


def test_equal_scores_share_a_rank_and_the_next_skips() -> None:
    stage = Stage("Ann", "Bob", "Cyd", settings=FLAT)
    play(stage, {"Ann": 0, "Bob": 0, "Cyd": 1})
    assert [stage.room.players[seat].rank for seat in stage.room.ranking] == [1, 1, 3]


def test_time_breaks_a_tie_where_it_is_the_rule() -> None:
    stage = Stage("Ann", "Bob", settings={"tiebreak": "time"} | FLAT)
    stage.show(1.0)
    stage.answer("Bob", stage.oid(0))
    stage.table.advance(1)
    stage.answer("Ann", stage.oid(0))
    stage.reveal()
    assert [stage.room.players[seat].name for seat in stage.room.ranking] == ["Bob", "Ann"]


def test_no_total_is_shown_below_zero_but_the_raw_sum_is_kept() -> None:
    """The peers' -250 for an answer after the end."""
    stage = Stage("Ann", questions=(SINGLE, SINGLE), settings={"penalty": 250} | FLAT)
    play(stage, {"Ann": 1})
    me = stage.room.players[stage.players["Ann"].seat]
    assert (me.score, total(stage.room, me)) == (-250, 0)
    play(stage, {"Ann": 0})
    assert stage.score("Ann") == 750


def test_teams_are_scored_by_mean_sum_or_best() -> None:
    """S4."""
    for rule, scores in {"mean": [500, 1000], "sum": [1000, 1000], "best": [1000, 1000]}.items():
        settings = {"teams": ("Red", "Blue"), "team_score": rule, "team_best": 1} | FLAT
        stage = Stage("Ann", "Bob", "Cyd", settings=settings)
        for name, team in (("Ann", "Red"), ("Bob", "Red"), ("Cyd", "Blue")):
            stage.host.send(m.JoinTeam(team, stage.players[name].seat))
        play(stage, {"Ann": 0, "Bob": 1, "Cyd": 0})
        assert sorted(points for _, _, points in team_board(stage.room)) == sorted(scores)


def test_a_presenter_is_credited_with_the_mean_of_the_others_segments() -> None:
    stage = Stage("Ann", "Bob", start=False, questions=(SINGLE,), settings={"presenter_credit": "average"} | FLAT)
    stage.host.send(m.AddSegment("Two", (SINGLE, SINGLE)))
    stage.host.send(m.SetPresenter(1, stage.players["Ann"].seat))
    stage.host.send(m.Start())
    play(stage, {"Bob": 0})
    stage.host.send(m.Next())
    stage.host.send(m.Intro())
    play(stage, {"Ann": 0}, {"Ann": 1})
    ann = stage.room.players[stage.players["Ann"].seat]
    assert (ann.score, credit(stage.room, ann), total(stage.room, ann)) == (1_000, 500, 1_500)
    assert segment_board(stage.room, 2)[0][1:] == (ann.seat, 1_000)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit_s", 4.0),
        ("limit_s", 301.0),
        ("points", -1),
        ("lead_ms", 100),
        ("pre_read_s", 31.0),
        ("max_players", 2_001),
    ],
)
def test_settings_out_of_range_name_the_field(name: str, value: float) -> None:
    with pytest.raises(Rejected) as refused:
        checked(Settings(**{name: value}))  # type: ignore[arg-type]
    assert (refused.value.code, refused.value.field) == ("bad_value", name)


def test_scoring_is_settled_in_the_lobby() -> None:
    stage = Stage("Ann")
    with pytest.raises(Rejected, match="wrong_phase"):
        stage.host.send(m.ChangeSettings(Settings(preset="linear", pre_read_s=0)))
    stage.host.send(m.ChangeSettings(Settings(advance="auto", pre_read_s=0)))
    assert stage.room.settings.advance == "auto"


def test_the_end_of_a_segment_shows_its_own_board_and_who_was_given_points() -> None:
    stage = Stage("Ann", "Bob", settings={"presenter_credit": "average", "preset": "flat"}, start=False)
    stage.host.send(m.AddSegment("Two", (SINGLE,)))
    stage.host.send(m.SetPresenter(2, stage.players["Bob"].seat))
    stage.host.send(m.Start())
    for _ in range(2):
        stage.show(1.0)
        for name in ("Ann", "Bob"):
            if stage.players[name].seat not in stage.ask.presenters:
                stage.answer(name, stage.oid(0))
        stage.reveal()
        stage.host.send(m.Next())
        public = stage.players["Ann"].public
        if stage.room.current == 1:
            assert public["segment_board"] == [[1, "Ann", 1_000], [1, "Bob", 1_000]] and public["credited"] == []
            stage.host.send(m.Intro())
            assert stage.players["Ann"].public["segment_board"] is None
    assert public["segment_board"] == [[1, "Ann", 1_000], [2, "Bob", 0]]
    assert public["board"] == [[1, "Ann", 2_000], [1, "Bob", 2_000]] and public["credited"] == ["Bob"]
    assert stage.players["Bob"].private["standing"]["segment"] == 0
