"""Runs: plans that cannot be, and tables that were played elsewhere."""

import pytest

from gamekeeper_apps.chsh import messages as m
from gamekeeper_apps.chsh.cells import CROSS_CELLS
from gamekeeper_apps.chsh.schedule import committed_cell
from gamekeeper_apps.chsh.statistics.evidence import log10_p
from tests.apps.chsh.table import Table, refused


def test_a_secret_that_fixes_nothing_is_not_published() -> None:
    """Balanced questions depend on those before; seeded ones are committed to like any other."""
    table = Table(planned_rounds=3)
    table.host.send(m.EndRun(table.run))
    refused("bad_plan", table.host, m.OpenRun(schedule="balanced", committed=True))
    table = Table(planned_rounds=3, committed=True)
    run, asked = table.room.state.run, table.pair().question
    assert run.source == "seeded"
    assert asked.cell == committed_cell(bytes.fromhex(run.secret), "rehearsal", run.id, 1, 1, CROSS_CELLS)


def test_a_table_keeps_its_own_rule_and_what_it_does_not_know() -> None:
    """An imported table is judged as `analyse` judges the file."""
    table = Table(planned_rounds=3)
    table.play(5)
    uneven = "a,b,same,different\nA,X,170,30\nA,Y,40,10\nB,X,42,8\nB,Y,10,40\n"
    inverted = "a,b,same,different,win_if\nA,X,10,90,different\nA,Y,90,10,same\nB,X,90,10,same\nB,Y,90,10,same\n"
    for title, csv in (("uneven", uneven), ("inverted", inverted)):
        table.host.send(m.ImportTable(title, csv))
    table.room.advance(2)
    first, second = (run["figures"] for run in table.host.shared["runs"])
    assert not first["no_signalling_alarm"], "outcomes are not known, so nothing is said of signalling"
    assert first["p_local"] is None
    assert first["p_local_reason"].startswith("refused, the settings were not uniform")
    assert (second["wins"], second["S"]) == (360, pytest.approx(3.2))
    assert second["p_local"] == pytest.approx(10 ** log10_p(400, 360, 0.75))
    assert table.room.replayed() == table.room.state


def test_a_theme_changes_no_event_and_no_number() -> None:
    """Texts, icons and colours are data of the pages: two rooms that differ in them have the same log."""
    logs = []
    for theme in ("classic", "kitchen"):
        table = Table(theme=theme, device="quantum", planned_rounds=12)
        table.play(13)
        logs.append([(one.seq, one.type, bytes(one.data)) for one in table.room.records if one.type != "run_opened"])
        assert table.room.state.run.phase == "ended"
    assert logs[0] == logs[1]
