"""A simulated server can die between any two steps; the disk is all that stays."""

from gamekeeper.testing.simulation.node import Mortal
from gamekeeper.testing.simulation.world import ROOM
from gamekeeper.testing.virtual import VirtualTime
from tests.testing.simulation.kit import world


def test_what_a_dead_node_planned_does_not_happen() -> None:
    time = VirtualTime()
    mortal, ran = Mortal(time), list[str]()
    mortal.call_soon(lambda: ran.append("soon"))
    cancel = mortal.call_at(time.now() + 1, lambda: ran.append("later"))
    mortal.alive = False
    time.advance(2)
    cancel()
    assert ran == []
    assert mortal.now() == time.now()


def test_a_room_is_read_back_after_it_stopped() -> None:
    made = world()
    assert made.node is not None
    room = made.node.room(ROOM)
    assert made.node.room(ROOM) is room
    made.clients[0].act()
    made.time.advance(5)
    made.node.stopped(room)
    again = made.node.room(ROOM)
    assert again is not room
    assert again.fold.state == room.stage.state


def test_after_a_death_the_disk_has_what_clients_were_told() -> None:
    made = world()
    for client in made.clients:
        client.act()
    made.time.advance(0.5)
    made._crash()
    assert made.node is None
    made.time.advance(30)
    assert made.node is not None
    assert all(client.settled for client in made.clients)
    assert made.node.room(ROOM).stage.state == made.reference.state
