"""Rooms, members and codes in the database."""

from pathlib import Path

import pytest
from bench.plans import walks

from gamekeeper import Rejected
from gamekeeper.core.seats import PLAYER, SPECTATOR
from gamekeeper.server import directory as module
from gamekeeper.server.directory import clean_room_name
from tests.server.kit import Site

pytestmark = pytest.mark.anyio


async def test_it_can_be_built_anew_from_the_log(site: Site) -> None:
    host, ann = await site.guest("Host"), await site.guest("Ann")
    room, closed = await site.room(host), await site.room(host)
    await site.join(ann, room)
    await host.post(f"/rooms/{closed['id']}/close")
    await ann.post(f"/rooms/{room['id']}/leave")
    before = await site.server.directory.all()
    codes = await site.server.directory.codes(room["id"])
    await site.server._directory_runner.rebuild()
    assert await site.server.directory.all() == before
    assert await site.server.directory.codes(room["id"]) == codes == {
        PLAYER: room["code"], SPECTATOR: room["spectator_code"],
    }  # fmt: skip


async def test_a_taken_code_is_drawn_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["AAAAAA", "AAAAAA", "AAAAAA", "BBBBBB"])
    monkeypatch.setattr(module, "new_code", lambda: next(drawn))
    assert await site.server.directory.give_codes("some room") == {PLAYER: "AAAAAA", SPECTATOR: "BBBBBB"}


async def test_running_out_of_codes_is_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "new_code", lambda: "CCCCCC")
    with pytest.raises(Rejected, match="no join code is free"):
        await site.server.directory.give_codes("other room")


async def test_a_dashboard_of_many_rooms_is_one_query(site: Site) -> None:
    from sqlalchemy import event

    statements: list[str] = []
    engine = site.server.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    host = await site.guest("Host")
    for _ in range(5):
        await site.room(host)
    who = (await host.get("/auth/me")).json()["user"]["id"]
    statements.clear()
    assert len(await site.server.directory.of_user(who)) == 5
    assert len([one for one in statements if one.startswith("SELECT")]) == 1


def test_names_of_rooms() -> None:
    assert clean_room_name("  Cafe\u0301  ") == "Caf\u00e9"
    assert clean_room_name("") == ""
    for bad in ("x" * 81, "a\nb", "a\u202eb"):
        with pytest.raises(Rejected):
            clean_room_name(bad)


async def test_every_statement_of_accounts_and_directory_goes_through_an_index(tmp_path: Path) -> None:
    """R0-24, R2-119: as run, with statistics gathered; `python -m bench.plans` does it on a million rows each."""
    count, walking = await walks(3_000, tmp_path)
    assert count > 15, "the check is blind"
    assert walking == []
