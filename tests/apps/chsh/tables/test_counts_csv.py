"""A counts table, read: what it says, and what it may not say."""

import pytest

from gamekeeper_apps.chsh.counts import Outcomes
from gamekeeper_apps.chsh.tables.counts_csv import read_counts
from gamekeeper_apps.chsh.tables.text import BadTable, parse_table


def test_outcomes_and_rules_are_kept() -> None:
    full = read_counts(parse_table("b,a,pp,pm,mp,mm,different,same\nX,A,1,2,3,4,5,5\n", "t"))
    assert full.counts == {"AX": Outcomes(1, 2, 3, 4)}
    assert (full.outcomes_known, full.differ, full.warnings) == (True, None, [])
    ruled = read_counts(parse_table("a,b,same,different,win_if\nA,X,1,2,different\nB,Y,0,1,\n", "t"))
    assert ruled.differ == {"AX": True, "AY": False, "BX": False, "BY": True}
    assert not ruled.outcomes_known


@pytest.mark.parametrize("digits", ["9" * 16, "9" * 5000, "1e3", "1_000", "٣", "0x1", "+1"])
def test_what_is_no_count_is_refused_by_line(digits: str) -> None:
    with pytest.raises(BadTable) as caught:
        read_counts(parse_table(f"a,b,same,different\nA,X,{digits},0\n", "t"))
    assert caught.value.line == 2
    assert len(caught.value.reason) < 200
