"""Everything one server holds, opened and closed."""

from pathlib import Path

import pytest

from gamekeeper.log.backup import DATABASE_FILE, LOG_FILE
from gamekeeper.log.database import DatabaseAway
from gamekeeper.server.auth.accounts import Accounts
from gamekeeper.server.keys import Keyring
from gamekeeper.server.server import Server, rate_classes, room_limits
from gamekeeper.server.storage import StartError
from tests.server.kit import APPS, SECRET, settings_in, site_in

pytestmark = pytest.mark.anyio


def exists(path: Path | str) -> bool:
    return Path(path).exists()


async def test_a_folder_has_one_server(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, log_store="sqlite")
    server = await Server.open(settings, APPS)
    with pytest.raises(StartError, match="in use by process") as caught:
        await Server.open(settings, APPS)
    assert caught.value.step == "log"
    await server.close()
    again = await Server.open(settings, APPS)
    await again.close()
    await again.close()


async def test_a_database_that_goes_away_during_the_start_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R0-4: also after it has answered once."""
    learn, tries = Accounts.learn_revocations, 0

    async def away_once(accounts: Accounts) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise DatabaseAway("no route to host")
        await learn(accounts)

    monkeypatch.setattr(Accounts, "learn_revocations", away_once)
    with pytest.raises(StartError, match="no route"):
        await Server.open(settings_in(tmp_path, database_wait_s=0), APPS)
    tries = 0
    server = await Server.open(settings_in(tmp_path / "again"), APPS)
    assert tries == 2
    assert await server.unreadiness() is None
    await server.close()


async def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    async with site_in(tmp_path, log_store="sqlite") as site:
        host = await site.guest("Host")
        token = host.headers["Authorization"]
        room = await site.room(host)
    async with site_in(tmp_path, log_store="sqlite") as site, site.client() as client:
        client.headers["Authorization"] = token
        assert (await client.get(f"/rooms/{room['id']}")).json() == room


async def test_memory_leaves_nothing_behind(tmp_path: Path) -> None:
    async with site_in(tmp_path) as site:
        await site.room(await site.guest())
        scratch = site.server.database.url.partition("///")[2]
        assert exists(scratch) and scratch.endswith(DATABASE_FILE)
    assert not exists(scratch) and not exists(tmp_path / "data" / LOG_FILE)


@pytest.mark.parametrize(("file", "failing"), [(LOG_FILE, "log"), (DATABASE_FILE, "migration")])
async def test_a_damaged_file_stops_the_start_and_names_the_step(tmp_path: Path, file: str, failing: str) -> None:
    settings = settings_in(tmp_path, log_store="sqlite")
    settings.data.mkdir()
    (settings.data / file).write_bytes(b"this is no database" * 1_000)
    with pytest.raises(StartError) as caught:
        await Server.open(settings, APPS)
    assert caught.value.step == failing
    assert (settings.data / file).read_bytes().startswith(b"this is no database")


async def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(StartError, match="data folder"):
        await Server.open(settings_in(tmp_path), APPS)


async def test_an_application_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="nothing:app"):
        await Server.open(settings_in(tmp_path, apps="nothing:app"))


async def test_secrets_are_read_again_while_running(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET + "1\n")
    async with site_in(tmp_path, secret="", secret_file=file) as site:
        ann = await site.guest("Ann")
        file.write_text(SECRET + "2\n" + SECRET + "1\n")
        site.server.reload_secrets()
        assert (await ann.get("/auth/me")).status_code == 200, "the old secret still verifies"
        bob = await site.guest("Bob")
        file.write_text(SECRET + "2\n")
        site.server.reload_secrets()
        assert (await ann.get("/auth/me")).status_code == 401
        assert (await bob.get("/auth/me")).status_code == 200
        for bad in ("weak", ""):
            file.write_text(bad)
            site.server.reload_secrets()
        file.unlink()
        site.server.reload_secrets()
        assert site.server.keys.signing("x") == Keyring([SECRET + "2"]).signing("x"), "a bad file changes nothing"


async def test_settings_reach_the_rooms_and_the_rates(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, max_rooms=7, idle_s=9, rate_login="1/minute")
    assert room_limits(settings).rooms == 7 and room_limits(settings).idle_s == 9
    assert rate_classes(settings)["login"] == "1/minute"
