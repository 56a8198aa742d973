"""Rooms over HTTP."""

import asyncio

import pytest

from tests.server.kit import Site, error_of, site_in

pytestmark = pytest.mark.anyio


async def test_the_applications(site: Site) -> None:
    async with site.client() as client:
        found = (await client.get("/apps")).json()
    assert [app["name"] for app in found] == ["tally", "duel", "club", "crowd"]
    assert (
        found[0] | {"title": "Tally", "creator": "host", "page": "/play/{room}", "host_page": "/host/{room}"}
        == found[0]
    )
    assert found[1]["host_page"] == "/room/{room}"


async def test_the_shapes_of_an_applications_messages(site: Site) -> None:
    async with site.client() as client:
        found = (await client.get("/api/schema/tally")).json()
        assert error_of(await client.get("/api/schema/nothing")) == "unknown_app"
    assert found["commands"]["add"]["by"] == ["player"]
    assert found["commands"]["add"]["schema"]["properties"]["amount"] == {"type": "integer"}


async def test_the_servers_clock(site: Site) -> None:
    async with site.client() as client:
        assert abs((await client.get("/time")).json()["server_time"] / 1000 - site.server.now()) < 60


async def test_opening_gives_codes_and_seat_one(site: Site) -> None:
    host = await site.guest("Host")
    room = await site.room(host)
    assert (room["role"], room["seat"], room["members"], room["closed"]) == ("host", 1, 1, False)
    assert room["code"] != room["spectator_code"] and len(room["code"]) == 8
    assert room["join_url"].endswith(f"/join/{room['code']}")
    assert (await host.get(f"/rooms/{room['id']}")).json() == room
    assert [mine["id"] for mine in (await host.get("/rooms")).json()] == [room["id"]]


async def test_a_code_leads_to_a_seat_and_joining_again_keeps_it(site: Site) -> None:
    host, ann = await site.guest("Host"), await site.guest("Ann")
    room = await site.room(host)
    found = (await ann.get(f"/codes/{room['code'].lower()}")).json()
    assert (found["room"], found["app"], found["role"]) == (room["id"], "tally", "player")
    seat = await site.join(ann, room)
    assert seat == {"room": room["id"], "seat": 2, "role": "player", "page": f"/play/{room['id']}"}
    assert await site.join(ann, room) == seat
    shown = (await ann.get(f"/rooms/{room['id']}")).json()
    assert (shown["role"], shown["seat"], shown["members"]) == ("player", 2, 2)


async def test_codes_are_shown_to_the_host_alone(site: Site) -> None:
    host, ann, stranger = [await site.guest(name) for name in ("Host", "Ann", "Stranger")]
    room = await site.room(host)
    await site.join(ann, room)
    shown = (await ann.get(f"/rooms/{room['id']}")).json()
    assert shown["code"] is shown["spectator_code"] is shown["join_url"] is None
    assert error_of(await stranger.get(f"/rooms/{room['id']}")) == "forbidden"
    assert error_of(await ann.get(f"/rooms/{room['id']}/qr.svg")) == "not_host"
    assert error_of(await stranger.get(f"/rooms/{room['id']}/qr.svg")) == "forbidden"


async def test_the_spectators_code_makes_spectators(site: Site) -> None:
    host, screen = await site.guest("Host"), await site.guest("Screen")
    room = await site.room(host)
    answer = await screen.post(f"/rooms/{room['id']}/join", json={"code": room["spectator_code"], "name": "Wall"})
    assert answer.json()["role"] == "spectator"


async def test_a_code_of_another_room_is_no_invitation(site: Site) -> None:
    host, ann = await site.guest("Host"), await site.guest("Ann")
    one, other = await site.room(host), await site.room(host)
    answer = await ann.post(f"/rooms/{one['id']}/join", json={"code": other["code"]})
    assert error_of(answer) == "forbidden"
    assert error_of(await ann.post(f"/rooms/{one['id']}/join", json={"code": "ZZZZZZ"})) == "unknown_code"
    assert (await host.get(f"/rooms/{one['id']}")).json()["members"] == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"app": "nothing"}, "unknown_app"),
        ({"app": "tally", "config": {"odd": 1}}, "bad_request"),
        ({"app": "tally", "name": "x" * 81}, "bad_name"),
        ({"app": "tally", "name": "a\u0000b"}, "bad_name"),
        ({}, "bad_request"),
        ({"app": "tally", "seed": "mine"}, "unknown_field"),
    ],
)
async def test_rooms_that_are_not_opened(site: Site, body: dict[str, object], code: str) -> None:
    host = await site.guest("Host")
    awake = len(site.server.registry.rooms)
    assert error_of(await host.post("/rooms", json=body)) == code
    assert len(site.server.registry.rooms) == awake
    assert (await host.get("/rooms")).json() == []


@pytest.mark.parametrize("room", ["nothing", "A" * 22, "..%2F..", "'; DROP TABLE rooms; --", "x" * 500])
async def test_unknown_and_malformed_rooms(site: Site, room: str) -> None:
    host = await site.guest("Host")
    for method, path in (("GET", ""), ("POST", "/leave"), ("POST", "/close"), ("GET", "/qr.svg")):
        answer = await host.request(method, f"/rooms/{room}{path}")
        assert answer.status_code == 404, answer.text
        assert error_of(answer) in {"unknown_room", "not_found"}


async def test_leaving_and_coming_back(site: Site) -> None:
    host, ann = await site.guest("Host"), await site.guest("Ann")
    room = await site.room(host)
    seat = await site.join(ann, room)
    assert (await ann.post(f"/rooms/{room['id']}/leave")).json() == {"status": "left"}
    assert error_of(await ann.get(f"/rooms/{room['id']}")) == "forbidden"
    assert error_of(await ann.post(f"/rooms/{room['id']}/leave")) == "forbidden"
    assert (await ann.get("/rooms")).json() == []
    assert await site.join(ann, room) == seat


async def test_only_the_host_and_administrators_close(site: Site) -> None:
    host, ann, admin = await site.guest("Host"), await site.guest("Ann"), await site.admin()
    room, other = await site.room(host), await site.room(host)
    await site.join(ann, room)
    assert error_of(await ann.post(f"/rooms/{room['id']}/close")) == "not_host"
    assert (await host.post(f"/rooms/{room['id']}/close", json={"reason": "over"})).json() == {"status": "closed"}
    assert (await admin.post(f"/rooms/{other['id']}/close")).status_code == 200
    assert (await host.get(f"/rooms/{room['id']}")).json()["closed"] is True
    again = await host.post(f"/rooms/{room['id']}/close")
    assert again.status_code == 200, "closing twice is harmless"


async def test_the_codes_of_a_closed_room_are_free_again(site: Site) -> None:
    host, ann = await site.guest("Host"), await site.guest("Ann")
    room = await site.room(host)
    await host.post(f"/rooms/{room['id']}/close")
    assert error_of(await ann.get(f"/codes/{room['code']}")) == "unknown_code"
    assert error_of(await ann.post(f"/rooms/{room['id']}/join", json={"code": room["code"]})) == "unknown_code"
    assert (await host.get(f"/rooms/{room['id']}")).json()["code"] is None
    assert error_of(await host.get(f"/rooms/{room['id']}/qr.svg")) == "not_host"


async def test_the_qr_code_is_a_picture(site: Site) -> None:
    host = await site.guest("Host")
    room = await site.room(host)
    player = await host.get(f"/rooms/{room['id']}/qr.svg")
    spectator = await host.get(f"/rooms/{room['id']}/qr.svg?role=spectator")
    assert player.headers["content-type"] == "image/svg+xml" and player.content != spectator.content
    assert error_of(await host.get(f"/rooms/{room['id']}/qr.svg?role=admin")) == "not_host"


async def test_a_hall_joins_at_once_and_everybody_has_one_seat(site: Site) -> None:
    host = await site.guest("Host")
    room = await site.room(host)
    crowd = await asyncio.gather(*(site.guest(f"Player {number}") for number in range(60)))
    seats = await asyncio.gather(*(site.join(player, room) for player in crowd for _ in range(2)))
    assert sorted({seat["seat"] for seat in seats}) == list(range(2, 62))


async def test_rooms_are_capped(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with site_in(tmp_path_factory.mktemp("capped"), max_rooms=2, max_members=2) as site:
        host = await site.guest("Host")
        room = await site.room(host)
        await site.room(host)
        answer = await host.post("/rooms", json={"app": "tally"})
        assert (answer.status_code, error_of(answer)) == (503, "capacity")
        await site.join(await site.guest("Ann"), room)
        late = await (await site.guest("Bob")).post(f"/rooms/{room['id']}/join", json={"code": room["code"]})
        assert error_of(late) == "capacity"


async def test_guests_play_only_where_the_application_lets_them(site: Site) -> None:
    guest, member = await site.guest("Ann"), await site.guest("Bob")
    assert error_of(await guest.post("/rooms", json={"app": "club"})) == "forbidden"
    account = await member.post("/auth/register", json={"username": "bob.club", "password": "correct horse"})
    member.headers["Authorization"] = f"Bearer {account.json()['access_token']}"
    room = await site.room(member, "club")
    refused = await guest.post(f"/rooms/{room['id']}/join", json={"code": room["code"]})
    assert error_of(refused) == "forbidden" and "account" in refused.json()["error"]["message"]
