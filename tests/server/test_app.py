"""The HTTP application."""

import json
from collections.abc import AsyncIterator

import pytest
from prometheus_client import generate_latest

from gamekeeper import App
from gamekeeper.core.errors import Misuse
from gamekeeper.server.app import http_application
from gamekeeper.server.limits import parse
from gamekeeper.testing.tally import Tally
from tests.server.kit import Site

pytestmark = pytest.mark.anyio


def careless_routes(server: object) -> object:
    from fastapi import APIRouter

    router = APIRouter()

    @router.get("/everything")
    async def everything() -> str:
        return "secret"

    return router


async def test_an_application_with_an_open_route_stops_the_start(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    app = App("careless", "Careless", Tally(), routes=f"{__name__}:careless_routes")
    monkeypatch.setattr(site.server, "apps", {"careless": app})
    with pytest.raises(Misuse, match="/everything"):
        http_application(site.server)


async def test_an_application_whose_routes_are_missing_stops_the_start(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site.server, "apps", {"x": App("x", "X", Tally(), routes="nothing.here:routes")})
    with pytest.raises(Misuse, match="nothing"):
        http_application(site.server)


async def test_the_frameworks_own_documentation_pages_are_off(site: Site) -> None:
    async with site.client() as client:
        for path in ("/redoc", "/docs/oauth2-redirect"):
            assert "swagger" not in (await client.get(path)).text.lower()


POLLING = "/socket.io/?EIO=4&transport=polling"


async def test_socketio_is_counted_secured_and_told_like_any_request(site: Site) -> None:
    async with site.client() as client:
        opened = await client.get(POLLING)
        assert opened.status_code == 200
        assert opened.headers["x-content-type-options"] == "nosniff"
        sid = json.loads(opened.text[1:])["sid"]
        assert list(site.server.engines.sessions) == [sid]
        sent = await client.post(f"{POLLING}&sid={sid}", content="6")
        assert sent.text == "ok"
        foreign = await client.post(f"{POLLING}&sid={sid}", content="6", headers={"Origin": "https://evil.example"})
        assert foreign.status_code == 403
        metrics = generate_latest(site.server.metrics.registry).decode()
        assert 'route="/socket.io/"' in metrics
        assert "gamekeeper_socketio_sessions 1.0" in metrics


async def test_sessions_of_one_address_are_limited(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site.server.limits, "_classes", site.server.limits._classes | {"read": parse("3/hour")})
    async with site.client() as client:
        answers = [await client.get(POLLING) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert int(answers[3].headers["retry-after"]) > 0
        sid = json.loads(answers[0].text[1:])["sid"]
        assert (await client.post(f"{POLLING}&sid={sid}", content="6")).status_code == 200, "the session goes on"


async def test_too_much_over_polling_is_refused_by_name(site: Site) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(9):
            yield b"x" * 16_384

    async with site.client() as client:
        sid = json.loads((await client.get(POLLING)).text[1:])["sid"]
        for body in (b"x" * 100_000, pieces()):
            answer = await client.post(f"{POLLING}&sid={sid}", content=body)
            assert answer.status_code == 413
            assert answer.json()["error"]["code"] == "too_large"
