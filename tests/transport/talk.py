"""A small client of Socket.IO, for the conformance suite: it takes and gives the frames that plain sockets do.

What it knows of the protocol is written here a second time, from the public documents; it shares no code with the
server.
"""

import asyncio
import contextlib
import json
from types import TracebackType
from typing import Any, Self

import httpx
from websockets.asyncio.client import ClientConnection, connect

USUAL = httpx.Limits()
ENDPOINT = "/socket.io/?EIO=4&transport="


class Gone(Exception):
    """The server has ended the session."""


class Polling:
    """Packets over HTTP."""

    def __init__(self, port: int, headers: dict[str, str], limits: httpx.Limits = USUAL) -> None:
        base = f"http://127.0.0.1:{port}"
        self._http = httpx.AsyncClient(base_url=base, headers=headers, timeout=30, limits=limits)
        self._packets: list[str] = []
        self.sid = ""

    async def open(self) -> None:
        answer = await self._http.get(ENDPOINT + "polling")
        answer.raise_for_status()
        self.sid = json.loads(answer.text[1:])["sid"]

    @property
    def url(self) -> str:
        return f"{ENDPOINT}polling&sid={self.sid}"

    async def post(self, *packets: str) -> httpx.Response:
        return await self._http.post(self.url, content="\x1e".join(packets))

    async def get(self) -> httpx.Response:
        return await self._http.get(self.url)

    async def send(self, packet: str) -> None:
        (await self.post(packet)).raise_for_status()

    async def recv(self) -> str:
        while not self._packets:
            answer = await self.get()
            if answer.status_code != 200:
                raise Gone(answer.text)
            self._packets = answer.text.split("\x1e")
        return self._packets.pop(0)

    async def close(self) -> None:
        with contextlib.suppress(httpx.HTTPError):
            await self.post("1")
        await self._http.aclose()


class Socket:
    """Packets over a WebSocket, its own or one that takes a polling session over."""

    def __init__(self, port: int, headers: dict[str, str], polling: Polling | None = None) -> None:
        self._url = f"ws://127.0.0.1:{port}{ENDPOINT}websocket"
        self._headers = headers
        self._polling = polling
        self.socket: ClientConnection

    async def open(self) -> None:
        if self._polling is not None:
            await self._polling.open()
            self._url += f"&sid={self._polling.sid}"
        self.socket = await connect(self._url, compression=None, additional_headers=self._headers)
        if self._polling is None:
            assert (await self.recv())[0] == "0"
            return
        pending = asyncio.create_task(self._polling.get())
        await self.send("2probe")
        assert await self.recv() == "3probe"
        assert (await pending).text == "6"
        await self.send("5")

    async def send(self, packet: str) -> None:
        await self.socket.send(packet)

    async def recv(self) -> str:
        return str(await self.socket.recv())

    async def close(self) -> None:
        await self.socket.close()


class Talk:
    """One room, spoken to as over a plain socket: `send` and `recv` take and give its frames as JSON."""

    def __init__(self, transport: str, port: int, room: str, origin: str | None = None) -> None:
        headers = {} if origin is None else {"Origin": origin}
        polling = Polling(port, headers)
        if transport.endswith("polling"):
            self.carrier: Polling | Socket = polling
        else:
            self.carrier = Socket(port, headers, polling if transport.endswith("upgrade") else None)
        self.namespace = f"/rooms/{room}"

    async def __aenter__(self) -> Self:
        await self.carrier.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.carrier.close()

    async def send(self, text: str) -> None:
        frame = json.loads(text)
        if frame.pop("type") == "hello":
            await self.carrier.send(f"40{self.namespace},{json.dumps(frame)}")
        else:
            await self.emit(frame["id"], frame["name"], frame["data"], frame["id"])

    async def emit(self, ack: int | str, *event: Any) -> None:
        await self.carrier.send(f"42{self.namespace},{ack}{json.dumps(event)}")

    async def recv(self) -> str:
        while True:
            packet = await self.carrier.recv()
            if packet == "2":
                await self.carrier.send("3")
            elif packet in ("1", f"41{self.namespace},"):
                raise Gone(packet)
            elif packet.startswith("4") and packet[1] != "0":
                return json.dumps(self._frame(packet))

    def _frame(self, packet: str) -> Any:
        kind = packet[:2]
        rest = packet[2:].removeprefix(f"{self.namespace},")
        number = rest[: len(rest) - len(rest.lstrip("0123456789"))]
        data = json.loads(rest[len(number) :])
        match kind:
            case "42":
                assert data[0] == data[1]["type"]
                return data[1]
            case "43":
                return {"type": "ack" if data[0]["ok"] else "rejected", "id": int(number)} | without(data[0], "ok")
            case "44":
                return {"type": "closing", "reason": data["message"]} | data["data"]
        raise AssertionError(packet)


def without(found: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in found.items() if key != name}
