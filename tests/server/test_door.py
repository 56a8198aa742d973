"""Who comes in by socket: over real sockets."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from gamekeeper import PLAYER, Rejected
from gamekeeper.client import Client, Connection, ConnectionClosed
from gamekeeper.cluster.bus import Exchange
from gamekeeper.core.personal import NOTHING, Aside
from gamekeeper.log.memory import MemoryLog
from gamekeeper.log.ownership import MemoryOwnership
from gamekeeper.room.feed import Feed
from gamekeeper.server.embedded import serving
from gamekeeper.server.lifecycle import Port
from gamekeeper.server.place import Place
from gamekeeper.server.server import Server
from gamekeeper.testing.tally import Add
from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.frames import Closing
from tests.server.kit import ADMIN_PASSWORD, APPS, settings_in

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def port(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Port, None]:
    async with serving(settings_in(tmp_path_factory.mktemp("door")), APPS) as port:
        yield port


def server_of(port: Port) -> Server:
    return port._server


async def guest(port: Port, name: str = "Ann") -> Client:
    client = Client(port.url)
    await client.guest(name)
    return client


async def seated(port: Port, app: str = "tally") -> tuple[Client, Client, str]:
    """A host, a player and their room."""
    host, ann = await guest(port, "Host"), await guest(port)
    room = await host.open(app)
    await ann.join(room["code"])
    return host, ann, room["id"]


async def refused(connection: Connection) -> str:
    """The closing code of a connection that is not let in."""
    with pytest.raises(ConnectionClosed) as caught:
        async with asyncio.timeout(5), connection:
            pass
    return caught.value.code


async def test_a_seat_is_shown_its_views(port: Port) -> None:
    host, ann, room = await seated(port)
    async with ann.connect(room) as live, host.connect(room) as hosting:
        assert (live.seat, hosting.seat, live.private) == (2, 1, {"secret": 0})
        await live.send("add", {"amount": 5})
        await hosting.until(lambda: hosting.public["total"] == 5, 5)
        with pytest.raises(Rejected, match="add is for player"):
            await hosting.send("add", {"amount": 5})


@pytest.mark.parametrize("token", [None, "", "nonsense", "a.b.c"])
async def test_without_a_credential_nobody_comes_in(port: Port, token: str | None) -> None:
    _, _, room = await seated(port)
    async with Client(port.url, token) as stranger:
        assert await refused(stranger.connect(room)) == "unauthenticated"


async def test_without_a_seat_nobody_comes_in(port: Port) -> None:
    host, ann, room = await seated(port)
    stranger = await guest(port, "Stranger")
    assert await refused(stranger.connect(room)) == "forbidden"
    await ann.request("POST", f"/rooms/{room}/leave")
    assert await refused(ann.connect(room)) == "forbidden"
    assert await refused(host.connect("nothing")) == "unknown_room"


async def test_another_users_session_grants_nothing(port: Port) -> None:
    host, ann, room = await seated(port)
    async with ann.connect(room) as live:
        await live.send("add", {"amount": 1})
        session = live.replica.session
        async with host.connect(room, session=session) as thief:
            assert (thief.seat, thief.private) == (1, {"secret": 0})
            assert thief.replica.role == "host"


async def test_an_administrator_looks_from_outside(port: Port) -> None:
    _, ann, room = await seated(port)
    await server_of(port).accounts.add("root.door", ADMIN_PASSWORD, "Root", frozenset({"admin"}))
    admin = Client(port.url)
    await admin.login("root.door", ADMIN_PASSWORD)
    async with ann.connect(room) as live, admin.connect(room) as looking:
        assert (looking.seat, looking.replica.role, looking.private) == (0, "admin", None)
        await live.send("hide", {"amount": 3})
        await live.send("add", {"amount": 2})
        await looking.until(lambda: looking.public["total"] == 2, 5)
        assert looking.private is None


@pytest.mark.parametrize(("app", "first", "second"), [
    ("tally", "replaced", "live"), ("duel", "live", "rejected_connection"), ("crowd", "live", "live"),
])  # fmt: skip
async def test_a_second_connection_of_one_seat_and_device(port: Port, app: str, first: str, second: str) -> None:
    host, ann, room = await seated(port, app)
    async with ann.connect(room, device="phone") as one:
        other = ann.connect(room, device="phone")
        if second == "live":
            async with other:
                if first == "replaced":
                    with pytest.raises(ConnectionClosed, match="replaced"):
                        await one.until(lambda: False, 5)
                assert other.state == "live"
        else:
            assert await refused(other) == second
            assert one.state == "live"
        async with ann.connect(room, device="tablet") as tablet:
            assert tablet.state == "live"
    assert host.user["name"] == "Host"


async def test_a_reconnect_resumes_with_what_was_missed(port: Port) -> None:
    _, ann, room = await seated(port)
    async with ann.connect(room, device="phone") as live, ann.connect(room, device="tablet") as other:
        await live.send("add", {"amount": 1})
        starts, events = live.replica.starts_over, len(live.take_events())
        live.drop()
        await other.send("add", {"amount": 2})
        await live.until(lambda: live.public["total"] == 3 and live.state == "live", 5)
        assert live.replica.starts_over == starts and events == 1
        assert [event.type for event in live.take_events()] == ["added"]


async def test_what_the_room_has_forgotten_is_read_from_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gamekeeper.server.server.Limits", _short_memory)
    async with serving(settings_in(tmp_path), APPS) as port:
        _, ann, room = await seated(port)
        async with ann.connect(room, device="phone") as live, ann.connect(room, device="tablet") as other:
            await live.send("add", {"amount": 1})
            live.take_events()
            starts = live.replica.starts_over
            live.drop()
            for _ in range(20):
                await other.send("add", {"amount": 1})
            await live.until(lambda: live.public["total"] == 21 and live.state == "live", 5)
            assert live.replica.starts_over == starts
            assert sum(event.type == "added" for event in live.take_events()) == 20


def _short_memory(**limits: object) -> object:
    from gamekeeper.room.limits import Limits

    return Limits(**limits, recent_events=3)  # type: ignore[arg-type]


async def test_signing_out_closes_the_sockets_of_that_login_alone(port: Port) -> None:
    host, ann, room = await seated(port)
    async with ann.connect(room) as live, host.connect(room) as hosting:
        await ann.request("POST", "/auth/logout")
        with pytest.raises(ConnectionClosed, match="revoked"):
            await live.until(lambda: False, 5)
        assert hosting.state == "live"
    assert await refused(ann.connect(room)) == "unauthenticated"


async def test_a_revoked_user_is_out(port: Port) -> None:
    await server_of(port).accounts.add("carl", ADMIN_PASSWORD, None, frozenset())
    carl = Client(port.url)
    await carl.login("carl", ADMIN_PASSWORD)
    room = (await carl.open("tally"))["id"]
    async with carl.connect(room) as live:
        await server_of(port).accounts.revoke(await server_of(port).accounts.find("carl"))
        with pytest.raises(ConnectionClosed, match="revoked"):
            await live.until(lambda: False, 5)


async def test_a_closed_room_lets_nobody_in(port: Port) -> None:
    host, ann, room = await seated(port)
    async with ann.connect(room) as live:
        await host.request("POST", f"/rooms/{room}/close", {"reason": "over"})
        with pytest.raises(ConnectionClosed, match="room_closed: over"):
            await live.until(lambda: False, 5)
    assert await refused(host.connect(room)) == "room_closed"


async def test_a_room_that_sleeps_wakes_for_a_connection(port: Port) -> None:
    _, ann, room = await seated(port)
    async with ann.connect(room) as live:
        await live.send("hide", {"amount": 4})
    server = server_of(port)
    server.registry.rooms[room].stop(*_idle())
    assert room not in server.registry.rooms
    async with ann.connect(room) as live:
        assert live.private == {"secret": 4}


def _idle() -> tuple[object, str]:
    from gamekeeper.wire.closing import ClosingCode

    return ClosingCode.IDLE, "test"


async def test_nothing_is_remembered_of_those_who_left(port: Port) -> None:
    _, ann, room = await seated(port)
    before = len(server_of(port).door)
    for _ in range(50):
        async with ann.connect(room):
            pass
    await asyncio.sleep(0.1)
    door = server_of(port).door
    assert len(door) == before and len(door._by_subject) == 2 * before and not door._entering


async def test_a_full_room_and_a_full_server_say_so(tmp_path: Path) -> None:
    """R0-19: the limits of connections and of rooms have a closing code of their own."""
    async with serving(settings_in(tmp_path, max_viewers=1, max_rooms=1), APPS) as port:
        host, ann, room = await seated(port)
        full = ann.connect(room)
        closings: list[str] = []
        full.listen = lambda frame: closings.append(frame.code) if isinstance(frame, Closing) else None
        async with host.connect(room) as hosting:
            waiting = asyncio.create_task(full.__aenter__())
            async with asyncio.timeout(5):
                while not closings:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            await hosting.close()
        async with asyncio.timeout(10):
            await waiting
        await full.close()
        assert closings[0] == "full"
        server = server_of(port)
        server.registry.rooms[room].stop(ClosingCode.IDLE, "asleep")
        other = await host.open("tally")
        closings.clear()
        again = host.connect(room)
        again.listen = full.listen
        waiting = asyncio.create_task(again.__aenter__())
        async with asyncio.timeout(5):
            while not closings:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        server.registry.rooms[other["id"]].stop(ClosingCode.IDLE, "asleep")
        async with asyncio.timeout(10):
            await waiting
        await again.close()
        assert closings[0] == "full"


async def test_who_connects_too_often_is_sent_away_for_a_while(tmp_path: Path) -> None:
    """R4-160: opening a connection has the rate class of changing requests, per user."""
    async with serving(settings_in(tmp_path, rate_write="3/minute"), APPS) as port:
        host, ann, room = await seated(port)
        closings: list[str] = []
        for number in range(4):
            live = ann.connect(room)
            live.listen = lambda frame: closings.append(frame.code) if isinstance(frame, Closing) else None
            if number < 3:
                async with live:
                    continue
            waiting = asyncio.create_task(live.__aenter__())
            async with asyncio.timeout(5):
                while not closings:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            waiting.cancel()
            await live.close()
        assert closings == ["full"]
        async with host.connect(room):
            pass


class AheadOfItself(MemoryLog):
    """A log whose rows can be read before the room is told that they are there."""

    def __init__(self) -> None:
        super().__init__()
        self.held: list[tuple[Any, Any]] | None = None

    def append(self, room: str, first: int, last: int, body: bytes, done: Any, aside: Aside = NOTHING) -> None:
        def told(error: Any) -> None:
            if self.held is None:
                done(error)
            else:
                self.held.append((done, error))

        super().append(room, first, last, body, told, aside)


async def test_a_resuming_client_gets_no_event_twice_that_is_written_and_not_shown_yet(tmp_path: Path) -> None:
    """Found by the simulation of a cluster: events that the log had and the room had not shown were sent twice."""
    log = AheadOfItself()
    ownership = MemoryOwnership()
    await ownership.register()
    place = Place(log, ownership, Exchange(asyncio.get_running_loop().call_soon).bus("here"))
    server = await Server.open(settings_in(tmp_path), APPS, place)
    room = await server.registry.open("tally", "host", "Host")
    member = await server.registry.join(room.id, "ann", "Ann", PLAYER)
    cursor = room.stage.cursors.at(room.stage.seq)
    add = Add(1)
    for _ in range(3):
        await server.registry.ask(room.id, add, seat=member.seat, role=PLAYER, user="ann")
    room.stage.feed = Feed(1, room.stage.seq)
    log.held = []
    asking = asyncio.create_task(server.registry.ask(room.id, add, seat=member.seat, role=PLAYER, user="ann"))
    async with asyncio.timeout(5):
        while not log.held:  # noqa: ASYNC110
            await asyncio.sleep(0)
    since, missed = await server.door._missed(room, cursor)
    assert (since, len(missed)) == (room.stage.seq, 3)
    held, log.held = log.held, None
    for done, error in held:
        done(error)
    await asking
    await server.close()
