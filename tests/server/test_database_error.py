"""A database that fails is answered with its own code, and the server goes on."""

from pathlib import Path

import pytest
from sqlalchemy import text

from gamekeeper import ErrorCode, Rejected
from gamekeeper.client import Client
from gamekeeper.embedded import serving
from gamekeeper_apps.chsh import app

pytestmark = pytest.mark.anyio


async def test_a_fault_is_database_error(tmp_path: Path) -> None:
    """R0-50: rollback, the code, and the next request works."""
    async with serving(app, tmp_path) as server, Client(server.url) as ann:
        await ann.guest("Ann")
        database = server._server.database
        async with database.begin() as connection:
            await connection.execute(text("ALTER TABLE room_codes RENAME TO hidden"))
        with pytest.raises(Rejected) as refused:
            await ann.request("GET", "/codes/ABCDEF")
        assert refused.value.code == ErrorCode.DATABASE_ERROR
        async with database.begin() as connection:
            await connection.execute(text("ALTER TABLE hidden RENAME TO room_codes"))
        with pytest.raises(Rejected) as refused:
            await ann.request("GET", "/codes/ABCDEF")
        assert refused.value.code == ErrorCode.UNKNOWN_CODE
