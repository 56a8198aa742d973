"""What only Socket.IO has: acknowledgements, ids that are counted here, several rooms, its own refusals."""

import asyncio
import json
import random
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from gamekeeper.transport.framing import payloads
from gamekeeper.transport.socketio import Numbers, framer
from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.frames import MAX_FRAME_BYTES
from gamekeeper.wire.socketio import MAX_ROOMS
from tests.transport.hall import SOCKETIO, ask, enter, hall, hear
from tests.transport.talk import Gone, Socket

pytestmark = pytest.mark.anyio
every_transport = pytest.mark.parametrize("transport", SOCKETIO)
every_socket = pytest.mark.parametrize("transport", ["socketio", "socketio-asgi"])


async def say(client: Any, *event: Any, ack: int | str = "") -> None:
    await client.emit(ack, *event)


async def total(here: Any) -> int:
    found: int = (await here.registry.get(here.room)).stage.state.total
    return found


@every_transport
async def test_an_acknowledgement_is_the_answer(transport: str) -> None:
    """Its number is the client's own and no command's id."""
    async with hall(transport) as here, here.dial() as ann:
        await enter(ann, "ann")
        await say(ann, "add", {"amount": 2}, ack=0)
        await say(ann, "add", {"amount": "x"}, ack=1)
        answers = {frame["id"]: frame for frame in [await hear(ann, "ack", "rejected") for _ in range(2)]}
        assert answers[0] == {"type": "ack", "id": 0}
        assert (answers[1]["type"], answers[1]["code"], answers[1]["field"]) == ("rejected", "bad_command", "amount")
        assert await total(here) == 2


@every_transport
async def test_without_an_acknowledgement_only_a_rejection_is_told(transport: str) -> None:
    async with hall(transport) as here, here.dial() as ann:
        await enter(ann, "ann")
        await say(ann, "add", {"amount": 3})
        await say(ann, "fly", {})
        found = await hear(ann, "ack", "rejected")
        assert (found["type"], found["id"], found["code"]) == ("rejected", 2, "unknown_command")
        assert await total(here) == 3


@every_transport
async def test_commands_without_ids_are_counted_in_order_of_arrival(transport: str) -> None:
    """Exactly once for those who give ids, once for each that arrives for those who give none."""
    async with hall(transport) as here, here.dial() as bob:
        await enter(bob, "bob")
        async with here.dial() as ann:
            first = await enter(ann, "ann")
            for _ in range(3):
                await say(ann, "add", {"amount": 1}, ack=7)
            for _ in range(3):
                assert (await hear(ann, "ack"))["id"] == 7
        async with here.dial() as ann:
            again = await enter(ann, "ann", session=first["session"], cursor=first["cursor"])
            assert (again["session"], again["last_id"]) == (first["session"], 3)
            await say(ann, "add", {"amount": 1}, 3, ack=8)
            await hear(ann, "ack")
            assert await total(here) == 3, "the third was sent again"
            await say(ann, "add", {"amount": 1}, ack=9)
            await say(ann, "add", {"amount": 1}, 4, ack=10)
            assert [(await hear(ann, "ack"))["id"] for _ in range(2)] == [9, 10]
            assert await total(here) == 4, "the one without an id was the fourth"
            await say(ann, "add", {"amount": 1}, 9, ack=11)
            await say(ann, "add", {"amount": 1}, ack=12)
            await hear(ann, "ack")
            await hear(ann, "ack")
            assert await total(here) == 6, "counting goes on after the highest"


async def test_two_connections_of_one_session_count_together() -> None:
    async with hall("socketio") as here, here.dial() as ann, here.dial() as also:
        first = await enter(ann, "ann")
        await enter(also, "ann", session=first["session"])
        for one in (ann, also, ann, also):
            await say(one, "add", {"amount": 1}, ack=1)
            await hear(one, "ack")
        assert await total(here) == 4


@every_transport
@pytest.mark.parametrize("id", [0, -1, 2**53, "1", 1.5, [1]])
async def test_an_id_that_cannot_be(transport: str, id: Any) -> None:
    async with hall(transport) as here, here.dial() as ann:
        await enter(ann, "ann")
        await say(ann, "add", {"amount": 1}, id, ack=5)
        found = await hear(ann, "rejected")
        assert (found["id"], found["code"]) == (5, "bad_frame")
        await say(ann, "add", {"amount": 1}, ack=6)
        await hear(ann, "ack")


@every_transport
async def test_too_much_rubbish_ends_the_connection(transport: str) -> None:
    async with hall(transport) as here, here.dial() as ann:
        await enter(ann, "ann")
        for _ in range(1_001):
            await say(ann, "add", {"amount": 1}, "rubbish")
        closing = await hear(ann, "closing")
        assert (closing["code"], closing["reconnect"]) == ("protocol", False)


@every_transport
async def test_no_credential_is_told_before_the_room_is_entered(transport: str) -> None:
    async with hall(transport) as here, here.dial() as ann:
        await ask(ann, type="hello")
        closing = await hear(ann, "closing")
        assert (closing["code"], closing["reconnect"]) == ("unauthenticated", False)
        await enter(ann, "ann")


@every_transport
@pytest.mark.parametrize(
    ("packet", "code"),
    [
        ("40", "unknown_room"),
        ("40/admin,", "unknown_room"),
        ('40/rooms/x,{"user":"ann"}', "bad_frame"),
        ("40/rooms/x,[]", "bad_frame"),
    ],
)
async def test_connecting_to_what_is_no_room(transport: str, packet: str, code: str) -> None:
    async with hall(transport) as here, here.dial() as ann:
        await ann.carrier.send(packet)
        while not (told := await ann.carrier.recv()).startswith("44"):
            pass
        assert json.loads(told[told.index("{") :])["data"] == {"code": code, "reconnect": False}
        await enter(ann, "ann")


async def test_several_rooms_in_one_session_and_no_more_than_so_many() -> None:
    async with hall("socketio") as here, here.dial() as ann:
        await enter(ann, "ann")
        other = await here.registry.open("tally", "owner", "Owner")
        await ann.carrier.send(f'40/rooms/{other.id},{{"token":"ann"}}')
        await until(ann, f"40/rooms/{other.id},")
        await ann.carrier.send(f'42/rooms/{other.id},3["add",{{"amount":5}}]')
        await until(ann, f'43/rooms/{other.id},3[{{"ok":true}}]')
        assert (await total(here), other.stage.state.total) == (0, 5)
        await ann.carrier.send(f"41/rooms/{other.id},")
        await ann.carrier.send(f'42/rooms/{other.id},4["add",{{"amount":5}}]')
        assert "not connected to this room" in await until(ann, f"43/rooms/{other.id},4")
        assert not other.stage.audience.viewers
        await say(ann, "add", {"amount": 1}, ack=1)
        await hear(ann, "ack")
        more = [await here.registry.open("tally", "owner", "Owner") for _ in range(MAX_ROOMS)]
        for room in more:
            await ann.carrier.send(f'40/rooms/{room.id},{{"token":"ann"}}')
        assert "capacity" in await until(ann, f"44/rooms/{more[-1].id},")


async def until(client: Any, beginning: str) -> str:
    """The next packet that begins so."""
    async with asyncio.timeout(5):
        while not (packet := str(await client.carrier.recv())).startswith(beginning):
            pass
    return packet


@every_socket
@pytest.mark.parametrize(
    "packet",
    [
        "abc",
        "",
        "9",
        "2probe",
        "5",
        "0{}",
        "4",
        "4x",
        "44/rooms/x,{}",
        '451-["x",{}]',
        "40/rooms/x",
    ],
)
async def test_what_is_no_packet_ends_the_session(transport: str, packet: str) -> None:
    async with hall(transport) as here, here.dial() as ann:
        await enter(ann, "ann")
        await ann.carrier.send(packet if packet != "40/rooms/x" else f"40{ann.namespace},")
        with pytest.raises(ConnectionClosed) as closed:
            await until(ann, "nothing")
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == ClosingCode.PROTOCOL.websocket_code
        assert not here.reception.connections


@every_socket
async def test_an_event_before_any_room_ends_the_session(transport: str) -> None:
    async with hall(transport) as here, here.dial() as ann:
        await say(ann, "add", {"amount": 1}, ack=1)
        with pytest.raises(ConnectionClosed):
            await ann.carrier.recv()
        assert not here.reception.connections


@every_transport
async def test_an_event_with_attachments_is_refused_by_name(transport: str) -> None:
    async with hall(transport) as here, here.dial() as ann:
        await enter(ann, "ann")
        event = f'451-{ann.namespace},7["add",{{"_placeholder":true,"num":0}}]'
        if transport == "socketio-polling":
            assert "binary" in (await ann.carrier.post(event)).text
        else:
            await ann.carrier.send(event)
        found = await hear(ann, "rejected")
        assert (found["id"], found["code"]) == (7, "bad_frame")
        assert "binary" in found["message"]


@every_socket
async def test_binary_and_too_much_close_the_socket(transport: str) -> None:
    """R1-106."""
    async with hall(transport) as here:
        for message, code in ((b"\x00", 1003), ("4" + "x" * MAX_FRAME_BYTES, 1009)):
            async with here.dial() as ann:
                await enter(ann, "ann")
                await ann.carrier.send(message)
                with pytest.raises(ConnectionClosed) as closed:
                    await until(ann, "nothing")
                assert closed.value.rcvd is not None
                assert closed.value.rcvd.code == code


@every_socket
async def test_random_packets_never_stop_the_server(transport: str) -> None:
    """R0-52."""
    rng = random.Random(7)
    async with hall(transport) as here:
        for _ in range(25):
            async with here.dial() as guest:
                await enter(guest, "guest")
                head = rng.choice(["", "4", "42", f"42{guest.namespace},", f"42{guest.namespace},1", "40/rooms/"])
                with_noise = head + "".join(chr(rng.randrange(1, 0x2FF)) for _ in range(rng.randrange(30)))
                await guest.carrier.send(with_noise)
        async with here.dial() as ann:
            await enter(ann, "ann")
            await say(ann, "add", {"amount": 1}, ack=1)
            await hear(ann, "ack")


async def test_one_write_for_all_a_commit_owes_and_one_framing_for_all_viewers(monkeypatch: pytest.MonkeyPatch) -> None:
    async with hall("socketio") as here, here.dial() as ann, here.dial() as bob:
        await enter(ann, "ann")
        await enter(bob, "bob")
        room = await here.registry.get(here.room)
        first, second = room.stage.audience.viewers
        assert first.frame is second.frame
        written: list[bytes] = []
        assert isinstance(ann.carrier, Socket)
        engine = next(iter(here.engines.sessions.values()))
        monkeypatch.setattr(engine, "write", written.append)
        await say(ann, "add", {"amount": 1}, ack=1)
        await hear(bob, "patch")
        assert len(written) == 1
        kinds = [payload[: payload.index(b"{")].decode().replace(ann.namespace, "") for payload in payloads(written[0])]
        assert kinds == ['42,["patch",', '42,["patch",', "43,1["], "the view, the event, the answer"


async def test_a_session_cannot_be_made_somebody_elses() -> None:
    """A sid is nobody's identity: what a connection may do comes from its own token."""
    async with hall("socketio") as here, here.dial() as ann, here.dial() as bob:
        first = await enter(ann, "ann")
        second = await enter(bob, "bob", session=first["session"])
        assert second["seat"] != first["seat"]
        await say(ann, "hide", {"amount": 4}, ack=1)
        await hear(ann, "ack")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(hear(bob, "patch", "ack"), 0.2)


@every_transport
async def test_who_is_to_come_back_loses_the_session(transport: str) -> None:
    """Stock clients come back by themselves after that, and not after leaving one namespace."""
    async with hall(transport) as here, here.dial() as ann:
        await enter(ann, "ann")
        connection = next(iter(here.reception.connections))
        connection.end(ClosingCode.SLOW, "too slow")
        assert (await hear(ann, "closing"))["reconnect"]
        with pytest.raises((Gone, ConnectionClosed)):
            await until(ann, "nothing")


@every_transport
async def test_who_is_not_to_come_back_loses_the_room_alone(transport: str) -> None:
    async with hall(transport) as here, here.dial() as ann:
        await enter(ann, "ann")
        next(iter(here.reception.connections)).end(ClosingCode.REPLACED, "elsewhere")
        assert (await hear(ann, "closing"))["code"] == "replaced"
        with pytest.raises(Gone, match="41/rooms"):
            await ann.recv()
        await enter(ann, "ann")


def test_numbers_go_up() -> None:
    numbers = Numbers(4)
    assert [numbers.next(), numbers.next(), numbers.last] == [5, 6, 6]


def test_one_framer_for_a_room_and_none_when_it_is_over() -> None:
    held = framer(b"/rooms/x")
    assert framer(b"/rooms/x") is held
    assert framer(b"/rooms/y") is not held
    assert payloads(held.frame(b'{"type":"signal"}')) == [b'42/rooms/x,["signal",{"type":"signal"}]']
