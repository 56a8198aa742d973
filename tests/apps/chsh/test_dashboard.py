"""What the host is told in words, and figures of rounds that count."""

from gamekeeper_apps.chsh import messages as m
from gamekeeper_apps.chsh.chronicle import chronicle
from gamekeeper_apps.chsh.dashboard import host, summaries
from gamekeeper_apps.chsh.details import replay_of
from tests.apps.chsh.table import Table

CLASS_BYTES = 500
"""The figures of the class, once a tick however many pairs there are."""


def cheated(pairs: int, rounds: int = 60) -> Table:
    table = Table(pairs=pairs, device="pr-box", answer_is_outcome=True, planned_rounds=rounds)
    while table.room.state.run.phase == "open":
        for player in table.players:
            if player.private["question"] is not None:
                player.send(m.Measure(table.run, player.private["question"]["round"]))
    return table


def test_alarms_are_told_in_words() -> None:
    table = cheated(pairs=5, rounds=100)
    (told,) = [one for one in host(table.room.state)["warnings"] if one.startswith("supra_quantum: ")]
    assert "Player 0 & Player 1" in told
    assert "and 2 more" in told
    assert told.endswith("more than nature allows: the pair communicates, or something leaks")
    table.host.send(m.AnonymiseNames())
    assert "Player" not in "".join(host(table.room.state)["warnings"])


def test_wins_and_rounds_of_symmetric_belong_together() -> None:
    """The win rate, its limits and a replay are about the cells that compare the two sides."""
    table = Table(mode="symmetric", planned_rounds=60)
    table.play(61)
    own, summary = table.players[0].private, summaries(table.room.state)[-1]["figures"]
    assert own["pair"]["rounds"] == 60 > own["pair"]["counted"] == own["result"]["rounds"] == summary["rounds"]
    assert own["result"]["win_rate"] == own["result"]["wins"] / own["pair"]["counted"]
    replay = replay_of(chronicle("room", table.room.records), 1)
    assert replay is not None
    assert len(replay["rounds"]) == summary["rounds"]
    assert sum(win for _, _, win in replay["rounds"]) == summary["wins"]


def test_hardys_h_is_told_of_the_class() -> None:
    table = Table(mode="hardy", planned_rounds=40)
    table.play(41)
    assert table.room.state.run.phase == "ended"
    found = host(table.room.state)["class"]
    assert found["H"] is not None and found["H"] <= 0 and found["H_se"] is not None
    assert summaries(table.room.state)[-1]["figures"]["H"] == found["H"]


def test_a_replay_for_all_names_nobody_who_is_not_to_be_named() -> None:
    table = Table(planned_rounds=2)
    table.play(3)
    told = chronicle("room", table.room.records)
    hidden, shown = replay_of(told, 1, named=False), replay_of(told, 1)
    assert hidden is not None and hidden["pairs"] == {"1": {"name": None}}
    assert shown is not None and shown["pairs"] == {"1": {"name": "Player 0 & Player 1"}}


def test_an_archived_run_leaves_no_figures_behind() -> None:
    """Nothing of a balanced run is read by the rules of another once it is archived."""
    table = Table(pairs=2, schedule="balanced", planned_rounds=20)
    table.host.send(m.ClosePair(2))
    table.play(21)
    table.host.send(m.ArchiveRun(table.run))
    found = host(table.room.state)
    assert [(id, row["rounds"], row["wins"]) for id, row in found["pairs"].items()] == [("1", 0, 0)]
    assert found["runs"][0]["figures"]["rounds"] == 20
    assert found["runs"][0]["figures"]["log10_e_value"] is None
    assert table.players[0].private["pair"]["rounds"] == 0


def test_a_dashboard_costs_what_changed() -> None:
    """Check 18: at most 400 bytes for a changed pair, and nothing for the others."""
    table = Table(pairs=40, planned_rounds=None, deadline_s=5.0)
    table.play(12)
    table.room.advance(1)
    for changed in (1, 5):
        before = len(table.host.payloads)
        for player in table.players[: 2 * changed]:
            table.answer(player)
        table.room.advance(1)
        sent = sum(map(len, table.host.payloads[before:]))
        assert 0 < sent <= 400 * changed + CLASS_BYTES
