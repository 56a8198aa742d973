"""Every route has a rule, and the matrix of who may call what."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from gamekeeper import Rate
from gamekeeper.app import load_apps, resolve
from gamekeeper.core.errors import Misuse
from gamekeeper.room.governance import client_commands
from gamekeeper.server.access import Access, Reader, anyone, require_rules
from gamekeeper.server.appserver import AppServer
from gamekeeper.server.http import admin, auth, docs, health, pages, rooms
from gamekeeper.server.server import rate_classes
from tests.server.kit import Site, error_of, settings_in, site_in

pytestmark = pytest.mark.anyio

ANYONE, USER, MEMBER, HOST, ADMIN = "anyone", "user", "member", "host", "admin"
ROLES = ("nobody", "guest", "member", "host", "admin")
MAY = {
    ANYONE: {"nobody", "guest", "member", "host", "admin"},
    USER: {"guest", "member", "host", "admin"},
    MEMBER: {"member", "host", "admin"},
    HOST: {"host", "admin"},
    ADMIN: {"admin"},
}
RULES: dict[tuple[str, str], tuple[str, Any]] = {
    ("POST", "/auth/guest"): (ANYONE, {"name": "Ann"}),
    ("POST", "/auth/register"): (ANYONE, None),
    ("POST", "/auth/login"): (ANYONE, None),
    ("POST", "/auth/refresh"): (ANYONE, None),
    ("POST", "/auth/logout"): (ANYONE, None),
    ("GET", "/auth/me"): (USER, None),
    ("GET", "/apps"): (ANYONE, None),
    ("GET", "/time"): (ANYONE, None),
    ("POST", "/rooms"): (USER, {"app": "tally"}),
    ("GET", "/rooms"): (USER, None),
    ("GET", "/codes/{code}"): (USER, None),
    ("POST", "/rooms/{room}/join"): (USER, {"code": "{code}"}),
    ("GET", "/rooms/{room}"): (MEMBER, None),
    ("GET", "/rooms/{room}/qr.svg"): (HOST, None),
    ("POST", "/rooms/{room}/close"): (HOST, None),
    ("POST", "/rooms/{room}/leave"): (MEMBER, None),
    ("GET", "/admin/rooms"): (ADMIN, None),
    ("GET", "/admin/rooms/{room}"): (ADMIN, None),
    ("GET", "/admin/rooms/{room}/log"): (ADMIN, None),
    ("POST", "/admin/rooms/{room}/close"): (ADMIN, None),
    ("POST", "/admin/rooms/{room}/reset"): (ADMIN, None),
    ("POST", "/admin/forget"): (ADMIN, {"older_than_days": 1}),
    ("GET", "/admin/health"): (ADMIN, None),
    ("GET", "/health/live"): (ANYONE, None),
    ("GET", "/health/ready"): (ANYONE, None),
    ("GET", "/metrics"): (ADMIN, None),
    ("GET", "/api/schema/{app}"): (ANYONE, None),
    ("GET", "/api/crowd/about"): (ANYONE, None),
    ("GET", "/api/crowd/{room}/events"): (HOST, None),
    ("GET", "/api/crowd/{room}/total"): (MEMBER, None),
    ("GET", "/api/crowd/{room}/invitation"): (HOST, None),
    ("POST", "/api/crowd/open"): (USER, None),
    ("GET", "/api/crowd/users"): (ADMIN, None),
}
"""The rule of every operation. An operation that is not here fails the test below."""

DENIALS = {"unauthenticated", "forbidden", "not_host"}


async def test_the_matrix_names_every_operation(site: Site) -> None:
    async with site.client() as client:
        paths = (await client.get("/openapi.json")).json()["paths"]
    operations = {(method.upper(), path) for path, found in paths.items() for method in found}
    assert operations == set(RULES)


@pytest.mark.parametrize(("method", "path"), RULES)
async def test_who_may(site: Site, method: str, path: str) -> None:
    rule, body = RULES[method, path]
    admin = await site.admin()
    for role in ROLES:
        if path.endswith(("/leave", "/logout")) and role == "admin":
            continue  # an administrator has no seat to give up, and is needed for the other rows
        host, member = await site.guest("Host"), await site.guest("Member")
        room = await site.room(host, "crowd")
        await site.join(member, room)
        caller = {"nobody": site.client(), "guest": await site.guest(), "member": member, "host": host, "admin": admin}
        answer = await _call(caller[role], method, path, body, room)
        denied = answer.status_code in {401, 403} and error_of(answer) in DENIALS
        if rule == ANYONE:
            assert not denied or "no login" in answer.text or "field" in answer.text, (role, answer.text)
        else:
            assert denied is (role not in MAY[rule]), (role, answer.status_code, answer.text)
            assert denied or answer.is_success, (role, answer.text)


async def _call(client: httpx.AsyncClient, method: str, path: str, body: Any, room: dict[str, Any]) -> httpx.Response:
    filled = path.format(room=room["id"], code=room["code"], app="tally")
    if body and body.get("code"):
        body = {"code": room["code"]}
    return await client.request(method, filled, json=body)


async def test_a_member_of_another_room_is_a_stranger(site: Site) -> None:
    host, ann = await site.guest("Host"), await site.guest("Ann")
    theirs, other = await site.room(host, "crowd"), await site.room(host, "crowd")
    await site.join(ann, theirs)
    assert error_of(await ann.get(f"/rooms/{other['id']}")) == "forbidden"
    assert error_of(await ann.get(f"/api/crowd/{other['id']}/total")) == "forbidden"


def test_a_route_without_a_rule_stops_the_start() -> None:
    router = APIRouter()

    @router.get("/open", dependencies=[anyone("read")])
    async def ruled() -> None: ...

    @router.get("/me")
    async def ruled_by_parameter(who: Reader) -> None: ...

    require_rules(router)

    @router.get("/forgotten")
    async def silent() -> None: ...

    with pytest.raises(Misuse, match="/forgotten"):
        require_rules(router)


def test_the_rule_of_a_router_holds_for_its_routes() -> None:
    router, inner = APIRouter(dependencies=[anyone("read")]), APIRouter()

    @router.get("/x")
    async def x() -> None: ...

    @inner.get("/forgotten")
    async def silent() -> None: ...

    require_rules(router)
    outer = APIRouter()
    outer.include_router(inner)
    with pytest.raises(Misuse, match="/forgotten"):
        require_rules(outer)


async def test_a_burst_is_refused_with_the_time_to_wait(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with site_in(tmp_path_factory.mktemp("burst"), rate_read="10/minute", rate_write="5/minute") as site:
        ann, bob = await site.guest("Ann"), await site.guest("Bob")
        answers = await asyncio.gather(*(ann.get("/rooms") for _ in range(15)))
        assert sorted(answer.status_code for answer in answers) == [200] * 10 + [429] * 5
        limited = next(answer for answer in answers if answer.status_code == 429)
        assert error_of(limited) == "rate_limited" and limited.json()["error"]["retry_after_s"] > 0
        assert (await bob.get("/rooms")).status_code == 200, "another user is counted apart"
        assert (await ann.post("/rooms", json={"app": "tally"})).status_code == 201, "another class too"
        async with site.client() as nobody:
            codes = [(await nobody.get("/apps")).status_code for _ in range(12)]
        assert codes == [200] * 10 + [429] * 2, "who is not signed in is counted by address"


def rate_classes_of(router: APIRouter) -> dict[str, set[str]]:
    """The rate classes that each route of a router hits."""
    everywhere = [one.dependency for one in router.dependencies]
    found: dict[str, set[str]] = {}
    for route in router.routes:
        assert isinstance(route, APIRoute), route
        called, waiting = list(everywhere), [route.dependant]
        while waiting:
            dependant = waiting.pop()
            called.append(dependant.call)
            waiting += dependant.dependencies
        found[f"{sorted(route.methods)} {route.path}"] = {one.rate for one in called if isinstance(one, Access)}
    return found


def test_every_route_has_a_rate_class(tmp_path: Path) -> None:
    """R4-160, of the framework and of the bundled applications; a class that the settings do not know is a mistake."""
    known = set(rate_classes(settings_in(tmp_path)))
    routers = [admin.router, auth.router, docs.router, health.router, pages.router, rooms.router]
    apps = load_apps()
    server: Any = SimpleNamespace(apps=apps, hooks=SimpleNamespace(follow=lambda *_: None))
    for app in apps.values():
        if app.routes is not None:
            routers.append(resolve(app.routes)(AppServer(server, app.name)))
    classes = {route: found for router in routers for route, found in rate_classes_of(router).items()}
    assert len(classes) > 25, "the check is blind"
    assert not [route for route, found in classes.items() if not found or not found <= known]


def test_a_route_without_a_rate_class_is_seen() -> None:
    router = APIRouter()
    router.add_api_route("/open", lambda: None)
    assert rate_classes_of(router) == {"['GET'] /open": set()}


def test_every_command_has_a_rate_class() -> None:
    """R4-160: its own bucket, and never an unbounded one; `Rate` refuses those."""
    commands = [command for app in load_apps().values() for command in app.game.catalogue.commands.values()]
    commands += client_commands.values()
    assert len(commands) > 40, "the check is blind"
    for command in commands:
        assert isinstance(command.__rate__, Rate) and command.__rate__.count < 10_000, command
    for count, per_s in ((0, 1.0), (1, 0.0), (1, float("inf")), (1, -1.0)):
        with pytest.raises(Misuse):
            Rate(count, per_s)
