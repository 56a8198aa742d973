"""The owner's side of links: what a commit sends, and to how many at once."""

from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.relay import Enter, Frames, Refresh, Share, Wish, decode_parcel, read_body, unpack
from tests.cluster.pair import Pair


def shares(pair: Pair) -> list[Share]:
    """Everything written to links since the last look."""
    found: list[Share] = []
    for node, message in pair.wires.sent:
        for raw in decode_parcel(message).bodies if node == "gate" else ():
            body = read_body(raw)
            if isinstance(body, Frames):
                found += body.shares
    pair.wires.sent.clear()
    return found


def test_a_commit_is_one_message_for_a_node_and_each_write_is_in_it_once() -> None:
    """R3-152: per commit and node, never per event or viewer."""
    pair = Pair()
    ann, bob = pair.socket(), pair.socket()
    pair.wires.sent.clear()
    pair.add(ann, 1, 4)
    messages = [decode_parcel(message) for node, message in pair.wires.sent if node == "gate"]
    assert len(messages) == 1
    assert len(messages[0].bodies) == 1
    first, second = shares(pair)
    assert [unpack(share.answers or share.events)[-1][:14] for share in (first, second)] == [
        b'{"type":"ack",',
        b'{"type":"patch',
    ]
    assert bob.kinds == ["patch", "patch"]


def test_two_commits_in_one_turn_keep_their_order() -> None:
    pair = Pair()
    ann = pair.socket()
    visitor = pair.received[0]
    visitor.deliver(b"", b"\0\0\0\1a", b"")
    visitor.deliver(b"", b"\0\0\0\1b", b"")
    visitor.deliver(b"", b"\0\0\0\1a", b"")
    pair.settle()
    assert b"".join(ann.writes) == b"a\nb\na\n"


def test_the_last_words_come_after_the_frames() -> None:
    pair = Pair()
    ann = pair.socket()
    visitor = pair.received[0]
    visitor.deliver(b"", b"", b"\0\0\0\1a")
    visitor.end(ClosingCode.REPLACED, "elsewhere")
    visitor.end(ClosingCode.FAULT, "again")
    visitor.deliver(b"", b"", b"\0\0\0\1b")
    pair.settle()
    assert ann.writes[0] == b"a\n"
    assert len(ann.writes) == 2
    assert b"replaced" in ann.writes[1]


def test_a_gateway_that_is_silent_leaves_no_visitors() -> None:
    """Presence is right soon after a gateway has died."""
    pair = Pair()
    pair.socket()
    pair.socket()
    pair.wires.lose = lambda node: True
    pair.time.advance(4)
    assert len(pair.visitors) == 0
    assert len(pair.room.stage.audience.viewers) == 3, "those of the rehearsal itself"


def test_nobody_is_let_in_who_has_gone() -> None:
    pair = Pair()
    pair.let_in = False
    socket = pair.socket()
    socket.connection.lost()
    pair.settle()
    visitor = pair.received[0]
    pair.let_in = True
    pair.receive(visitor, Enter(1, "rehearsal", "ann"))
    assert visitor.room is None


def test_a_visitor_that_is_not_in_yet_wants_nothing() -> None:
    pair = Pair()
    pair.let_in = False
    pair.socket()
    pair.gate.send("owner", Wish(1, 1, "add", b'{"amount":1}'))
    pair.gate.send("owner", Refresh(1))
    pair.settle()
    assert pair.rehearsal.state.total == 0
