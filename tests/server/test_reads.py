"""`GET /rooms/{room}` from the cache: as true, as closed and as counted as from the route."""

from pathlib import Path

import httpx
import pytest

from gamekeeper.server.gate import SECURITY_HEADERS
from tests.server.kit import Site, error_of, site_in

pytestmark = pytest.mark.anyio


async def again(site: Site, client: httpx.AsyncClient, room: str, **headers: str) -> httpx.Response:
    """Read once more; it comes from the cache."""
    hits = site.server.answers.hits
    answer = await client.get(f"/rooms/{room}", headers=headers)
    assert site.server.answers.hits == hits + 1
    return answer


async def test_the_second_read_is_the_first_with_all_that_belongs_to_it(site: Site) -> None:
    host = await site.guest("Host")
    room = (await site.room(host))["id"]
    first = await host.get(f"/rooms/{room}")
    second = await again(site, host, room)
    assert second.status_code == 200 and second.json() == first.json() and second.headers["etag"]
    own = {"x-request-id"}
    assert {name: value for name, value in second.headers.items() if name not in own} == {
        name: value for name, value in first.headers.items() if name not in own
    }
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert all(second.headers[name] == value for name, value in SECURITY_HEADERS.items())
    assert second.headers["cache-control"] == "private, no-cache" and "Authorization" in second.headers["vary"]


async def test_it_is_logged_and_counted_as_the_route(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "gamekeeper.requests")
    host = await site.guest("Host")
    room = (await site.room(host))["id"]
    await host.get(f"/rooms/{room}")
    await again(site, host, room)
    seen = [record.__dict__["request"] for record in caplog.records if record.name == "gamekeeper.requests"]
    assert [(one["route"], one["status"]) for one in seen[-2:]] == [("/rooms/{room}", 200)] * 2
    told = site.server.metrics.text().decode()
    assert 'gamekeeper_cache_asked_total{cache="reads",result="hit"}' in told
    assert 'gamekeeper_cache_hit_ratio{cache="reads"}' in told and 'gamekeeper_cache_entries{cache="reads"}' in told


async def test_who_has_the_answer_is_told_so(site: Site) -> None:
    host = await site.guest("Host")
    room = (await site.room(host))["id"]
    tag = (await host.get(f"/rooms/{room}")).headers["etag"]
    for known in (tag, f'"other", W/{tag}', "*"):
        answer = await again(site, host, room, **{"If-None-Match": known})
        assert answer.status_code == 304 and not answer.content and answer.headers["etag"] == tag
    assert (await again(site, host, room, **{"If-None-Match": '"other"'})).status_code == 200
    site.server.answers.clear()
    assert (await host.get(f"/rooms/{room}", headers={"If-None-Match": tag})).status_code == 304


async def test_the_read_after_a_change_shows_it(site: Site) -> None:
    host, ann, bob = [await site.guest(name) for name in ("Host", "Ann", "Bob")]
    room = await site.room(host)
    old = await host.get(f"/rooms/{room['id']}")
    await site.join(ann, room)
    shown = await host.get(f"/rooms/{room['id']}", headers={"If-None-Match": old.headers["etag"]})
    assert shown.status_code == 200 and shown.json()["members"] == 2
    assert (await ann.get(f"/rooms/{room['id']}")).json()["seat"] == 2
    await site.join(bob, room)
    assert (await ann.get(f"/rooms/{room['id']}")).json()["members"] == 3
    await bob.post(f"/rooms/{room['id']}/leave")
    assert (await ann.get(f"/rooms/{room['id']}")).json()["members"] == 2
    await host.post(f"/rooms/{room['id']}/close")
    assert [(await who.get(f"/rooms/{room['id']}")).json()["closed"] for who in (host, ann)] == [True, True]


async def test_who_leaves_sees_the_room_no_more(site: Site) -> None:
    host, ann = await site.guest("Host"), await site.guest("Ann")
    room = await site.room(host)
    await site.join(ann, room)
    assert (await ann.get(f"/rooms/{room['id']}")).status_code == 200
    await ann.post(f"/rooms/{room['id']}/leave")
    assert error_of(await ann.get(f"/rooms/{room['id']}")) == "forbidden"


async def test_what_one_may_see_is_not_shown_to_another(site: Site) -> None:
    host, ann, stranger = [await site.guest(name) for name in ("Host", "Ann", "Stranger")]
    room = await site.room(host)
    await site.join(ann, room)
    for _ in range(2):
        assert (await host.get(f"/rooms/{room['id']}")).json()["code"] == room["code"]
        assert (await ann.get(f"/rooms/{room['id']}")).json()["code"] is None
        assert error_of(await stranger.get(f"/rooms/{room['id']}")) == "forbidden"
        async with site.client() as nobody:
            assert error_of(await nobody.get(f"/rooms/{room['id']}")) == "unauthenticated"
    tag = (await host.get(f"/rooms/{room['id']}")).headers["etag"]
    refused = await stranger.get(f"/rooms/{room['id']}", headers={"If-None-Match": tag})
    assert refused.status_code == 403 and "etag" not in refused.headers


async def test_join_links_are_those_of_the_address_that_was_called(site: Site) -> None:
    host = await site.guest("Host")
    room = (await site.room(host))["id"]
    links = [
        (await host.get(f"/rooms/{room}", headers={"Host": name})).json()["join_url"]
        for name in ("one.test:8000", "two.test:8000", "one.test:8000")
    ]
    assert [link.split("/join/")[0] for link in links] == [f"http://{name}.test:8000" for name in ("one", "two", "one")]


async def test_a_revoked_credential_reads_nothing_more(site: Site) -> None:
    host = await site.guest("Host")
    room = (await site.room(host))["id"]
    await host.get(f"/rooms/{room}")
    await again(site, host, room)
    await host.post("/auth/logout")
    assert error_of(await host.get(f"/rooms/{room}")) == "unauthenticated"


async def test_what_another_process_revoked_counts_once_it_is_learned(site: Site) -> None:
    host = await site.guest("Host")
    room = (await site.room(host))["id"]
    await host.get(f"/rooms/{room}")
    token = host.headers["Authorization"].removeprefix("Bearer ")
    site.server.revocations.revoke(site.server.accounts.identify(token).user, site.server.now())
    assert error_of(await host.get(f"/rooms/{room}")) == "unauthenticated"


async def test_other_requests_are_none_of_its_business(site: Site) -> None:
    host = await site.guest("Host")
    room = (await site.room(host))["id"]
    await host.get(f"/rooms/{room}")
    asked = site.server.answers.hits + site.server.answers.misses
    await host.get("/rooms")
    await host.get(f"/rooms/{room}?x=1")
    await host.get(f"/rooms/{room}/qr.svg")
    assert (await host.post(f"/rooms/{room}")).status_code in (404, 405)
    assert site.server.answers.hits + site.server.answers.misses == asked


async def test_reads_from_the_cache_are_counted(tmp_path: Path) -> None:
    async with site_in(tmp_path, rate_read="3/hour") as site:
        host = await site.guest("Host")
        room = (await site.room(host))["id"]
        told = [(await host.get(f"/rooms/{room}")).status_code for _ in range(5)]
    assert told == [200, 200, 200, 429, 429] and site.server.answers.hits == 4


async def test_it_can_be_switched_off(tmp_path: Path) -> None:
    async with site_in(tmp_path, read_cache_s=0.0) as site:
        host = await site.guest("Host")
        room = (await site.room(host))["id"]
        assert [(await host.get(f"/rooms/{room}")).status_code for _ in range(2)] == [200, 200]
        assert (site.server.answers.hits, len(site.server.answers)) == (0, 0)


async def test_pages_of_other_origins_may_read_it(tmp_path: Path) -> None:
    async with site_in(tmp_path, allowed_origins="https://school.example") as site:
        host = await site.guest("Host")
        room = (await site.room(host))["id"]
        for origin, allowed in (("https://school.example", True), ("https://evil.example", False)) * 2:
            answer = await host.get(f"/rooms/{room}", headers={"Origin": origin})
            assert ("access-control-allow-origin" in answer.headers) is allowed
        assert site.server.answers.hits == 3
