"""Conversations of nodes over a bus that loses, repeats, reorders and falls silent."""

import random
from typing import Any

import pytest

from gamekeeper.cluster import post as post_module
from gamekeeper.cluster.post import Post
from gamekeeper.testing.virtual import VirtualTime
from gamekeeper.wire.relay import Left, decode_parcel
from tests.cluster.pair import Wires


class Desk:
    """One node that writes down what it is told."""

    def __init__(self, node: str, wires: Wires, time: VirtualTime) -> None:
        self.post = Post(node, wires.at(node), time)
        self.heard: list[int] = []
        self.broken: list[str] = []
        self.post.handlers[Left] = lambda peer, body: self.heard.append(body.link)
        self.post.broken.append(self.broken.append)


class Town:
    def __init__(self) -> None:
        self.time = VirtualTime()
        self.wires = Wires(self.time)
        self.a, self.b = Desk("a", self.wires, self.time), Desk("b", self.wires, self.time)

    def say(self, *links: int) -> None:
        for link in links:
            self.a.post.send("b", Left(link))
        self.time.settle()


def test_a_turn_is_one_parcel_in_order() -> None:
    town = Town()
    town.say(1, 2, 3)
    assert town.b.heard == [1, 2, 3]
    parcels = [decode_parcel(message) for node, message in town.wires.sent if node == "b"]
    assert [len(parcel.bodies) for parcel in parcels if parcel.bodies] == [3]
    assert town.a.broken == town.b.broken == []


def test_a_lost_parcel_breaks_the_conversation_on_both_sides_and_a_new_one_begins() -> None:
    town = Town()
    town.say(1)
    town.wires.lose = lambda node: node == "b"
    town.say(2)
    town.wires.lose = lambda node: False
    town.say(3)
    assert (town.b.broken, town.a.broken, town.b.heard) == (["a"], ["b"], [1])
    town.say(4)
    assert town.b.heard == [1, 4]


def test_the_last_parcel_is_missed_by_the_next_beat() -> None:
    town = Town()
    town.say(1)
    town.wires.lose = lambda node: node == "b"
    town.say(2)
    town.wires.lose = lambda node: False
    town.time.advance(1)
    assert (town.b.broken, town.a.broken) == (["a"], ["b"])


def test_repeats_and_stragglers_are_nothing() -> None:
    town = Town()
    town.say(1, 2)
    old = [message for node, message in town.wires.sent if node == "b"]
    town.wires.lost["b"]()
    town.time.settle()
    town.say(3)
    for message in old:
        town.b.post.received(message)
    assert town.b.heard == [1, 2, 3]
    assert (town.a.broken, town.b.broken) == (["b"], ["a"])


def test_silence_is_noticed_once_and_ends() -> None:
    town = Town()
    town.say(1)
    town.wires.lose = lambda node: True
    town.time.advance(5)
    assert (town.a.broken, town.b.broken) == (["b"], ["a"])
    assert not town.a.post.reachable("b")
    town.wires.lose = lambda node: False
    town.time.advance(1)
    assert town.a.post.reachable("b")
    town.say(2)
    assert town.b.heard == [1, 2]


def test_who_is_known_to_have_ended_is_not_waited_for() -> None:
    town = Town()
    town.say(1)
    for node in ("nobody", "b", "b"):
        town.a.post.ended(node)
    assert town.a.broken == ["b"]
    assert not town.a.post.reachable("b")


def test_a_node_that_never_was_is_found_out_soon() -> None:
    town = Town()
    town.a.post.send("nobody", Left(1))
    town.time.advance(2)
    assert town.a.broken == ["nobody"]
    assert not town.a.post.reachable("nobody")


def test_a_bus_that_fails_breaks_everything() -> None:
    town = Town()
    town.say(1)
    town.wires.lost["a"]()
    assert town.a.broken == ["b"]
    town.time.settle()
    assert town.b.broken == ["a"]


def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post_module, "MAX_WAITING", 10)
    town = Town()
    town.say(1)
    for link in range(11):
        town.a.post.send("b", Left(link))
    assert town.a.broken == ["b"]


def test_nonsense_and_news_of_a_newer_node_are_ignored() -> None:
    town = Town()
    town.b.post.received(b"nonsense")
    town.b.post.received(b"")
    town.a.post.send("b", {"type": "of_tomorrow", "link": 1})  # type: ignore[arg-type]
    town.a.post.send("b", {"type": "left", "link": 1, "added": True})  # type: ignore[arg-type]
    town.time.settle()
    assert town.b.heard == [1]


def test_after_the_end_nothing_is_said() -> None:
    town = Town()
    town.a.post.close()
    town.wires.sent.clear()
    town.time.advance(2)
    assert [node for node, _ in town.wires.sent if node == "b"] == []


@pytest.mark.parametrize("seed", range(50))
def test_whatever_the_bus_does_a_node_hears_a_part_without_gaps(seed: int) -> None:
    """Between two breaks nothing is missing, nothing comes twice, nothing comes early; and it ends well."""
    rng = random.Random(seed)
    town = Town()
    shuffled: Any = lambda deliver: town.time.call_at(town.time.now() + rng.choice([0, 0, 0, 0.3]), deliver)  # noqa: E731
    runs: list[list[int]] = [[]]
    town.b.post.handlers[Left] = lambda peer, body: runs[-1].append(body.link)
    town.b.post.broken.append(lambda node: runs.append([]))
    town.wires.lose = lambda node: rng.random() < 0.02
    carry = town.wires.carry
    town.wires.carry = lambda node, message: shuffled(lambda: carry(node, message))  # type: ignore[method-assign]
    for link in range(300):
        town.a.post.send("b", Left(link))
        town.time.advance(rng.choice([0.0, 0.05, 0.4]))
    for run in runs:
        assert run == list(range(run[0], run[0] + len(run))) if run else True
    town.wires.lose = lambda node: False
    town.wires.carry = carry  # type: ignore[method-assign]
    town.time.advance(5)
    town.say(1_000)
    assert runs[-1][-1] == 1_000
