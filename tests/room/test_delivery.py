"""One commit, one write for each, and what is shared is the same bytes."""

import msgspec

from gamekeeper.core.seats import HOST, PLAYER
from gamekeeper.room.delivery import Delivery
from gamekeeper.wire.frames import PublicEvent
from tests.room.kit import Watching, line

EVENTS = (PublicEvent("added", 1.0, msgspec.Raw(b"{}")),)


def patch(rest: bytes) -> bytes:
    return b'{"type":"patch","cursor":"c",' + rest + b"}\n"


def test_each_gets_its_own_in_one_write() -> None:
    host, ann, bob = Watching(1, HOST), Watching(2, PLAYER), Watching(3, PLAYER)
    delivery = Delivery("c")
    delivery.public({"total": [1]})
    delivery.shared(HOST, {"board": [2]})
    delivery.private([ann], {"hidden": [3]})
    delivery.events(EVENTS)
    delivery.answer(ann, b"ack-1\n")
    delivery.answer(ann, b"ack-2\n")
    delivery.write([host, ann, bob])
    public, events = patch(b'"public":{"total":[1]}'), patch(b'"events":[{"type":"added","at":1.0,"data":{}}]')
    assert host.writes == [(events, public + patch(b'"shared":{"board":[2]}'), b"")]
    both = patch(b'"public":{"total":[1]},"private":{"hidden":[3]}')
    assert ann.writes == [(events, both, b"ack-1\nack-2\n")]
    assert bob.writes == [(events, public, b"")]


def test_who_is_owed_nothing_is_not_written_to() -> None:
    ann, bob = Watching(2, PLAYER), Watching(3, PLAYER)
    delivery = Delivery("c")
    delivery.private([ann], {"hidden": [3]})
    delivery.write([ann, bob])
    assert (len(ann.writes), bob.writes) == (1, [])
    answer = Delivery("c")
    answer.answer(bob, b"ack\n")
    answer.write([ann, bob])
    assert (len(ann.writes), bob.writes) == (1, [(b"", b"", b"ack\n")])


def test_a_role_alone_may_be_owed_something() -> None:
    host, ann = Watching(1, HOST), Watching(2, PLAYER)
    delivery = Delivery("c")
    delivery.shared(HOST, {"board": [2]})
    delivery.write([host, ann])
    assert (len(host.writes), ann.writes) == (1, [])


def test_nothing_owed_nothing_written() -> None:
    ann = Watching(2, PLAYER)
    Delivery("c").write([ann])
    assert ann.writes == []


def test_shared_bytes_are_framed_once_per_transport() -> None:
    """A thousand viewers of two transports: two framings, and each viewer gets the same object."""
    framed: list[bytes] = []

    def plain(payload: bytes) -> bytes:
        framed.append(payload)
        return line(payload)

    def other(payload: bytes) -> bytes:
        framed.append(payload)
        return b"other" + payload

    viewers = [Watching(seat, PLAYER) for seat in range(1, 1_001)]
    for place, viewer in enumerate(viewers):
        viewer.frame = plain if place % 2 else other
    delivery = Delivery("c")
    delivery.public({"total": [1]})
    delivery.write(viewers)
    assert len(framed) == 2
    assert len({id(views) for viewer in viewers for _, views, _ in viewer.writes}) == 2


def test_a_viewer_that_ends_while_written_to_does_not_disturb_the_others() -> None:
    viewers = {Watching(seat, PLAYER): None for seat in range(1, 5)}
    first = next(iter(viewers))
    first.deliver = lambda *parts: viewers.pop(first)
    delivery = Delivery("c")
    delivery.public({"total": [1]})
    delivery.write(viewers)
    assert [len(viewer.writes) for viewer in viewers] == [1, 1, 1]
