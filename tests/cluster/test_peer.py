"""The numbers of one conversation."""

import itertools

from gamekeeper.cluster.peer import Peer
from gamekeeper.wire.relay import Parcel, decode_parcel


def talk() -> tuple[Peer, list[Parcel]]:
    said: list[Parcel] = []
    numbers = itertools.count(1)
    return Peer("b", lambda _, message: said.append(decode_parcel(message)), lambda: next(numbers), 0.0), said


def test_nothing_is_sent_before_the_conversation_is_open() -> None:
    peer, said = talk()
    peer.waiting.append({"type": "left", "link": 1})
    peer.flush("a")
    assert not said
    peer.open = True
    peer.flush("a")
    assert [(parcel.sender, parcel.number, len(parcel.bodies)) for parcel in said] == [("a", 1, 1)]
    peer.flush("a")
    assert len(said) == 1


def test_a_beat_says_how_much_has_been_sent() -> None:
    peer, said = talk()
    peer.open, peer.sent = True, 7
    peer.beat("a")
    assert (said[0].beat, said[0].number, said[0].mine, said[0].yours) == (True, 7, 1, 0)


def test_what_belongs_to_another_generation_does_not_count() -> None:
    peer, _ = talk()
    assert not peer.news(Parcel("b", 4, 0, 0, True)), "nothing was open"
    assert not peer.belongs(Parcel("b", 4, 0, 1))
    assert peer.belongs(Parcel("b", 4, 1, 1))
    peer.renew()
    assert not peer.belongs(Parcel("b", 4, 1, 2))
    assert peer.belongs(Parcel("b", 4, 2, 1))


def test_a_peer_that_begins_anew_ends_what_was_open() -> None:
    peer, _ = talk()
    peer.news(Parcel("b", 4, 0, 0, True))
    peer.open, peer.sent, peer.received = True, 3, 3
    peer.waiting.append("for the old generation")
    assert not peer.news(Parcel("b", 4, 1, 4)), "the same generation is no news"
    assert peer.news(Parcel("b", 6, 0, 0, True))
    assert (peer.sent, peer.received, peer.waiting, peer.open) == (0, 0, [], False)


def test_gaps_and_repeats() -> None:
    peer, _ = talk()
    peer.received = 2
    assert not peer.gap(Parcel("b", 1, 1, 3))
    assert peer.gap(Parcel("b", 1, 1, 4))
    assert not peer.gap(Parcel("b", 1, 1, 2, True))
    assert peer.gap(Parcel("b", 1, 1, 3, True)), "the last parcel was lost"
    assert peer.repeated(Parcel("b", 1, 1, 2))
    assert not peer.repeated(Parcel("b", 1, 1, 3))
