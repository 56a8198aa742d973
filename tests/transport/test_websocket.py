"""One conformance suite for every transport, with an independent client; and the seam to picows."""

import asyncio
import contextlib
import random

import httpx
import pytest
from fuzz.making import frames
from picows import WSListener, picows
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from gamekeeper.transport.websocket import SocketPeer, protocol_class
from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.frames import MAX_FRAME_BYTES
from tests.transport.hall import SOCKETIO, TRANSPORTS, ask, enter, hall, hear

pytestmark = pytest.mark.anyio
every_transport = pytest.mark.parametrize("transport", [*TRANSPORTS, *SOCKETIO])
every_plain_transport = pytest.mark.parametrize("transport", TRANSPORTS)


@every_transport
async def test_hello_command_ack_patch(transport: str) -> None:
    async with hall(transport) as here, here.dial() as ann, here.dial() as bob:
        welcome = await enter(ann, "ann")
        await enter(bob, "bob")
        assert (welcome["role"], welcome["resumed"], welcome["public"]["total"]) == ("player", False, 0)
        await ask(ann, type="command", id=1, name="add", data={"amount": 5})
        assert await hear(ann, "ack") == {"type": "ack", "id": 1}
        assert (await hear(bob, "patch"))["events"][0]["data"]["amount"] == 5
        assert (await hear(bob, "patch"))["public"]["total"] == [5]


@every_transport
async def test_order_is_kept(transport: str) -> None:
    """R1-107: per connection, however many are sent at once."""
    async with hall(transport) as here, here.dial() as ann:
        await enter(ann, "ann")
        for id in range(1, 301):
            await ask(ann, type="command", id=id, name="add", data={"amount": id % 7})
        acks = [(await hear(ann, "ack"))["id"] for _ in range(300)]
        assert acks == list(range(1, 301))


@every_transport
async def test_rejections_go_to_the_sender_alone(transport: str) -> None:
    """R0-32, R1-75: code, field, message; the loop goes on (R2-115)."""
    async with hall(transport) as here, here.dial() as ann, here.dial() as bob:
        await enter(ann, "ann")
        await enter(bob, "bob")
        for name, data, code, field in [
            ("add", {"amount": -1}, "bad_request", "amount"),
            ("add", {"amount": "x"}, "bad_command", "amount"),
            ("add", {"amount": 1, "more": 2}, "unknown_field", "more"),
            ("add", {}, "bad_command", "amount"),
            ("fly", {}, "unknown_command", None),
            ("start_room", {}, "not_host", None),
        ]:
            await ask(ann, type="command", id=1, name=name, data=data)
            found = await hear(ann, "rejected")
            assert (found["id"], found["code"], found.get("field")) == (1, code, field)
        await ask(ann, type="command", id=1, name="add", data={"amount": 1})
        await hear(ann, "ack")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(hear(bob, "rejected"), 0.2)


@every_plain_transport
async def test_malformed_frames_get_typed_answers(transport: str) -> None:
    """R0-52: whatever arrives, an answer with a code, and the connection lives."""
    rng = random.Random(1)
    async with hall(transport) as here, here.dial() as ann:
        await enter(ann, "ann")
        for text in [
            "",
            "{",
            "[]",
            "null",
            '{"type":"x"}',
            '{"type":"command"}',
            '{"type":"hello"}',
            "\u0000",
            "{}" * 99,
        ]:
            await ann.send(text)
            assert (await hear(ann, "rejected"))["code"] == "bad_frame"
        for _ in range(200):
            await ann.send("".join(chr(rng.randrange(1, 0x2FF)) for _ in range(rng.randrange(40))))
            assert (await hear(ann, "rejected"))["code"] == "bad_frame"
        await ask(ann, type="command", id=1, name="add", data={"amount": 1})
        await hear(ann, "ack")


@every_plain_transport
async def test_a_thousand_frames_that_nobody_should_send(transport: str, caplog: pytest.LogCaptureFixture) -> None:
    """R0-52 over each transport: typed errors, no fault, and the last frame is read like the first."""
    async with hall(transport) as here, here.dial() as ann:
        await enter(ann, "ann")
        for payload in frames(random.Random(52), 900):
            if b"_room" not in payload:  # who leaves or closes the room has no answers to come
                await ann.send(payload.decode("utf-8", "replace"))
        await ask(ann, type="command", id=99_999, name="add", data={"amount": -5})
        codes: list[str] = []
        while codes[-1:] != ["bad_request"]:
            codes.append((await hear(ann, "rejected"))["code"])
        assert set(codes) <= {"bad_frame", "bad_command", "unknown_command", "unknown_field", "bad_request"}
        assert len(codes) > 700
        assert not [record for record in caplog.records if record.levelname == "ERROR"]


@every_plain_transport
async def test_too_much_rubbish_ends_the_connection(transport: str) -> None:
    async with hall(transport) as here, here.dial() as ann:
        await enter(ann, "ann")
        for _ in range(1_002):
            await ann.send("rubbish")
        assert (await hear(ann, "closing"))["code"] == "protocol"
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                await ann.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == ClosingCode.PROTOCOL.websocket_code


@every_plain_transport
@pytest.mark.parametrize("fragments", [1, 4])
async def test_a_frame_that_is_too_big(transport: str, fragments: int) -> None:
    """R1-106: close 1009, also in fragments."""
    async with hall(transport) as here, here.dial() as ann:
        await enter(ann, "ann")
        big = "x" * (MAX_FRAME_BYTES + 10)
        size = len(big) // fragments + 1
        parts = [big[start : start + size] for start in range(0, len(big), size)]
        await ann.send(parts if fragments > 1 else big)
        with pytest.raises(ConnectionClosed) as closed:
            async with asyncio.timeout(5):
                while True:
                    await ann.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009


@every_plain_transport
async def test_fragments_below_the_limit_are_one_message(transport: str) -> None:
    async with hall(transport) as here, here.dial() as ann:
        await ann.send(['{"type":"hel', 'lo","token', '":"ann"}'])
        assert (await hear(ann, "welcome"))["seat"] == 2


@every_plain_transport
async def test_binary_is_refused(transport: str) -> None:
    async with hall(transport) as here, here.dial() as ann:
        await ann.send(b"\x00\x01")
        with pytest.raises(ConnectionClosed) as closed:
            await ann.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1003


@every_plain_transport
async def test_foreign_origins_and_other_paths_are_refused(transport: str) -> None:
    """R4-161: an origin allow-list on the handshake."""
    async with hall(transport, origins=["https://school.example"]) as here:
        with pytest.raises(InvalidStatus) as refused:
            async with here.dial(origin="https://evil.example"):
                pass
        assert refused.value.response.status_code == 403
        async with here.dial(origin="https://school.example") as ann:
            await enter(ann, "ann")
        async with here.dial(origin=f"http://127.0.0.1:{here.port}") as bob:
            await enter(bob, "bob")


@every_plain_transport
async def test_no_credential_closes_with_its_code(transport: str) -> None:
    async with hall(transport) as here, here.dial() as ann:
        await ask(ann, type="hello")
        closing = await hear(ann, "closing")
        assert (closing["code"], closing["reconnect"]) == ("unauthenticated", False)
        with pytest.raises(ConnectionClosed) as closed:
            await ann.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4001


@every_transport
async def test_resume_brings_what_was_missed(transport: str) -> None:
    """R1-83: each missed event once, in order; a resent command gets its first answer."""
    async with hall(transport) as here, here.dial() as bob:
        await enter(bob, "bob")
        async with here.dial() as ann:
            first = await enter(ann, "ann")
            await ask(ann, type="command", id=1, name="hide", data={"amount": 3})
            await hear(ann, "ack")
        for id in (1, 2, 3):
            await ask(bob, type="command", id=id, name="add", data={"amount": id})
            await hear(bob, "ack")
        async with here.dial() as ann:
            again = await enter(ann, "ann", session=first["session"], cursor=first["cursor"])
            assert (again["resumed"], again["session"], again["last_id"]) == (True, first["session"], 1)
            assert [event["data"]["amount"] for event in again["events"]] == [1, 2, 3]
            await ask(ann, type="command", id=1, name="hide", data={"amount": 3})
            await hear(ann, "ack")
            assert again["private"] == {"secret": 3}


@every_transport
async def test_a_drain_sends_everybody_home_to_return(transport: str) -> None:
    async with hall(transport) as here, here.dial() as ann:
        await enter(ann, "ann")
        await here.registry.drain()
        closing = await hear(ann, "closing")
        assert (closing["code"], closing["reconnect"]) == ("draining", True)


@every_transport
async def test_nothing_is_left_of_those_who_left(transport: str) -> None:
    """R1-73 in small: connections, viewers and presence are gone."""
    async with hall(transport) as here:
        for number in range(30):
            async with here.dial() as someone:
                await enter(someone, f"guest {number % 5}")
        await asyncio.sleep(0.1)
        room = await here.registry.get(here.room)
        assert (len(here.reception.connections), len(room.stage.audience.viewers), room.presence.online) == (0, 0, [])
        assert not here.engines.sessions


async def test_reconnecting_adds_no_task_and_no_listener() -> None:
    """R1-85, R1-106 in small, with frames too big and losses without a word; `bench.endure` does 10,000."""
    async with hall("picows-httptools") as here:
        room = await here.registry.get(here.room)
        held: list[tuple[int, ...]] = []
        for number in range(150):
            async with here.dial() as someone:
                await enter(someone, f"guest {number % 5}")
                if number % 3 == 1:
                    await someone.send("x" * (MAX_FRAME_BYTES + 1))
                if number % 3 == 2:
                    someone.transport.abort()
            if number % 50 == 49:
                async with asyncio.timeout(5):
                    while here.reception.connections:  # noqa: ASYNC110 - nobody is told of the last
                        await asyncio.sleep(0.01)
                held.append((len(asyncio.all_tasks()), len(here.registry.observers), len(room.stage.audience.viewers)))
        assert held[0] == held[1] == held[2]


async def test_a_thousand_commands_of_ten_connections_at_once_leave_no_gap() -> None:
    """R0-17 over real sockets: each is answered once, and the log has no gap and nothing twice."""
    async with hall("picows-httptools") as here, contextlib.AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(here.dial()) for _ in range(10)]
        for number, socket in enumerate(sockets):
            await enter(socket, f"guest {number}")

        async def play(socket: ClientConnection) -> list[int]:
            for id in range(1, 101):
                await ask(socket, type="command", id=id, name="add", data={"amount": 1})
            return [(await hear(socket, "ack"))["id"] for _ in range(100)]

        assert await asyncio.gather(*map(play, sockets)) == [list(range(1, 101))] * 10
        room = await here.registry.get(here.room)
        entries = await here.registry.log.read(here.room)
        seqs = [seq for entry in entries for seq in range(entry.seq, entry.last + 1)]
        assert seqs == list(range(1, room.stage.seq + 1))
        assert room.stage.state.total == 1_000


async def test_http_and_sockets_share_one_port() -> None:
    async with hall("picows-httptools") as here, httpx.AsyncClient() as http:
        answer = await http.get(f"http://127.0.0.1:{here.port}/")
        assert answer.text == "http on the same port"
        async with here.dial() as ann:
            await enter(ann, "ann")


def test_the_seam_to_picows() -> None:
    """What `Upgraded` relies on, so that an upgrade of picows that breaks it is seen here first."""
    protocol = picows.__dict__["WSProtocol"]
    for name in ("connection_made", "connection_lost", "get_buffer", "buffer_updated", "pause_writing"):
        assert callable(getattr(protocol, name))
    assert issubclass(protocol, asyncio.BufferedProtocol)
    assert issubclass(SocketPeer, WSListener)
    assert callable(protocol_class)
