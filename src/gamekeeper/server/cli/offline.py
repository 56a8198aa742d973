"""Log and database, looked at without a server. A running one is not disturbed: the log is opened for reading only."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from gamekeeper.app import load_apps
from gamekeeper.core.errors import Misuse, Rejected
from gamekeeper.server.cli.output import FAILED, WRONG_CALL, fail

if TYPE_CHECKING:
    from gamekeeper.log.protocol import EventLog
    from gamekeeper.room.history import Games
    from gamekeeper.server.auth.accounts import Accounts
    from gamekeeper.server.settings import Settings

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Do it, and turn what can be expected to go wrong into a message and a status."""
    from gamekeeper.log.backup import BackupError
    from gamekeeper.log.database import DatabaseError
    from gamekeeper.log.protocol import LogError
    from gamekeeper.server.storage import StartError

    try:
        return asyncio.run(work)
    except Rejected as rejected:
        fail(rejected.message, WRONG_CALL)
    except (LogError, DatabaseError, BackupError, StartError, OSError) as error:
        fail(str(error), FAILED)


def games_of(references: list[str] | None, settings: "Settings") -> "Games":
    """The games of all applications there are."""
    try:
        apps = load_apps(tuple(references or settings.apps))
    except (Misuse, ImportError, AttributeError) as error:
        fail(str(error), WRONG_CALL)
    return {name: app.game for name, app in apps.items()}


@asynccontextmanager
async def reading(settings: "Settings") -> AsyncGenerator["EventLog", None]:
    """The log, for reading."""
    from gamekeeper.server.storage import reading_log

    async with reading_log(settings) as log:
        yield log


async def with_accounts(settings: "Settings", work: "Callable[[Accounts], Coroutine[Any, Any, T]]") -> T:
    """Do something with the accounts, whether a server runs or not."""
    from gamekeeper.log.database import Database
    from gamekeeper.log.migrate import migrate
    from gamekeeper.server.auth.accounts import Accounts
    from gamekeeper.server.auth.revocation import Revocations
    from gamekeeper.server.auth.tokens import AccessTokens
    from gamekeeper.server.keys import Keyring
    from gamekeeper.server.server import Server, secrets_of
    from gamekeeper.server.storage import database_url, owner_url

    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    url = database_url(settings)
    await asyncio.to_thread(migrate, owner_url(settings) or url, runtime_url=url)
    keys = Keyring(secrets_of(settings))
    tokens = AccessTokens(keys, settings.access_token_s, Server.now)
    database = Database(url)
    try:
        revocations = Revocations(settings.access_token_s, Server.now)
        return await work(
            Accounts(database, tokens, revocations, keys, refresh_life_s=settings.refresh_token_s, now=Server.now)
        )
    finally:
        await database.close()
