"""A simulated world that a test takes step by step."""

from gamekeeper.testing.simulation.world import ROOM, Parts, World
from gamekeeper.testing.tally import Tally, wish


def world(seed: int = 5) -> World:
    """A world in which nothing breaks by itself, its room open and its clients welcomed."""
    made = World(Tally, seed, wish, Parts())
    made._crash_rate = made._cut_rate = 0.0
    while made.disk.last(ROOM) == 0:
        made.time.step()
    for client in made.clients:
        client.connect()
    made.time.advance(5)
    return made
