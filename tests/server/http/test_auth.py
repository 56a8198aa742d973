"""The HTTP side of becoming a user."""

import pytest

from gamekeeper.server.auth.cookies import ACCESS_COOKIE, REFRESH_COOKIE
from tests.server.kit import Site, error_of, site_in

pytestmark = pytest.mark.anyio
PASSWORD = "correct horse"


async def test_a_cookie_signs_in(site: Site) -> None:
    async with site.client() as client:
        answer = await client.post("/auth/guest", json={"name": "Ann"})
        assert answer.json()["user"] == {"id": answer.json()["user"]["id"], "name": "Ann", "kind": "guest", "roles": []}
        assert "refresh_token" not in answer.json() and answer.headers["cache-control"] == "no-store"
        me = await client.get("/auth/me")
        assert me.json()["user"]["name"] == "Ann" and 890 < me.json()["expires_in_s"] <= 900


async def test_a_bearer_signs_in(site: Site) -> None:
    client = await site.guest("Bob")
    assert (await client.get("/auth/me")).json()["user"]["name"] == "Bob"


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer a.b.c"])
async def test_a_bad_credential_is_refused(site: Site, header: str) -> None:
    async with site.client(headers={"Authorization": header}) as client:
        answer = await client.get("/auth/me")
        assert (answer.status_code, error_of(answer)) == (401, "unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_an_expired_credential_is_refused_but_does_not_stop_one_from_signing_in(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with site.client() as client:
        await client.post("/auth/guest", json={"name": "Ann"})
        now = site.server.now()
        monkeypatch.setattr(site.server.accounts._tokens, "_now", lambda: now + 901)
        assert error_of(await client.get("/auth/me")) == "unauthenticated"
        assert error_of(await client.post("/rooms", json={"app": "tally"})) == "unauthenticated"
        assert (await client.post("/auth/refresh")).status_code == 200
        assert (await client.get("/auth/me")).status_code == 200


async def test_register_login_refresh_logout(site: Site) -> None:
    async with site.client() as client:
        registered = await client.post("/auth/register", json={"username": "ann", "password": PASSWORD})
        assert registered.status_code == 201
        assert (await client.post("/auth/logout")).json() == {"status": "signed out"}
        assert (await client.get("/auth/me")).status_code == 401
        assert (await client.post("/auth/refresh")).status_code == 401
        login = await client.post("/auth/login", json={"username": "ann", "password": PASSWORD})
        assert login.json()["user"]["id"] == registered.json()["user"]["id"]
        first = client.cookies[REFRESH_COOKIE]
        assert (await client.post("/auth/refresh")).status_code == 200
        assert client.cookies[REFRESH_COOKIE] != first


async def test_programs_take_the_refresh_token_from_the_body(site: Site) -> None:
    async with site.client() as client:
        grant = (await client.post("/auth/guest", json={"name": "Bot", "delivery": "body"})).json()
        assert not client.cookies
        renewed = await client.post("/auth/refresh", json={"refresh_token": grant["refresh_token"]})
        assert renewed.json()["refresh_token"] != grant["refresh_token"] and not client.cookies
        await client.post("/auth/refresh", json={"refresh_token": renewed.json()["refresh_token"]})
        again = await client.post("/auth/refresh", json={"refresh_token": grant["refresh_token"]})
        assert error_of(again) == "unauthenticated"


async def test_a_guest_who_registers_stays_the_same_user(site: Site) -> None:
    guest = await site.guest("Ann")
    before = (await guest.get("/auth/me")).json()["user"]["id"]
    answer = await guest.post("/auth/register", json={"username": "ann.grows", "password": PASSWORD})
    assert answer.json()["user"]["id"] == before and answer.json()["user"]["kind"] == "account"


@pytest.mark.parametrize(
    ("path", "body", "code", "field"),
    [
        ("/auth/guest", {}, "bad_request", "name"),
        ("/auth/guest", {"name": ""}, "bad_name", "name"),
        ("/auth/guest", {"name": "x" * 41}, "bad_name", "name"),
        ("/auth/guest", {"name": "x" * 10_000}, "bad_request", "name"),
        ("/auth/guest", {"name": "a\u202eb"}, "bad_name", "name"),
        ("/auth/guest", {"name": 5}, "bad_request", "name"),
        ("/auth/guest", {"name": "Ann", "roles": ["admin"]}, "unknown_field", "roles"),
        ("/auth/register", {"username": "a", "password": PASSWORD}, "bad_name", "username"),
        ("/auth/register", {"username": "annie", "password": "short"}, "bad_request", "password"),
        ("/auth/login", {"username": "nobody", "password": PASSWORD}, "unauthenticated", None),
        ("/auth/login", {"username": "' OR 1=1 --", "password": "x"}, "unauthenticated", None),
    ],
)
async def test_refusals_name_the_field(
    site: Site, path: str, body: dict[str, object], code: str, field: str | None
) -> None:
    async with site.client() as client:
        answer = await client.post(path, json=body)
    assert 400 <= answer.status_code < 500
    assert (error_of(answer), answer.json()["error"].get("field")) == (code, field)


async def test_guessing_passwords_is_slowed_down_per_address_and_per_name(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    async with site_in(tmp_path_factory.mktemp("slow"), rate_login="3/minute") as site:
        guess = {"username": "admin", "password": "guess one"}
        async with site.client(address="198.51.100.1") as client:
            answers = [await client.post("/auth/login", json=guess) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
        assert answers[3].json()["error"]["retry_after_s"] > 0 and int(answers[3].headers["retry-after"]) > 0
        async with site.client(address="198.51.100.2") as client:
            assert error_of(await client.post("/auth/login", json=guess)) == "rate_limited"
            other = await client.post("/auth/login", json=guess | {"username": "somebody"})
            assert error_of(other) == "unauthenticated"


async def test_guests_and_registration_can_be_closed(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("closed")
    async with site_in(folder, guests=False, registration=False) as site, site.client() as client:
        assert error_of(await client.post("/auth/guest", json={"name": "Ann"})) == "forbidden"
        answer = await client.post("/auth/register", json={"username": "annie", "password": PASSWORD})
        assert error_of(answer) == "forbidden"


async def test_without_authentication_everybody_is_the_local_administrator(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    async with site_in(tmp_path_factory.mktemp("off"), auth=False) as site:
        async with site.client() as client:
            me = (await client.get("/auth/me")).json()
            assert me["user"]["roles"] == ["admin"] and me["expires_in_s"] is None
            assert (await client.get("/admin/rooms")).status_code == 200
        async with site.client(base="http://rebound.example:8000") as client:
            assert error_of(await client.get("/admin/rooms")) == "forbidden"


async def test_the_access_cookie_is_one_that_reads_as_a_token(site: Site) -> None:
    async with site.client() as client:
        await client.post("/auth/guest", json={"name": "Ann"})
        assert site.server.accounts.identify(client.cookies[ACCESS_COOKIE]).name == "Ann"
