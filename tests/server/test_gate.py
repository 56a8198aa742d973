"""What every request passes and every response carries."""

import json
import logging

import pytest

from gamekeeper.server.app import http_application
from gamekeeper.server.gate import HSTS, SECURITY_HEADERS
from gamekeeper.server.settings import load
from tests.server.kit import SECRET, Site, error_of, site_in

pytestmark = pytest.mark.anyio


@pytest.fixture
def production(site: Site) -> Site:
    """The same server as production settings would gate it."""
    settings = load(
        profile="production", secret=SECRET, database_url="sqlite:///x", public_url="https://play.example",
        trusted_proxies="10.0.0.0/8", data=site.server.settings.data,
    )  # fmt: skip
    application = http_application(site.server)
    application._gate._settings = settings
    return Site(site.server, application)


@pytest.mark.parametrize("path", ["/", "/apps", "/rooms", "/nothing.png", "/docs", "/health/live", "/metrics"])
async def test_security_headers_are_on_everything(site: Site, path: str) -> None:
    async with site.client() as client:
        answer = await client.get(path)
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers[name] == value
    assert len(answer.headers["x-request-id"]) == 16
    assert "strict-transport-security" not in answer.headers
    assert "server" not in answer.headers


def test_the_content_policy_names_no_third_party() -> None:
    policy = SECURITY_HEADERS["Content-Security-Policy"]
    assert "http" not in policy and "*" not in policy and "unsafe-eval" not in policy
    assert "script-src 'self';" in policy and "frame-ancestors 'none'" in policy


async def test_a_foreign_page_may_not_act(site: Site) -> None:
    async with site.client() as client:
        for origin in ("http://evil.example", "null", "http://localhost:9999"):
            answer = await client.post("/auth/guest", json={"name": "Ann"}, headers={"Origin": origin})
            assert (answer.status_code, error_of(answer)) == (403, "forbidden")
            assert "access-control-allow-origin" not in answer.headers
        own = await client.post("/auth/guest", json={"name": "Ann"}, headers={"Origin": "http://localhost:8000"})
        assert own.status_code == 200


async def test_a_page_of_a_listed_origin_may_act_and_read(tmp_path_factory: pytest.TempPathFactory) -> None:
    school, evil = "https://school.example", "https://evil.example"
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    async with site_in(tmp_path_factory.mktemp("shared"), allowed_origins=school) as site, site.client() as client:
        preflight = await client.options("/rooms", headers={"Origin": school} | asks)
        assert preflight.status_code == 200 and preflight.headers["access-control-allow-origin"] == school
        answer = await client.post("/auth/guest", json={"name": "Ann"}, headers={"Origin": school})
        assert answer.status_code == 200 and answer.headers["access-control-allow-origin"] == school
        assert "access-control-allow-credentials" not in answer.headers
        foreign = await client.options("/rooms", headers={"Origin": evil} | asks)
        assert foreign.status_code == 400 and "access-control-allow-origin" not in foreign.headers
        assert "access-control-allow-origin" not in (await client.get("/apps", headers={"Origin": evil})).headers


async def test_a_body_has_a_limit_declared_or_not(site: Site) -> None:
    limit = site.server.settings.max_body_bytes

    async def endless() -> object:
        for _ in range(limit // 1_000 + 2):
            yield b"x" * 1_000

    headers = {"Content-Type": "application/json"}
    async with site.client() as client:
        declared = await client.post("/auth/guest", content=b"x" * (limit + 1), headers=headers)
        streamed = await client.post("/auth/guest", content=endless(), headers=headers)
        lying = await client.post("/auth/guest", content=b"{}", headers=headers | {"Content-Length": "nonsense"})
    for answer in (declared, streamed, lying):
        assert (answer.status_code, error_of(answer)) == (413, "too_large")


async def test_an_application_s_routes_take_more_from_who_shows_a_credential(site: Site) -> None:
    long = b"x" * (site.server.settings.max_body_bytes + 1)
    too_long = str(site.server.settings.max_upload_bytes + 1)
    async with site.client() as client:
        nobody = await client.post("/api/none/such", content=long)
        somebody = await client.post("/api/none/such", content=long, headers={"Authorization": "Bearer x"})
        beyond = await client.post(
            "/api/none/such", content=b"", headers={"Authorization": "Bearer x", "Content-Length": too_long}
        )
    assert [answer.status_code for answer in (nobody, somebody, beyond)] == [413, 404, 413]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"name":' * 5_000])
async def test_a_malformed_body_is_a_typed_refusal(site: Site, content: bytes) -> None:
    async with site.client() as client:
        answer = await client.post("/auth/guest", content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, error_of(answer)) == (400, "bad_request")


async def test_production_speaks_https_only(production: Site) -> None:
    async with production.client(base="http://play.example") as client:
        redirected = await client.get("/sign-in")
        assert (redirected.status_code, redirected.headers["location"]) == (308, "https://play.example/sign-in")
        assert error_of(await client.post("/auth/guest", json={"name": "Ann"})) == "forbidden"
        assert (await client.get("/health/live")).status_code == 200, "probes come over plain HTTP"
    async with production.client(base="https://play.example") as client:
        answer = await client.get("/apps")
        assert answer.status_code == 200 and answer.headers["strict-transport-security"] == HSTS


async def test_a_fault_says_nothing_but_its_code(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("password=hunter2")

    host = await site.guest("Host")
    monkeypatch.setattr(site.server.directory, "of_user", broken)
    answer = await host.get("/rooms")
    assert (answer.status_code, error_of(answer)) == (500, "internal")
    assert "hunter2" not in answer.text and "Content-Security-Policy" in answer.headers


async def test_one_line_and_one_measurement_per_request(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "gamekeeper.requests")
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    async with site.client() as client:
        await client.get("/codes/KJ4P7X?token=hunter2", headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
    lines = [record for record in caplog.records if record.getMessage() == "request"]
    assert len(lines) == 1
    assert (lines[0].__dict__["request"]["route"], lines[0].__dict__["request"]["status"]) == ("/codes/{code}", 401)
    assert "hunter2" not in json.dumps(lines[0].__dict__, default=str)
    assert b'route="/codes/{code}",status="401"' in site.server.metrics.text()


async def test_strange_methods_make_no_new_series(site: Site) -> None:
    async with site.client() as client:
        for method in ("BREW", "PROPFIND"):
            answer = await client.request(method, "/rooms")
            assert answer.status_code == 405 and error_of(answer) == "bad_request"
    assert b"BREW" not in site.server.metrics.text()
