"""The gateway's side of a link, with a real room at the other end."""

from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.frames import decode_from_server
from gamekeeper.wire.relay import Ended, Entered, Refreshed
from gamekeeper.wire.replica import Replica
from tests.cluster.pair import HELLO, Pair


def test_a_socket_is_let_into_a_room_elsewhere() -> None:
    pair = Pair()
    socket = pair.socket()
    assert pair.answers == [True]
    assert (socket.connection.seat, socket.connection.user, socket.connection.live) == (2, "ann", True)
    pair.add(socket, 1, 4)
    assert socket.kinds == ["patch", "patch", "ack"], "one commit, views first"
    assert len(socket.writes) == 1
    assert pair.rehearsal.state.total == 4


def test_what_a_client_may_not_say_is_answered() -> None:
    pair = Pair()
    socket = pair.socket()
    socket.hear(b'{"type":"command","id":1,"name":"nonsense"}')
    pair.settle()
    assert socket.frames[0]["code"] == "unknown_command"


def test_a_lagging_reader_gets_what_was_kept_and_the_newest_views_in_one_write() -> None:
    pair = Pair()
    socket = pair.socket(high_water_bytes=100)
    replica = Replica()
    socket.buffered = 10_000
    pair.add(socket, 1, 1)
    assert socket.connection.behind
    socket.writes.clear()
    for id in range(2, 6):
        pair.add(socket, id, 1)
    assert not socket.writes
    socket.buffered = 0
    socket.connection.drained()
    socket.connection.drained()
    assert not socket.writes, "nothing leaves before the views have come"
    pair.settle()
    assert len(socket.writes) == 1
    assert socket.kinds.count("ack") == 4
    for written in socket.writes[0].splitlines():
        replica.feed(decode_from_server(written))
    assert replica.public["total"] == 5
    pair.add(socket, 6, 1)
    assert socket.kinds[-1] == "ack"


def test_the_room_ends_a_link() -> None:
    pair = Pair()
    socket = pair.socket()
    pair.received[0].end(ClosingCode.REPLACED, "elsewhere")
    pair.settle()
    assert socket.closed == ClosingCode.REPLACED.websocket_code
    assert len(pair.gateway) == 0


def test_a_code_of_a_newer_node_means_come_back() -> None:
    pair = Pair()
    socket = pair.socket()
    pair.owner.send("gate", Ended(pair.received[0].link, "code_of_tomorrow", ""))
    pair.settle()
    assert socket.frames[-1] == {"type": "closing", "code": "fault", "reason": "", "reconnect": True}


def test_a_socket_that_goes_leaves_the_room() -> None:
    pair = Pair()
    socket = pair.socket()
    assert len(pair.room.stage.audience.viewers) == 4
    socket.connection.lost()
    pair.settle()
    assert len(pair.room.stage.audience.viewers) == 3
    assert (len(pair.gateway), len(pair.visitors)) == (0, 0)


def test_a_socket_that_goes_before_it_is_let_in_leaves_nothing_behind() -> None:
    pair = Pair()
    pair.let_in = False
    socket = pair.socket()
    socket.connection.lost()
    pair.settle()
    assert (pair.answers, pair.received[0].closed, len(pair.gateway)) == ([True], True, 0)


def test_a_room_that_has_moved_is_looked_for_again() -> None:
    pair = Pair()
    pair.let_in = False
    socket = pair.socket()
    pair.received[0].moved()
    pair.settle()
    assert pair.answers == [False]
    assert not socket.connection.closed


def test_a_broken_conversation_sends_clients_to_come_back() -> None:
    pair = Pair()
    socket = pair.socket()
    pair.let_in = False
    waiting = pair.socket()
    pair.wires.lost["gate"]()
    assert socket.frames[-1]["code"] == "moved"
    assert socket.frames[-1]["reconnect"]
    assert pair.answers == [True, False]
    assert not waiting.connection.closed
    pair.settle()
    assert len(pair.visitors) == 0, "the other side has heard of it"


def test_a_silent_node_is_asked_nothing() -> None:
    pair = Pair()
    pair.wires.lose = lambda node: True
    pair.let_in = False
    pair.socket()
    pair.time.advance(2)
    assert pair.answers == [False]
    pair.socket()
    assert pair.answers == [False, False]


def test_draining_sends_everybody_away() -> None:
    pair = Pair()
    socket = pair.socket()
    pair.gateway.drain()
    assert socket.frames[-1]["code"] == "draining"


def test_what_comes_for_no_link_of_that_node_is_nothing() -> None:
    pair = Pair()
    socket = pair.socket()
    pair.owner.send("gate", Entered(1, 3, "player", "bob", "s", "", False, HELLO))
    pair.owner.send("gate", Refreshed(99, b""))
    pair.settle()
    assert socket.connection.seat == 2
