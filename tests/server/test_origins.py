"""Which pages may call."""

from pathlib import Path

from gamekeeper.server.origins import Origins
from tests.server.kit import SECRET, settings_in


def production(**chosen: object) -> Origins:
    from gamekeeper.server.settings import load

    return Origins(
        load(
            profile="production", secret=SECRET, database_url="sqlite:///x", public_url="https://play.example",
            trusted_proxies="10.0.0.0/8", allowed_origins="https://school.example", **chosen,
        )
    )  # fmt: skip


def test_a_page_of_the_server_itself_may(tmp_path: Path) -> None:
    origins = Origins(settings_in(tmp_path))
    assert origins.allowed("http://hall.example:8000", "hall.example:8000")
    assert origins.allowed(None, "hall.example:8000")
    assert not origins.allowed("http://evil.example", "hall.example:8000")
    assert not origins.allowed("null", "hall.example:8000")


def test_production_believes_the_list_alone() -> None:
    origins = production()
    assert origins.allowed("https://play.example", "play.example")
    assert origins.allowed("https://school.example", "play.example")
    assert not origins.allowed("https://rebound.example", "rebound.example")


def test_a_wildcard_holds_in_the_embedded_profile(tmp_path: Path) -> None:
    assert Origins(settings_in(tmp_path, allowed_origins="*")).allowed("http://any.example", "localhost")


def test_without_authentication_only_loopback_names_lead_here(tmp_path: Path) -> None:
    origins = Origins(settings_in(tmp_path, auth=False))
    assert origins.allowed("http://localhost:8000", "localhost:8000")
    assert not origins.allowed("http://rebound.example:8000", "rebound.example:8000")
    assert not origins.allowed(None, None)
