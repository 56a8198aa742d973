"""One life of a node in the simulated world."""

from gamekeeper.testing.simulation.cluster import ROOM, ClusterWorld
from gamekeeper.testing.simulation.life import ClusterParts
from gamekeeper.testing.tally import Tally, wish


def world(seed: int = 1) -> ClusterWorld:
    return ClusterWorld(Tally, seed, wish, ClusterParts())


def test_a_node_begins_with_a_lease_and_is_ready() -> None:
    one = world()
    one.time.advance(3)
    assert all(life.ready and life.ownership.believes for life in one.lives)
    one.close()


def test_going_in_order_gives_the_room_back() -> None:
    one = world()
    one.time.advance(3)
    for client in one.clients:
        client.connect()
    one.time.advance(3)
    owner = next(life for life in one.lives if ROOM in life.registry.rooms)
    owner.drain()
    one.time.advance(5)
    assert not owner.process.alive
    assert any(ROOM in life.registry.rooms for life in one.lives if life is not owner)
    assert one.moves == 0, "nobody had to take it"
    one.close()


def test_the_dead_accept_nobody() -> None:
    one = world()
    one.time.advance(3)
    for life in one.lives:
        life.die()
    one.clients[0].connect()
    one.time.advance(0.01)
    assert not one.clients[0].settled
    one.close()
