"""Check 4: nothing of the partner reaches a seat before the round is closed; every frame is looked at."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from gamekeeper.client import Connection
from tests.apps.chsh.sockets.hall import hall

pytestmark = pytest.mark.anyio
PAIRS, ROUNDS = 20, 500
LETTERS = {1: {"A", "B"}, 2: {"X", "Y"}}


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every scalar of a decoded frame with the keys that lead to it."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, (*path, str(key)))
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part, path)
    else:
        yield path, value


def leaks(frame: Any, position: int, own_answer: str | None) -> list[tuple[tuple[str, ...], Any]]:
    """What a frame says of the partner outside the feedback on a closed round."""
    foreign = LETTERS[3 - position] | ({"T", "F"} - {own_answer})
    return [(path, value) for path, value in leaves(frame) if "last" not in path and value in foreign]


class Watched:
    """One player's socket, each frame judged when it comes."""

    def __init__(self, live: Connection, sent: dict[tuple[int, int, int], str]) -> None:
        self.frames = self.feedback = 0
        self.found: list[Any] = []
        self._live = live
        self._sent = sent
        self._rng = Random(live.seat)
        view = live.private["pair"]
        self.pair, self.position = view["id"], view["position"]
        self._round = 0
        live.listen = self._judge

    def answer(self, live: Connection, number: int) -> str:
        self._round = number
        self._sent[self.pair, number, self.position] = given = self._rng.choice("TF")
        return given

    def _judge(self, frame: Any) -> None:
        self.frames += 1
        plain = msgspec.to_builtins(frame)
        own = self._sent.get((self.pair, self._round, self.position))
        self.found += leaks(plain, self.position, own)
        told = [value for path, value in leaves(plain) if "last" in path and value in LETTERS[3 - self.position]]
        if told:
            self.feedback += 1
            if any((self.pair, self._round, position) not in self._sent for position in (1, 2)):
                self.found.append(("feedback before both had answered", told))


async def test_ten_thousand_rounds_of_recorded_frames(tmp_path: Path) -> None:
    sent: dict[tuple[int, int, int], str] = {}
    async with hall(tmp_path, PAIRS) as here:
        viewer = await here.client("Projector")
        await viewer.join(here.room["spectator_code"])
        projector = await here.connect(viewer)
        shown: list[Any] = []
        projector.listen = lambda frame: shown.append(msgspec.to_builtins(frame))
        watched = {live: Watched(live, sent) for live in here.players}
        run = await here.start(planned_rounds=ROUNDS, feedback="full", feedback_pause_s=30)
        await here.play(run, ROUNDS, lambda live, number: watched[live].answer(live, number))
    assert len(sent) == 2 * PAIRS * ROUNDS
    assert [one.found for one in watched.values() if one.found] == []
    assert min(one.feedback for one in watched.values()) >= ROUNDS - 1, "the feedback itself came"
    assert min(one.frames for one in watched.values()) > 2 * ROUNDS
    assert shown
    assert [found for frame in shown for found in leaves(frame) if found[1] in ("A", "B", "X", "Y", "T", "F")] == []


def test_a_leak_is_seen() -> None:
    assert leaks({"private": {"question": {"letter": ["X"]}}}, 1, None)
    assert leaks({"private": {"question": {"answer": ["F"]}}}, 1, "T")
    assert not leaks({"private": {"question": {"letter": ["A"], "answer": ["T"]}, "last": ["X", "F"]}}, 1, "T")
