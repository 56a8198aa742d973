"""The bus of a simulated cluster."""

import random

from gamekeeper.testing.simulation.process import Process
from gamekeeper.testing.simulation.wires import Wires
from gamekeeper.testing.virtual import VirtualTime


class Street:
    def __init__(self) -> None:
        self.time = VirtualTime()
        self.wires = Wires(self.time, random.Random(3))
        self.wires.heal()
        self.heard: list[bytes] = []
        self.losses = 0
        self.bus = self.wires.bus(Process("a", self.time, 0.0))
        self.wires.bus(Process("b", self.time, 0.0)).listen(self.heard.append, self._lost)

    def _lost(self) -> None:
        self.losses += 1

    def say(self, count: int = 100) -> list[bytes]:
        sent = [b"%d" % number for number in range(count)]
        for message in sent:
            self.bus.publish("b", message)
        self.time.advance(1)
        return sent


def test_healed_everything_arrives_once_and_in_order() -> None:
    street = Street()
    assert street.say() == street.heard


def test_what_can_go_wrong_does() -> None:
    street = Street()
    street.wires.loss_rate, street.wires.repeat_rate, street.wires.late_rate = 0.1, 0.1, 0.1
    sent = street.say()
    assert set(street.heard) < set(sent)
    assert len(street.heard) > len(set(street.heard))
    assert street.heard != sorted(street.heard, key=int)


def test_a_cut_way_and_a_bus_that_is_gone() -> None:
    street = Street()
    street.wires.cut.add(("a", "b"))
    street.say()
    street.wires.fail()
    street.say()
    assert (street.heard, street.losses) == ([], 1)
    street.wires.heal()
    assert street.say() == street.heard
