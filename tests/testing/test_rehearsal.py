"""A room in a unit test behaves as a room."""

import msgspec
import pytest
from examples.pennies import Pennies, Show

from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.core.seats import HOST, NO_SEAT, PLAYER, SPECTATOR
from gamekeeper.room.limits import Limits
from gamekeeper.testing.rehearsal import Rehearsal, Seated
from gamekeeper.testing.tally import Add, Hide, Tally
from gamekeeper.wire.closing import ClosingCode
from tests.room.kit import Add as AddToSum
from tests.room.kit import Sum


class Hosted(Sum):
    start = "host"


def table() -> tuple[Rehearsal, Seated, Seated]:
    room = Rehearsal(Pennies(), creator=PLAYER)
    return room, room.creator, room.join("Bob")


def test_a_game_from_the_first_to_the_last_move() -> None:
    room, ann, bob = table()
    ann.send(Show("heads"))
    assert (ann.private, bob.private) == ({"side": "heads"}, {"side": None})
    bob.send(Show("tails"))
    assert room.state.winner == bob.seat
    assert ann.public == bob.public == {"closes_at": None, "winner": 2, "coins": {"1": "heads", "2": "tails"}}
    assert [type(event).__name__ for event in room.events] == ["Opened", "Shown", "Shown", "Closed"]
    assert room.records[-1].type == "closed"
    assert [record.seq for record in room.records] == list(range(1, len(room.records) + 1))
    assert room.replayed() == room.state


def test_a_rejection_is_raised_and_changes_nothing() -> None:
    room, ann, _ = table()
    ann.send(Show("heads"))
    before = len(room.records)
    with pytest.raises(Rejected, match="already_shown"):
        ann.send(Show("tails"))
    assert len(room.records) == before


def test_who_cannot_join_is_told() -> None:
    room, *_ = table()
    with pytest.raises(Rejected) as refused:
        room.join("Cat")
    assert refused.value.code == ErrorCode.CAPACITY


def test_time_passes_when_told() -> None:
    room, ann, _ = table()
    ann.send(Show("heads"))
    room.advance(19.9)
    assert room.state.closes_at is not None
    room.next_deadline()
    assert room.state.winner == ann.seat
    with pytest.raises(LookupError, match="nothing is due"):
        room.next_deadline()


def test_a_spectator_sees_what_is_public_and_may_nothing() -> None:
    room = Rehearsal(Tally())
    player, spectator = room.join("Bob"), room.watch()
    player.send(Add(3))
    player.send(Hide(4))
    assert (spectator.seat, spectator.role, spectator.public["total"]) == (NO_SEAT, SPECTATOR, 3)
    assert (spectator.shared, spectator.private) == (None, None)
    with pytest.raises(Rejected) as refused:
        spectator.send(Add(1))
    assert refused.value.code == ErrorCode.FORBIDDEN


def test_a_host_starts_the_room() -> None:
    room = Rehearsal(Hosted())
    assert room.host is room.creator
    assert room.host.role is HOST
    assert not room.room.fold.started
    room.start()
    assert room.room.fold.started


def test_coming_back_goes_on_where_one_was() -> None:
    """The same session: commands sent after the reconnect are new ones, not repeats."""
    room = Rehearsal(Sum())
    ann = room.join("Ann")
    ann.send(AddToSum(1))
    again = room.reconnect(ann)
    again.send(AddToSum(2))
    assert room.state.total == 3
    assert again.public == {"total": 3, "rang": 0}
    ann_has = len(ann.payloads)
    again.send(AddToSum(1))
    assert len(ann.payloads) == ann_has, "the old connection hears nothing more"


def test_leaving_the_connection_keeps_the_seat() -> None:
    room = Rehearsal(Sum())
    ann = room.join("Ann")
    room.leave(ann)
    room.advance(60)
    assert room.room.fold.members[ann.seat].present
    assert room.room.presence.online == [1]


def test_closing() -> None:
    room, ann, _ = table()
    room.close()
    assert ann.ended is ClosingCode.ROOM_CLOSED
    with pytest.raises(Rejected) as refused:
        ann.send(Show("heads"))
    assert refused.value.code == ErrorCode.UNAVAILABLE


def test_config_and_limits_reach_the_room() -> None:
    room = Rehearsal(Sum(), config={"start_at": 7}, limits=Limits(members=1))
    assert room.state.total == 7
    with pytest.raises(Rejected):
        room.join("Bob")
    with pytest.raises(Rejected) as refused:
        Rehearsal(Sum(), config={"stray": 1})
    assert refused.value.field == "config"


@pytest.mark.parametrize(("seed", "recorded"), [("abc", "abc"), (None, None)])
def test_the_seed_is_the_rooms(seed: str | None, recorded: str | None) -> None:
    room = Rehearsal(Sum(), seed=seed)
    assert msgspec.json.decode(room.records[0].data)["seed"] == recorded
