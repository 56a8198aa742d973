"""A simulated connection: in order while it lasts."""

import random

from gamekeeper.testing.simulation.link import Link, line
from gamekeeper.testing.virtual import VirtualTime


class Far:
    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.cuts = 0
        self.partial = 0

    def arrived(self, payload: bytes, whole: bool = True) -> None:
        self.got.append(payload)
        self.partial += not whole

    def cut(self) -> None:
        self.cuts += 1


def linked(slow: bool = False) -> tuple[VirtualTime, Link, Far, Far]:
    time = VirtualTime()
    link, up, down = Link(time, random.Random(3), slow), Far(), Far()
    link.up_end, link.down_end = up, down
    return time, link, up, down


def test_each_direction_keeps_its_order() -> None:
    for slow in (False, True):
        time, link, up, down = linked(slow)
        payloads = [bytes([number]) for number in range(50)]
        for payload in payloads:
            link.up(payload)
            link.down(payload)
        assert up.got == down.got == []
        time.advance(100)
        assert up.got == down.got == payloads


def test_what_is_in_flight_at_a_cut_is_lost_and_both_ends_learn_of_it() -> None:
    time, link, up, down = linked()
    link.up(b"lost")
    link.cut()
    link.cut()
    link.up(b"late")
    link.down(b"late")
    time.advance(1)
    assert (up.got, down.got, up.cuts, down.cuts) == ([], [], 1, 1)


def test_a_cut_may_come_between_two_frames_of_one_write() -> None:
    arrived: set[bytes] = set()
    for seed in range(20):
        link, down = Link(VirtualTime(), random.Random(seed), False), Far()
        link.down_end = down
        link.down(b"one\ntwo\nthree\n")
        link.cut()
        assert down.partial == 1
        arrived.update(down.got)
    assert arrived == {b"", b"one\n", b"one\ntwo\n"}


def test_closing_lets_what_was_written_arrive() -> None:
    time, link, _, down = linked(slow=True)
    link.down(b"goodbye")
    link.close()
    time.advance(10)
    assert (down.got, down.cuts, link.broken) == ([b"goodbye"], 1, True)


def test_a_slow_reader_fills_a_buffer_that_drains() -> None:
    time, link, _, _ = linked(slow=True)
    drained: list[float] = []
    link.drained = lambda: drained.append(time.now())
    for _ in range(3):
        link.down(b"12345")
    assert link.buffered == 15
    time.advance(10)
    assert (link.buffered, len(drained)) == (0, 1)


def test_an_end_that_is_not_there_yet_misses_what_comes() -> None:
    time = VirtualTime()
    link = Link(time, random.Random(1), False)
    link.up(b"x")
    link.down(b"x")
    link.cut()
    time.advance(1)
    assert line(b"x") == b"x\n"
