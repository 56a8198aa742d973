"""Caches are bounded, and rows are kept."""

from tests.tidy import kept
from tests.tidy.tree import APPLICATIONS, FRAMEWORK, Module, assert_clean, modules

MAY_GO = {
    "logins": "a login whose last token has expired",
    "revocations": "tokens issued before have expired by themselves",
    "members": "the directory's own: who comes back has a new row, and the log has both",
    "room_codes": "a closed room leads nowhere",
    "snapshots": "a cache of the log",
    "personal": "what must be able to go: who somebody was, kept beside the log for that reason",
    "gamekeeper_log.personal": "the same",
    "batches": "rewinding a copy of a log that was restored, never the log of a server",
    "gamekeeper_log.rooms": "a claim of a room that does not exist leaves nothing behind",
    "gamekeeper_log.nodes": "nodes of an epoch that is over",
}
"""Tables whose rows may be deleted, and why nothing is lost by it."""


def test_no_cache_grows_without_bound() -> None:
    """R0-27."""
    assert_clean(kept.unbounded_caches(modules(FRAMEWORK, APPLICATIONS)))


def test_an_unbounded_cache_is_seen() -> None:
    source = (
        "@cache\ndef once(): ...\n@cache\ndef one(x): ...\n@functools.lru_cache(maxsize=None)\ndef two(x): ...\n"
        "@lru_cache(None)\ndef three(*x): ...\n@lru_cache(5)\ndef four(x): ...\n@lru_cache\ndef five(x): ..."
    )
    found = kept.unbounded_caches([Module("src/x.py", source)])
    assert [line.split()[1] for line in found] == ["one", "two", "three"]


def test_rows_are_deleted_only_where_nothing_is_lost() -> None:
    """R0-25: users, rooms and the log are for ever; a user is disabled, a room closed, a member leaves."""
    assert_clean(kept.hard_deletes(modules(FRAMEWORK, APPLICATIONS), MAY_GO))


def test_a_deleted_row_is_seen() -> None:
    source = (
        "from sqlalchemy import delete\ndelete(users)\ndelete(logins).where(x)\nusers.delete()\nnames.delete(key)\n"
        "connection.execute('DELETE FROM accounts WHERE x')"
    )
    found = kept.hard_deletes([Module("src/x.py", source)], MAY_GO)
    assert [line.split()[3] for line in found] == ["users", "users", "accounts"]
