"""A client's way to a socket over the network; the rest of it is `tests/test_client.py`."""

import asyncio
import contextlib
import socket
from pathlib import Path

import pytest
from picows import ws_connect

from gamekeeper import dial as dial_module
from gamekeeper.dial import Silence, Socket, _Listener, dial
from gamekeeper.embedded import serving
from gamekeeper.testing.tally import app

pytestmark = pytest.mark.anyio


class Nobody:
    """A caller who keeps what it is told."""

    def __init__(self) -> None:
        self.opened: list[Socket] = []
        self.heard: list[bytes] = []

    def socket_opened(self, socket: Socket) -> None:
        self.opened.append(socket)

    def frame_received(self, payload: bytes) -> None:
        self.heard.append(payload)


async def test_it_opens_carries_and_ends(tmp_path: Path) -> None:
    async with serving(app, tmp_path) as server:
        caller = Nobody()
        opened = await dial(f"{server.url.replace('http', 'ws', 1)}/rooms/none/socket", caller)
        assert caller.opened == [opened]
        opened.send(b'{"type":"hello"}')
        async with asyncio.timeout(5):
            await opened.gone()
        assert b'"unauthenticated"' in caller.heard[0]


async def test_where_nobody_answers_is_an_os_error(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(OSError):
        await dial(f"ws://127.0.0.1:{port}/rooms/none/socket", Nobody())
    async with serving(app, tmp_path) as server:
        with pytest.raises(OSError, match="no WebSocket"):
            await dial(f"{server.url.replace('http', 'ws', 1)}/nothing/here", Nobody())


async def test_a_network_that_swallows_everything_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client once tried a line for a minute that could never come about, and nowhere else meanwhile."""
    monkeypatch.setattr(dial_module, "DIAL_TIMEOUT_S", 0.3)
    with socket.socket() as deaf, contextlib.ExitStack() as held:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for _ in range(3):  # who comes after these gets no answer at all
            one = held.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(deaf.getsockname())
        with pytest.raises(OSError, match="no WebSocket"):
            async with asyncio.timeout(30):
                await dial(f"ws://127.0.0.1:{deaf.getsockname()[1]}/rooms/none/socket", Nobody())


async def test_who_answers_too_late_is_not_heard(tmp_path: Path) -> None:
    caller = Nobody()
    listener = _Listener(caller)
    listener.given_up = True
    async with serving(app, tmp_path) as server:
        transport, _ = await ws_connect(lambda: listener, f"{server.url.replace('http', 'ws', 1)}/rooms/none/socket")
        async with asyncio.timeout(5):
            await transport.wait_disconnected()
    assert caller.opened == []


async def test_silence_is_noticed_and_any_word_ends_it() -> None:
    lost = asyncio.Event()
    silence = Silence(lost.set)
    silence.start(0.05)
    for _ in range(20):
        silence.heard()
        await asyncio.sleep(0)
    await asyncio.wait_for(lost.wait(), 60)


async def test_who_listens_no_more_notices_nothing() -> None:
    lost = list[str]()
    stopped, others = Silence(lambda: lost.append("stopped")), asyncio.Event()
    other = Silence(others.set)
    stopped.start(0.01)
    stopped.stop()
    other.start(0.05)
    await asyncio.wait_for(others.wait(), 60)
    assert lost == []
