"""A box score that grows play by play: what view differences save on a real game (see `tests/golden/retrosheet`)."""

import csv
import itertools
from pathlib import Path
from typing import Any

import msgspec

from gamekeeper.core.codec import encode_map
from gamekeeper.core.patch import apply, diff

GAME = Path(__file__).parents[1] / "golden" / "retrosheet" / "game.csv"
HITS = ("S", "D", "T", "H")
NOT_AT_BAT = ("W", "IW", "HP", "NP", "SB", "CS", "WP", "PB", "BK", "DI", "PO", "OA")


def views(lines: list[list[str]]) -> list[dict[str, Any]]:
    """The box score after each play, as a page of the game would show it."""
    batting: dict[str, dict[str, Any]] = {}
    plays: tuple[str, ...] = ()
    line: list[list[int]] = [[], []]
    found: list[dict[str, Any]] = []
    for kind, *fields in lines:
        if kind in ("start", "sub"):
            player, name, team, order, position = fields
            batting = {**batting, player: {"name": name, "team": int(team), "order": int(order), "position": position,
                "ab": 0, "h": 0, "bb": 0, "so": 0, "hr": 0, "last": ""}}  # fmt: skip
        elif kind == "play" and not fields[5].startswith("NP"):
            inning, team, player, _, pitches, event = fields
            batting = {**batting, player: _counted(batting[player], event)}
            plays = (*plays, f"{inning}{'tb'[team == '1']} {batting[player]['name']}: {event} ({pitches})")
            line = [[*runs] for runs in line]
            line[int(team)] += [0] * (int(inning) - len(line[int(team)]))
            line[int(team)][-1] += event.count("-H") + event.startswith("HR")
            found.append({"inning": int(inning), "batting_team": int(team), "line": line, "at_bat": player,
                "runs": [sum(runs) for runs in line], "batting": batting, "plays": plays})  # fmt: skip
    return found


def _counted(old: dict[str, Any], event: str) -> dict[str, Any]:
    hit = event.startswith(HITS) and not event.startswith(("SB", "HP", "DI"))
    return old | {
        "ab": old["ab"] + (hit or not event.startswith(NOT_AT_BAT)),
        "h": old["h"] + hit,
        "bb": old["bb"] + event.startswith(("W", "IW")),
        "so": old["so"] + event.startswith("K"),
        "hr": old["hr"] + event.startswith("HR"),
        "last": event,
    }


def size(value: Any) -> int:
    return len(msgspec.json.encode(value, enc_hook=encode_map))


def as_client(value: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value, enc_hook=encode_map))


def test_differences_of_a_box_score_are_seventy_percent_smaller_than_views() -> None:
    """R1-111, on every play of a real game; and each difference leads to the view it stands for."""
    with GAME.open(newline="") as file:
        after = views(list(csv.reader(file)))
    assert len(after) > 80
    whole = sum(map(size, after[1:]))
    changed = 0
    for old, new in itertools.pairwise(after):
        patch = diff(old, new)
        changed += size(patch)
        assert apply(as_client(old), as_client(patch)) == as_client(new)
    assert changed <= 0.3 * whole, (changed, whole)
