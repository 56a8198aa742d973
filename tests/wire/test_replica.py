"""What a client knows, and what it still wants to know."""

import msgspec
import pytest
from msgspec import Raw

from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.wire import replica as module
from gamekeeper.wire.frames import (
    MAX_UNANSWERED,
    Ack,
    CommandFrame,
    Patch,
    Ping,
    Presence,
    PublicEvent,
    Rejection,
    Signal,
    Welcome,
    decode_from_client,
    decode_from_server,
    encode,
)
from gamekeeper.wire.replica import Replica


def event(name: str) -> PublicEvent:
    return PublicEvent(name, 1.0, Raw(b"{}"))


def welcome(session: str = "s", resumed: bool = False, last_id: int = 0, events: tuple[str, ...] = ()) -> Welcome:
    views = ({"total": 1, "rows": [1]}, None, {"mine": 1})
    return Welcome("room", "app", 2, "player", session, last_id, "c1", resumed, *views, tuple(map(event, events)), 0.0)


def names(replica: Replica) -> list[str]:
    return [event.type for event in replica.events]


def test_a_first_hello_says_nothing_of_the_past() -> None:
    assert encode(decode_from_client(Replica().hello("token", "phone"))) == (
        b'{"type":"hello","token":"token","session":null,"device":"phone","cursor":null}'
    )


def test_a_welcome_tells_everything() -> None:
    replica = Replica()
    replica.feed(welcome(events=("closed",)))
    assert (replica.session, replica.cursor, replica.seat, replica.role) == ("s", "c1", 2, "player")
    assert (replica.public, replica.shared, replica.private) == ({"total": 1, "rows": [1]}, None, {"mine": 1})
    assert names(replica) == ["closed"]
    assert b'"session":"s"' in replica.hello()
    assert b'"cursor":"c1"' in replica.hello()


def test_patches_change_only_what_they_name() -> None:
    replica = Replica()
    replica.feed(welcome())
    replica.feed(decode_from_server(b'{"type":"patch","cursor":"c2","public":{"rows":[1,0,[2]]}}'))
    assert (replica.cursor, replica.public, replica.private) == ("c2", {"total": 1, "rows": [1, 2]}, {"mine": 1})
    replica.feed(Patch("c3", shared=[{"board": 1}], private={"mine": []}))
    assert (replica.shared, replica.private) == ({"board": 1}, {})
    replica.feed(Patch("c4", private=[None], events=(event("closed"),)))
    assert (replica.private, names(replica), replica.cursor) == (None, ["closed"], "c4")


def test_a_resumed_client_keeps_its_events_and_another_starts_over() -> None:
    replica = Replica()
    replica.feed(welcome(events=("one",)))
    replica.feed(welcome(resumed=True, events=("two",)))
    assert names(replica) == ["one", "two"]
    assert replica.starts_over == 1
    replica.feed(welcome(resumed=False, events=("three",)))
    assert names(replica) == ["three"]
    assert replica.starts_over == 2


def test_events_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_EVENTS", 3)
    replica = Replica()
    replica.feed(welcome(events=("one", "two", "three", "four")))
    assert names(replica) == ["two", "three", "four"]


@pytest.mark.parametrize(
    "frame", [Ping(1.0), Presence(1, True), Signal("a", 1), Rejection(0, "bad_frame", "?"), Ack(99)]
)
def test_frames_that_say_nothing_of_the_room_pass(frame: object) -> None:
    replica = Replica()
    replica.feed(welcome())
    replica.feed(frame)
    assert (replica.cursor, replica.results) == ("c1", {})


def test_commands_are_answered_once() -> None:
    replica = Replica()
    replica.feed(welcome())
    one, frame = replica.command("show", {"side": "heads"})
    two, _ = replica.command("show", {"side": "tails"})
    assert frame == b'{"type":"command","id":1,"name":"show","data":{"side":"heads"}}'
    assert replica.unanswered == (one, two) == (1, 2)
    with pytest.raises(KeyError):
        replica.take_result(one)
    replica.feed(Rejection(two, "already_shown", "once only", "side", 1.5))
    replica.feed(Ack(one))
    replica.feed(Ack(two))
    assert replica.unanswered == ()
    assert replica.take_result(one) is None
    rejected = replica.take_result(two)
    assert rejected is not None
    assert (rejected.code, rejected.message, rejected.field, rejected.retry_after_s) == (
        "already_shown",
        "once only",
        "side",
        1.5,
    )
    assert replica.results == {}


def test_what_is_unanswered_is_sent_again_as_it_was() -> None:
    replica = Replica()
    replica.feed(welcome())
    frames = [replica.command("show", number)[1] for number in range(3)]
    replica.feed(Ack(2))
    replica.feed(welcome(resumed=True, last_id=2))
    assert replica.resend() == [frames[0], frames[2]]
    assert replica.command("show", 9)[0] == 4


def test_no_more_commands_than_may_be_unanswered() -> None:
    replica = Replica()
    replica.feed(welcome())
    for _ in range(MAX_UNANSWERED):
        replica.command("show", {})
    with pytest.raises(Rejected) as refused:
        replica.command("show", {})
    assert refused.value.code == ErrorCode.CAPACITY
    replica.feed(Ack(5))
    assert replica.command("show", {})[0] == MAX_UNANSWERED + 1


def test_ids_go_on_where_another_life_of_the_session_ended() -> None:
    replica = Replica("s")
    assert b'"session":"s"' in replica.hello()
    replica.feed(welcome(last_id=17))
    assert replica.command("show", {})[0] == 18


def test_a_lost_session_tells_what_nobody_can_know() -> None:
    replica = Replica()
    replica.feed(welcome())
    id, _ = replica.command("show", {})
    replica.feed(welcome(session="another"))
    assert replica.resend() == []
    rejected = replica.take_result(id)
    assert rejected is not None
    assert rejected.code == ErrorCode.STALE_COMMAND
    assert replica.command("show", {})[0] == 1


def test_commands_given_before_the_first_welcome_are_kept() -> None:
    replica = Replica()
    _, frame = replica.command("show", {})
    replica.feed(welcome())
    assert replica.resend() == [frame]
    assert isinstance(decode_from_client(frame), CommandFrame)


def test_a_patch_that_does_not_fit_is_told_and_changes_nothing() -> None:
    replica = Replica()
    replica.feed(welcome())
    with pytest.raises(ValueError, match="splice"):
        replica.feed(Patch("c2", public={"total": [2]}, private=[0, 0, []], events=(event("x"),)))
    assert (replica.cursor, replica.public, names(replica)) == ("c1", {"total": 1, "rows": [1]}, [])


def test_values_stay_plain_json() -> None:
    replica = Replica()
    replica.feed(msgspec.structs.replace(welcome(), public=[1, [2]]))
    replica.feed(decode_from_server(b'{"type":"patch","cursor":"c2","public":{"1":[0,1,[3]]}}'))
    assert replica.public == [1, [3]]


def test_a_shared_view_that_is_behind_is_known_to_be() -> None:
    replica = Replica()
    replica.feed(welcome())
    assert not replica.stale
    replica.feed(Patch("c2", stale=True))
    replica.feed(Patch("c3", shared=[{"s": 2}]))
    assert (replica.shared, replica.stale) == ({"s": 2}, True)
    replica.feed(Patch("c4", shared=[{"s": 3}], stale=False))
    assert (replica.shared, replica.stale) == ({"s": 3}, False)
    replica.feed(msgspec.structs.replace(welcome(), stale=True))
    assert replica.stale
    replica.feed(welcome())
    assert not replica.stale
