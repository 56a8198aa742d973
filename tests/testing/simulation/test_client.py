"""A simulated client wants things, loses its connection, and comes back for its answers."""

from tests.testing.simulation.kit import world


def test_a_client_is_welcomed_and_answered() -> None:
    made = world()
    client = made.clients[0]
    assert client.welcomes >= 1
    for _ in range(5):
        client.act()
    assert client.sent == 5
    assert not client.settled
    made.time.advance(10)
    assert client.settled
    assert client.acknowledged + client.rejected >= 5


def test_a_lost_connection_comes_back_and_resends() -> None:
    made = world()
    client = made.clients[0]
    welcomes = client.welcomes
    client.act()
    client.lose()
    made.time.advance(10)
    assert client.welcomes > welcomes
    assert client.settled


def test_it_wants_no_more_than_a_few_things_at_once() -> None:
    made = world()
    client = made.clients[0]
    for _ in range(50):
        client.act()
    assert client.sent == 8
