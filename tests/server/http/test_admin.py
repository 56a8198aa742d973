"""What an operator sees and does."""

import asyncio

import pytest

from gamekeeper import Seat
from gamekeeper.core.seats import PLAYER
from gamekeeper.testing.tally import Add, Hide
from tests.server.kit import Site, error_of

pytestmark = pytest.mark.anyio


async def played(site: Site) -> dict[str, object]:
    """A room in which seat 2 has added 5 and hidden 3."""
    host, ann = await site.guest("Host"), await site.guest("Ann")
    room = await site.room(host)
    await site.join(ann, room)
    for command in (Add(5), Hide(3)):
        await site.server.registry.ask(room["id"], command, seat=Seat(2), role=PLAYER)
    return room


async def test_any_seq_can_be_looked_at(site: Site) -> None:
    room, admin = await played(site), await site.admin()
    last = (await admin.get(f"/admin/rooms/{room['id']}")).json()
    assert (
        last["state"]["total"] == 5
        and last["private"]["2"] == {"secret": 3}
        and last["codes"]["player"] == room["code"]
    )
    assert last["seq"] == last["last_seq"] and [member["name"] for member in last["members"]] == ["Host", "Ann"]
    earlier = (await admin.get(f"/admin/rooms/{room['id']}?seq={last['seq'] - 1}")).json()
    assert earlier["private"]["2"] == {"secret": 0} and earlier["state"]["total"] == 5
    first = (await admin.get(f"/admin/rooms/{room['id']}?seq=1")).json()
    assert first["seq"] == 1 and first["members"] == []


async def test_the_log_can_be_read(site: Site) -> None:
    room, admin = await played(site), await site.admin()
    events = (await admin.get(f"/admin/rooms/{room['id']}/log")).json()
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[0]["type"] == "room.opened" and events[-1]["data"] == {"seat": 2, "amount": 3}
    some = (await admin.get(f"/admin/rooms/{room['id']}/log?after=2&limit=2")).json()
    assert [event["seq"] for event in some] == [3, 4]
    assert error_of(await admin.get(f"/admin/rooms/{room['id']}/log?limit=10001")) == "bad_request"


async def test_all_rooms_are_listed(site: Site) -> None:
    room, admin = await played(site), await site.admin()
    listed = (await admin.get("/admin/rooms")).json()
    found = next(one for one in listed if one["id"] == room["id"])
    assert found["awake"] and found["members"] == 2 and found["viewers"] == 0 and found["committed_seq"] > 0
    assert (await admin.get("/admin/rooms?before=1")).json() == []
    assert len((await admin.get("/admin/rooms?limit=1")).json()) == 1


async def test_closing_is_written_down_with_who_did_it(site: Site) -> None:
    room, admin = await played(site), await site.admin()
    assert (await admin.post(f"/admin/rooms/{room['id']}/close", json={"reason": "fire drill"})).status_code == 200
    who = (await admin.get("/auth/me")).json()["user"]["id"]
    events = (await admin.get(f"/admin/rooms/{room['id']}/log")).json()
    assert events[-1]["type"] == "room.closed" and events[-1]["data"] == {"reason": "fire drill", "by": who}
    open_ones = (await admin.get("/admin/rooms?closed=false")).json()
    assert room["id"] not in [one["id"] for one in open_ones]
    await asyncio.sleep(0)
    assert (await admin.get(f"/admin/rooms/{room['id']}")).json()["awake"] is False


async def test_a_reset_is_written_down_in_both_logs_with_who_did_it(site: Site) -> None:
    """R0-21: explicit, for administrators, audited; the old room stays readable, the new one is as in the beginning."""
    room, admin = await played(site), await site.admin()
    host = await site.guest("Another host")
    assert error_of(await host.post(f"/admin/rooms/{room['id']}/reset")) == "forbidden"
    answer = await admin.post(f"/admin/rooms/{room['id']}/reset")
    assert answer.status_code == 201
    fresh = answer.json()["room"]
    who = (await admin.get("/auth/me")).json()["user"]["id"]
    old, new = [(await admin.get(f"/admin/rooms/{one}/log")).json() for one in (room["id"], fresh)]
    assert old[-1]["type"] == "room.closed" and old[-1]["data"]["by"] == who and fresh in old[-1]["data"]["reason"]
    assert new[0]["type"] == "room.opened" and new[0]["actor"] == who
    assert new[0]["data"] == old[0]["data"] and new[1]["data"] == old[1]["data"]
    shown = (await admin.get(f"/admin/rooms/{fresh}")).json()
    assert shown["state"]["total"] == 0 and shown["codes"]["player"] == answer.json()["code"]
    assert error_of(await admin.post(f"/admin/rooms/{room['id']}/reset")) == "room_closed"


async def test_names_can_be_forgotten(site: Site) -> None:
    room, admin = await played(site), await site.admin()
    answer = await admin.post("/admin/forget", json={"older_than_days": 0})
    assert answer.status_code == 200 and answer.json()["rooms"] >= 1
    members = (await admin.get(f"/admin/rooms/{room['id']}")).json()["members"]
    assert {member["name"] for member in members} == {""}
    assert error_of(await admin.post("/admin/forget", json={"older_than_days": -1})) == "bad_request"
    assert error_of(await (await site.guest("Eve")).post("/admin/forget", json={"older_than_days": 0})) == "forbidden"


async def test_unknown_rooms(site: Site) -> None:
    admin = await site.admin()
    for path in ("/admin/rooms/nothing",):
        assert error_of(await admin.get(path)) == "unknown_room"
    assert (await admin.get("/admin/rooms/nothing/log")).json() == []
    assert error_of(await admin.post("/admin/rooms/nothing/close")) == "unknown_room"


async def test_health_in_figures(site: Site) -> None:
    admin = await site.admin()
    health = (await admin.get("/admin/health")).json()
    assert health["ready"] and health["profile"] == "embedded" and health["apps"] == ["club", "crowd", "duel", "tally"]
    caches = {"rooms", "request_rates", "revocations", "door", "glances", "command_rates", "recent_events"}
    assert caches == set(health["caches"])
