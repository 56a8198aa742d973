"""Rounds: what counts, and at whose pace."""

from gamekeeper_apps.chsh import messages as m
from gamekeeper_apps.chsh import state
from tests.apps.chsh.table import Table


def test_void_rounds_count_as_lost_for_badges() -> None:
    """Section 3.10: nobody earns a badge by letting bad rounds pass. Same-letter rounds prove nothing either way."""
    table = Table(planned_rounds=None, deadline_s=5.0)
    table.play(3)
    table.room.advance(11)
    figures = table.pair().figures
    assert (figures.voids, figures.e.voids) == (2, 2)
    assert table.room.state.figures.e.voids == 2
    row = table.host.shared["pairs"]["1"]
    assert row["log10_e_value_void_as_loss"] < row["log10_e_value"]
    table = Table(mode="symmetric", planned_rounds=None, deadline_s=5.0)
    table.room.advance(60)
    asked = [r for r in table.room.events if type(r) is m.QuestionAsked][:-1]
    crossing = sum(state.crossing(one.letter1 + one.letter2) for one in asked)
    assert 0 < crossing < len(asked)
    assert (table.pair().figures.voids, table.pair().figures.e.voids) == (len(asked), crossing)


def test_a_pair_of_two_bots_plays_at_its_own_pace() -> None:
    """Two bots answer at once, so each round waits for the clock: a run without a plan has no end."""
    table = Table(planned_rounds=None, feedback_pause_s=0.0)
    for position in (1, 2):
        table.host.send(m.SeatBot(1, position))
    before = table.pair().scored
    table.room.advance(10)
    assert 5 <= table.pair().scored - before <= 30
    table.host.send(m.EndRun(table.run))
