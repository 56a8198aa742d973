"""A server for tests: memory log, scratch database, a game or two; and users who call it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx

from gamekeeper import HOST, PLAYER, App
from gamekeeper.server.app import http_application
from gamekeeper.server.server import Server
from gamekeeper.server.settings import Settings, load
from gamekeeper.testing.tally import Tally

SECRET = "n0t-kn0wn:Zq8vT2xLmWc5RjYb3HdKs7PfUgE1"
ADMIN_PASSWORD = "correct horse battery"

APPS = {
    "tally": App("tally", "Tally", Tally(), "Numbers.", creator=HOST, page="/play/{room}", host_page="/host/{room}"),
    "duel": App("duel", "Duel", Tally(), creator=PLAYER, connections="reject"),
    "club": App("club", "Club", Tally(), guests=False),
    "crowd": App("crowd", "Crowd", Tally(), connections="allow", routes="tests.server.kit:crowd_routes"),
}


def crowd_routes(server: Any) -> Any:
    """Routes as a stranger's application would write them."""
    from fastapi import APIRouter, Request

    router = APIRouter()

    @router.get("/about")
    async def about(_: Annotated[Any, server.anyone()]) -> dict[str, str]:
        return {"app": server.app}

    @router.get("/{room}/events")
    async def events(member: Annotated[Any, server.member(HOST)]) -> dict[str, Any]:
        return {"seat": member.seat, "events": len(await server.records(member.room))}

    @router.get("/{room}/total")
    async def total(member: Annotated[Any, server.member()]) -> dict[str, Any]:
        return {"role": member.role, "total": (await server.state(member.room)).total}

    @router.post("/open")
    async def open_room(who: Annotated[Any, server.user("write")]) -> dict[str, str]:
        return {"room": await server.open(who, name="From a route")}

    @router.get("/{room}/invitation")
    async def invitation(request: Request, room: str, _: Annotated[Any, server.member(HOST)]) -> dict[str, Any]:
        return await server.invitation(request, room)

    @router.get("/users")
    async def users(who: Annotated[Any, server.admin()]) -> dict[str, str]:
        async with server.database.begin():
            return {"admin": who.name}

    return router


def settings_in(folder: Path, **chosen: Any) -> Settings:
    """Settings that depend on nothing but what is chosen."""
    return load(**{"data": folder / "data", "log_store": "memory", "secret": SECRET, "port": 0} | chosen)


@dataclass
class Site:
    """A server without a port, and its HTTP application."""

    server: Server
    application: Any
    admin_token: str = ""

    def client(self, *, base: str = "http://localhost:8000", **options: Any) -> httpx.AsyncClient:
        """Somebody with a browser's cookies and nothing else."""
        address = options.pop("address", "203.0.113.7")
        transport = httpx.ASGITransport(self.application, raise_app_exceptions=False, client=(address, 40_000))
        return httpx.AsyncClient(transport=transport, base_url=base, **options)

    async def guest(self, name: str = "Ann") -> httpx.AsyncClient:
        """A guest's client, signed in by bearer."""
        client = self.client()
        answer = await client.post("/auth/guest", json={"name": name})
        assert answer.status_code == 200, answer.text
        return _with_token(client, answer)

    async def admin(self) -> httpx.AsyncClient:
        """An administrator's client; all of a test file's are one login."""
        client = self.client(address="203.0.113.99")
        if not self.admin_token:
            await self.server.accounts.add("root.admin", ADMIN_PASSWORD, "Root", frozenset({"admin"}))
            answer = await client.post("/auth/login", json={"username": "root.admin", "password": ADMIN_PASSWORD})
            self.admin_token = answer.json()["access_token"]
        client.headers["Authorization"] = f"Bearer {self.admin_token}"
        client.cookies.clear()
        return client

    async def room(self, host: httpx.AsyncClient, app: str = "tally") -> dict[str, Any]:
        answer = await host.post("/rooms", json={"app": app})
        assert answer.status_code == 201, answer.text
        room: dict[str, Any] = answer.json()
        return room

    async def join(self, player: httpx.AsyncClient, room: dict[str, Any]) -> dict[str, Any]:
        answer = await player.post(f"/rooms/{room['id']}/join", json={"code": room["code"]})
        assert answer.status_code == 200, answer.text
        seat: dict[str, Any] = answer.json()
        return seat


def _with_token(client: httpx.AsyncClient, answer: httpx.Response) -> httpx.AsyncClient:
    client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    client.cookies.clear()
    return client


@asynccontextmanager
async def site_in(folder: Path, **chosen: Any) -> AsyncGenerator[Site, None]:
    server = await Server.open(settings_in(folder, **chosen), APPS)
    try:
        yield Site(server, http_application(server))
    finally:
        await server.close()


def error_of(answer: httpx.Response) -> str:
    """The code a refusal carries; every refusal carries one."""
    code: str = answer.json()["error"]["code"]
    return code
