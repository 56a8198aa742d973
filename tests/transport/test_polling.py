"""Requests, one by one: what is answered, what waits, what ends the session."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from websockets.asyncio.client import connect

from gamekeeper.wire.engineio import MAX_PAYLOAD_BYTES
from tests.transport.hall import Hall, enter, hall, hear
from tests.transport.talk import ENDPOINT, Polling, Talk

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def visit(**options: object) -> AsyncIterator[tuple[Hall, httpx.AsyncClient]]:
    async with (
        hall("socketio-polling", **options) as here,  # type: ignore[arg-type]
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{here.port}", timeout=20) as http,
    ):
        yield here, http


async def session(http: httpx.AsyncClient) -> str:
    """A new one; its address."""
    answer = await http.get(ENDPOINT + "polling")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=UTF-8"
    assert answer.headers["cache-control"] == "no-store"
    found = json.loads(answer.text[1:])
    assert found["upgrades"] == ["websocket"]
    assert found["maxPayload"] == MAX_PAYLOAD_BYTES
    return f"{ENDPOINT}polling&sid={found['sid']}"


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/socket.io/?transport=polling", 5),
        ("GET", "/socket.io/?EIO=3&transport=polling", 5),
        ("GET", "/socket.io/?EIO=4", 0),
        ("GET", "/socket.io/?EIO=4&transport=abc", 0),
        ("GET", "/socket.io/?EIO=4&transport=websocket", 0),
        ("GET", "/socket.io/?EIO=4&transport=polling&sid=nobody", 1),
        ("POST", "/socket.io/?EIO=4&transport=polling", 2),
        ("PUT", "/socket.io/?EIO=4&transport=polling", 2),
        ("GET", "/socket.io/?" + "&".join(f"x{number}=1" for number in range(40)), 3),
    ],
)
async def test_requests_that_do_not_fit(method: str, path: str, code: int) -> None:
    async with visit() as (_, http):
        answer = await http.request(method, path)
        assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_foreign_origins_are_refused_here_too() -> None:
    """R4-161: no browser's page opens a session from elsewhere, or uses one."""
    async with visit(origins=["https://school.example"]) as (here, http):
        evil = {"Origin": "https://evil.example"}
        assert (await http.get(ENDPOINT + "polling", headers=evil)).status_code == 403
        url = await session(http)
        for method in ("GET", "POST"):
            answer = await http.request(method, url, headers=evil, content="3" if method == "POST" else None)
            assert (answer.status_code, answer.json()["code"]) == (403, 4)
        for good in ("https://school.example", f"http://127.0.0.1:{here.port}"):
            assert (await http.get(ENDPOINT + "polling", headers={"Origin": good})).status_code == 200


async def test_a_poll_waits_until_there_is_something() -> None:
    async with visit() as (here, http):
        url = await session(http)
        waiting = asyncio.create_task(http.get(url))
        namespace = f"/rooms/{here.room}"
        sent = await http.post(url, content=f'40{namespace},{{"token":"ann"}}\x1e3')
        assert (sent.status_code, sent.text) == (200, "ok")
        connected, welcome = (await waiting).text.split("\x1e")
        assert connected.startswith(f"40{namespace},")
        assert welcome.startswith(f'42{namespace},["welcome",')


async def test_several_packets_in_one_request_keep_their_order() -> None:
    """R1-107."""
    async with hall("socketio-polling") as here, here.dial() as ann:
        await enter(ann, "ann")
        assert isinstance(ann.carrier, Polling)
        packets = [f'42{ann.namespace},{number}["add",{{"amount":1}}]' for number in range(1, 201)]
        assert (await ann.carrier.post(*packets)).text == "ok"
        assert [(await hear(ann, "ack"))["id"] for _ in packets] == list(range(1, 201))


async def test_two_polls_at_once_end_the_session() -> None:
    async with visit() as (here, http):
        url = await session(http)
        first = asyncio.create_task(http.get(url))
        await waiting(here)
        assert (await http.get(url)).status_code == 400
        assert (await first).text == "1"
        assert (await http.get(url)).json()["code"] == 1


async def waiting(here: Hall) -> None:
    """Until a poll waits."""
    engine = next(iter(here.engines.sessions.values()))
    async with asyncio.timeout(5):
        while engine.wake is None:  # noqa: ASYNC110 - nobody is told
            await asyncio.sleep(0.005)


async def test_two_posts_at_once_end_the_session() -> None:
    async with visit() as (here, http):
        url = await session(http)
        begun, goes_on = asyncio.Event(), asyncio.Event()

        async def slowly() -> AsyncIterator[bytes]:
            yield b"3"
            begun.set()
            await goes_on.wait()

        first = asyncio.create_task(http.post(url, content=slowly()))
        await begun.wait()
        async with asyncio.timeout(5):
            while not next(iter(here.engines.sessions.values())).posting:  # noqa: ASYNC110 - nobody is told
                await asyncio.sleep(0.005)
        assert (await http.post(url, content="3")).status_code == 400
        goes_on.set()
        await first
        assert (await http.get(url)).text == "1"


async def test_a_poll_that_is_given_up_ends_the_session() -> None:
    """What it would have been answered with must not be lost in silence: the client comes back and resumes."""
    async with visit() as (here, http):
        url = await session(http)
        given_up = asyncio.create_task(http.get(url))
        await waiting(here)
        given_up.cancel()
        async with asyncio.timeout(5):
            while here.engines.sessions:  # noqa: ASYNC110 - nobody is told
                await asyncio.sleep(0.005)
        assert (await http.get(url)).status_code == 400


@pytest.mark.parametrize(
    ("body", "words"), [("abc", "not a packet"), ("", "not a packet"), ("bAQIDBA==", "binary"), ("4x", "Socket.IO")]
)
async def test_what_is_no_packet_ends_the_session(body: str, words: str) -> None:
    async with visit() as (_, http):
        url = await session(http)
        answer = await http.post(url, content=body)
        assert (answer.status_code, answer.json()["code"]) == (400, 3)
        assert words in answer.json()["message"]
        assert (await http.get(url)).text == "1"
        assert (await http.post(url, content="3")).status_code == 400


async def test_too_much_at_once_is_refused_by_name() -> None:
    async with visit() as (here, http):
        for chunked in (False, True):
            url = await session(http)
            body = b"4" + b"x" * MAX_PAYLOAD_BYTES

            async def pieces(body: bytes = body) -> AsyncIterator[bytes]:
                yield body

            answer = await http.post(url, content=pieces() if chunked else body)
            assert answer.status_code == 413
            assert str(MAX_PAYLOAD_BYTES) in answer.json()["message"]
            assert (await http.get(url)).text == "1"
        assert not here.engines.sessions


async def test_a_client_that_says_goodbye_leaves_nothing() -> None:
    async with visit() as (here, http):
        url = await session(http)
        last = asyncio.create_task(http.get(url))
        await waiting(here)
        assert (await http.post(url, content="1")).text == "ok"
        assert (await last).text == "6"
        assert (await http.get(url)).status_code == 400
        assert not here.engines.sessions


async def test_when_a_websocket_has_taken_over_polling_is_over() -> None:
    async with hall("socketio-upgrade") as here, here.dial() as ann:
        await enter(ann, "ann")
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{here.port}") as http:
            url = f"{ENDPOINT}polling&sid={next(iter(here.engines.sessions))}"
            assert (await http.get(url)).json()["code"] == 3
            assert (await http.post(url, content="3")).json()["code"] == 3
        assert isinstance(ann, Talk)
        await ann.emit(1, "add", {"amount": 1})
        await hear(ann, "ack")


async def test_what_was_said_during_an_upgrade_comes_over_the_websocket() -> None:
    """R1-83: nothing is lost between the two."""
    async with visit() as (here, http):
        url = await session(http)
        namespace = f"/rooms/{here.room}"
        sid = url.rpartition("=")[2]
        async with connect(f"ws://127.0.0.1:{here.port}{ENDPOINT}websocket&sid={sid}", compression=None) as socket:
            await socket.send("2probe")
            assert await socket.recv() == "3probe"
            assert (await http.get(url)).text == "6"
            await http.post(url, content=f'40{namespace},{{"token":"ann"}}')
            room = await here.registry.get(here.room)
            async with asyncio.timeout(5):
                while not room.stage.audience.viewers:  # noqa: ASYNC110 - nobody is told
                    await asyncio.sleep(0.005)
            await socket.send("5")
            assert str(await socket.recv()).startswith(f"40{namespace}")
            assert str(await socket.recv()).startswith(f'42{namespace},["welcome"')


async def test_nobody_is_let_in_once_the_server_goes() -> None:
    async with visit() as (here, http):
        url = await session(http)
        last = asyncio.create_task(http.get(url))
        await waiting(here)
        here.reception.closing = True
        here.engines.drain()
        assert (await last).text == "1"
        assert (await http.get(ENDPOINT + "polling")).status_code == 503
