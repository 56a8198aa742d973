"""What an application's routes get."""

import pytest

from gamekeeper import Rejected, Seat
from gamekeeper.core.seats import PLAYER
from gamekeeper.server.appserver import AppServer
from gamekeeper.testing.tally import Add
from tests.server.kit import Site, error_of

pytestmark = pytest.mark.anyio


async def test_routes_of_an_application(site: Site) -> None:
    host, ann, admin = await site.guest("Host"), await site.guest("Ann"), await site.admin()
    room = await site.room(host, "crowd")
    await site.join(ann, room)
    assert (await ann.get("/api/crowd/about")).json() == {"app": "crowd"}
    assert (await ann.get(f"/api/crowd/{room['id']}/total")).json() == {"role": "player", "total": 0}
    assert (await host.get(f"/api/crowd/{room['id']}/events")).json()["seat"] == 1
    assert (await admin.get(f"/api/crowd/{room['id']}/events")).json()["seat"] == 0
    assert (await admin.get("/api/crowd/users")).json() == {"admin": "Root"}
    opened = (await ann.post("/api/crowd/open")).json()["room"]
    assert (await ann.get(f"/rooms/{opened}")).json()["name"] == "From a route"


async def test_rooms_of_another_application_are_unknown(site: Site) -> None:
    host = await site.guest("Host")
    room = await site.room(host, "tally")
    assert error_of(await host.get(f"/api/crowd/{room['id']}/events")) == "unknown_room"
    assert error_of(await host.get("/api/crowd/nothing/events")) == "unknown_room"


async def test_asking_a_room(site: Site) -> None:
    host = await site.guest("Host")
    room = await site.room(host, "crowd")
    desk = AppServer(site.server, "crowd")
    await desk.ask(room["id"], Add(4), seat=Seat(1), role=PLAYER)
    assert (await desk.state(room["id"])).total == 4
    assert (await desk.state(room["id"], 1)).total == 0
    assert (await desk.records(room["id"]))[-1].type == "added"
    with pytest.raises(Rejected, match="less than nothing"):
        await desk.ask(room["id"], Add(-1))


async def test_a_page_may_show_how_to_come_in(site: Site) -> None:
    host = await site.guest("Host")
    room = await site.room(host, "crowd")
    told = (await host.get(f"/api/crowd/{room['id']}/invitation")).json()
    assert told["code"] == room["code"] and told["join_url"] == room["join_url"]
    assert told["qr_svg"].startswith("<svg")
    await host.post(f"/rooms/{room['id']}/close")
    closed = (await host.get(f"/api/crowd/{room['id']}/invitation")).json()
    assert closed == {"code": None, "join_url": None, "qr_svg": None}
