"""`gamekeeper migrate`."""

from typing import Annotated

import typer

from gamekeeper.server.cli.options import AsJson, Data, load_settings
from gamekeeper.server.cli.output import FAILED, fail, say, say_json


def command(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; status 1 when there is something to do.")
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Bring the database to the newest schema. `serve` does so too; safe to run at the same time.

    In PostgreSQL also the log's schema, as the role of GAMEKEEPER_DATABASE_OWNER_URL; the role of
    GAMEKEEPER_DATABASE_URL is then allowed what a server does: to add to the log, not to change it.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from gamekeeper.log.database import DatabaseError
    from gamekeeper.log.migrate import current_revision, migrate, newest_revision
    from gamekeeper.server.storage import database_url, owner_url

    settings = load_settings(data=data)
    url = database_url(settings)
    owner = owner_url(settings) or url
    try:
        before, newest = current_revision(owner), newest_revision()
        changed = not check and migrate(owner, runtime_url=url)
    except (DatabaseError, SQLAlchemyError, OSError) as error:
        fail(str(error))
    if as_json:
        say_json({"before": before, "newest": newest, "changed": changed})
    else:
        say(f"schema {before or '(none)'} -> {newest}" if before != newest else f"schema {newest} is the newest")
    if check and before != newest:
        raise SystemExit(FAILED)
