"""Credentials as cookies."""

from pathlib import Path

import pytest

from gamekeeper.server.auth.cookies import ACCESS_COOKIE, REFRESH_COOKIE
from gamekeeper.transport import reception
from tests.server.kit import Site

pytestmark = pytest.mark.anyio


def flags(answer: object) -> dict[str, set[str]]:
    """The attributes of each cookie that an answer sets."""
    lines: list[str] = answer.headers.get_list("set-cookie")  # type: ignore[attr-defined]
    return {line.partition("=")[0]: {part.strip().lower() for part in line.split(";")[1:]} for line in lines}


async def test_no_script_and_no_other_site_gets_them(site: Site) -> None:
    async with site.client() as client:
        found = flags(await client.post("/auth/guest", json={"name": "Ann"}))
    assert {"httponly", "samesite=lax", "path=/", "max-age=900"} <= found[ACCESS_COOKIE]
    assert {"httponly", "samesite=lax", "path=/auth"} <= found[REFRESH_COOKIE]
    assert "secure" not in found[ACCESS_COOKIE]


async def test_over_https_they_are_secure(site: Site) -> None:
    async with site.client(base="https://localhost:8000") as client:
        found = flags(await client.post("/auth/guest", json={"name": "Ann"}))
    assert "secure" in found[ACCESS_COOKIE] and "secure" in found[REFRESH_COOKIE]


async def test_signing_out_takes_them_away(site: Site) -> None:
    async with site.client() as client:
        await client.post("/auth/guest", json={"name": "Ann"})
        assert client.cookies
        found = flags(await client.post("/auth/logout"))
        assert all("max-age=0" in attributes for attributes in found.values()) and len(found) == 2
        assert not client.cookies


def test_sockets_look_for_the_same_cookie(tmp_path: Path) -> None:
    assert reception.ACCESS_COOKIE == ACCESS_COOKIE
