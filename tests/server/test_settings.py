"""One object, every problem at once, nothing weak in production."""

from pathlib import Path

import pytest

from gamekeeper.server.settings import BadSettings, Settings, load, variable
from tests.server.kit import SECRET


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An environment in which production starts."""
    good = {
        "PROFILE": "production",
        "SECRET": SECRET,
        "DATABASE_URL": "postgres://keeper@db/keeper",
        "PUBLIC_URL": "https://play.example/",
        "TRUSTED_PROXIES": "10.0.0.0/8, 192.168.1.4",
        "ALLOWED_ORIGINS": "https://school.example",
        "DATA": str(tmp_path),
    }
    for name, value in good.items():
        monkeypatch.setenv(f"GAMEKEEPER_{name}", value)
    return monkeypatch


def problems(**chosen: object) -> dict[str, str]:
    with pytest.raises(BadSettings) as caught:
        load(**chosen)
    return caught.value.problems


def test_the_embedded_profile_needs_nothing() -> None:
    settings = load()
    assert (settings.profile, settings.loopback, settings.production) == ("embedded", True, False)
    assert settings.ping_interval_s == 15 and settings.ping_timeout_s == 10
    assert settings.idle_s == 300 and settings.sweep_s == 30


def test_production_starts_when_everything_is_said(production: pytest.MonkeyPatch) -> None:
    settings = load()
    assert settings.production
    assert settings.database_url == "postgresql+asyncpg://keeper@db/keeper"
    assert settings.public_url == "https://play.example"
    assert [str(network) for network in settings.trusted_proxies] == ["10.0.0.0/8", "192.168.1.4/32"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET", "changeme"),
        ("SECRET", ""),
        ("SECRET", "change-me-" * 8),
        ("OLD_SECRETS", "short"),
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "mysql://x"),
        ("PUBLIC_URL", "http://play.example"),
        ("PUBLIC_URL", "https://play.example/path"),
        ("TRUSTED_PROXIES", "0.0.0.0/0"),
        ("TRUSTED_PROXIES", "nonsense"),
        ("WEBHOOK_HOSTS", "*"),
        ("ALLOWED_ORIGINS", "*"),
        ("ALLOWED_ORIGINS", "https://*.example"),
        ("ALLOWED_ORIGINS", "http://school.example"),
        ("AUTH", "off"),
        ("LOG_STORE", "memory"),
        ("LOG_STATEMENTS", "true"),
        ("TLS_KEY", "/nowhere/key.pem"),
        ("SECRET_FILE", "/nowhere/secret"),
        ("PORT", "70000"),
        ("RATE_LOGIN", "often"),
        ("IDLE_S", "0"),
        ("TYPO", "1"),
    ],
)
def test_production_refuses(production: pytest.MonkeyPatch, name: str, value: str) -> None:
    production.setenv(f"GAMEKEEPER_{name}", value)
    found = problems()
    assert f"GAMEKEEPER_{name}" in found or (name == "TLS_KEY" and "GAMEKEEPER_TLS_CERTIFICATE" in found)


def test_plain_http_is_refused_in_production(production: pytest.MonkeyPatch) -> None:
    production.delenv("GAMEKEEPER_TRUSTED_PROXIES")
    assert "plain HTTP" in problems()["GAMEKEEPER_TLS_CERTIFICATE"]


def test_every_problem_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PORT": "x", "SECRET": "changeme", "AUTH": "off", "TYPO": "1", "RATE_READ": "often"}.items():
        monkeypatch.setenv(f"GAMEKEEPER_{name}", value)
    monkeypatch.setenv("GAMEKEEPER_ALLOWED_ORIGINS", "*")
    found = problems(profile="production")
    names = ["PORT", "SECRET", "AUTH", "TYPO", "RATE_READ", "ALLOWED_ORIGINS", "DATABASE_URL", "PUBLIC_URL"]
    assert set(found) == {f"GAMEKEEPER_{name}" for name in [*names, "TLS_CERTIFICATE"]}


def test_a_message_never_shows_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAMEKEEPER_SECRET", "tell-nobody")
    with pytest.raises(BadSettings) as caught:
        load()
    assert "tell-nobody" not in str(caught.value)
    assert "tell-nobody" not in repr(Settings())


def test_authentication_may_be_off_on_loopback_only() -> None:
    assert load(auth=False).auth is False
    assert "GAMEKEEPER_AUTH" in problems(auth=False, host="0.0.0.0")


def test_what_is_chosen_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAMEKEEPER_PORT", "9000")
    assert load().port == 9000
    assert load(port=9001, host=None).port == 9001


def test_a_node_may_run_rooms_of_some_applications_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().owned_apps is None
    assert "GAMEKEEPER_OWNS" in problems(owns="quiz")
    shared = {"database_url": "postgresql://db/x", "redis_url": "redis://127.0.0.1:6379"}
    monkeypatch.setenv("GAMEKEEPER_OWNS", "chsh, quiz")
    assert load(**shared).owned_apps == ("chsh", "quiz")
    monkeypatch.setenv("GAMEKEEPER_OWNS", "none")
    assert load(**shared).owned_apps == ()
    assert "either" in problems(owns="none,quiz", **shared)["GAMEKEEPER_OWNS"]


def test_a_replica_is_of_a_database_that_can_have_one() -> None:
    assert "GAMEKEEPER_REPLICA_URL" in problems(replica_url="postgresql://copy/x")
    assert "GAMEKEEPER_REPLICA_URL" in problems(replica_url="sqlite:///x", database_url="postgresql://db/x")
    both = {"replica_url": "postgresql://copy/x", "database_url": "postgresql://db/x"}
    assert load(**both).replica_url == both["replica_url"]


def test_secrets_come_from_a_file_first(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET + "-in-file\n" + SECRET + "-older\n")
    settings = load(secret_file=file, secret=SECRET)
    assert settings.configured_secrets == [SECRET + "-in-file", SECRET + "-older", SECRET]


def test_an_empty_secret_file_is_no_secret(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.touch()
    assert "missing" in problems(secret_file=file)["GAMEKEEPER_SECRET_FILE"]


def test_every_setting_says_what_it_means() -> None:
    assert [variable(name) for name, field in Settings.model_fields.items() if not field.description] == []


def test_ipv6_and_names_as_hosts() -> None:
    assert load(host="::1").loopback and load(host="localhost").loopback
    assert not load(host="games.example").loopback


def test_the_log_is_where_accounts_are_unless_it_is_said() -> None:
    assert load().log_kind == "sqlite"
    assert load(database_url="postgres://me@db/x").log_kind == "postgres"
    assert load(database_url="postgres://me@db/x", log_store="memory").log_kind == "memory"
    with pytest.raises(BadSettings, match=r"GAMEKEEPER_LOG_STORE: needs a postgresql://"):
        load(log_store="postgres")
