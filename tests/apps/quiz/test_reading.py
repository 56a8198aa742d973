"""Keys that read one room: made and revoked by its host, kept as digests."""

import pytest

from gamekeeper import Rejected
from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.reading import MAX_HOOKS, MAX_KEYS, MAX_URL, digest_of, may_read
from tests.apps.quiz.stage import Stage

KEY = "a key that somebody was told"


def refused(stage: Stage, command: m.Wish) -> str:
    with pytest.raises(Rejected) as caught:
        stage.host.send(command)
    return caught.value.code


def test_a_key_reads_until_it_is_revoked() -> None:
    stage = Stage("Ann")
    assert not may_read(stage.room, KEY, "state")
    stage.host.send(m.MakeReadKey("one", "Stream", digest_of(KEY)))
    assert (
        may_read(stage.room, KEY, "state")
        and not may_read(stage.room, KEY + "!", "state")
        and not may_read(stage.room, "", "state")
    )
    assert KEY not in str(stage.table.records) and KEY not in str(stage.host.shared)
    stage.host.send(m.RevokeReadKey("one"))
    assert not may_read(stage.room, KEY, "state") and stage.table.replayed() == stage.room


def test_what_is_no_key_is_refused() -> None:
    stage = Stage("Ann")
    digest = digest_of(KEY)
    assert (
        refused(stage, m.MakeReadKey("", "", digest))
        == refused(stage, m.MakeReadKey("one", "", "short"))
        == "bad_value"
    )
    assert refused(stage, m.MakeReadKey("one", "x" * 81, digest)) == "too_long"
    assert refused(stage, m.RevokeReadKey("one")) == "not_found"
    for number in range(MAX_KEYS):
        stage.host.send(m.MakeReadKey(f"key-{number}", "", digest))
    assert refused(stage, m.MakeReadKey("more", "", digest)) == "full"
    assert refused(stage, m.MakeReadKey("key-1", "", digest)) == "bad_value"


def test_a_key_for_scores_reads_nothing_else() -> None:
    stage = Stage("Ann")
    stage.host.send(m.MakeReadKey("one", "Board", digest_of(KEY), "scores"))
    assert may_read(stage.room, KEY, "scores") and not may_read(stage.room, KEY, "state")
    stage.host.send(m.MakeReadKey("two", "Stream", digest_of(KEY + "2")))
    assert may_read(stage.room, KEY + "2", "scores") and may_read(stage.room, KEY + "2", "state")
    assert stage.table.replayed() == stage.room


def test_addresses_to_call_are_bounded_and_seen_by_nobody() -> None:
    stage = Stage("Ann")
    url = "https://hooks.example/a?secret=1"
    for number in range(MAX_HOOKS):
        stage.host.send(m.MakeHook(f"hook-{number}", "", url))
    assert refused(stage, m.MakeHook("more", "", url)) == "full"
    assert refused(stage, m.MakeHook("hook-1", "", url)) == refused(stage, m.MakeHook("", "", url)) == "bad_value"
    assert url not in str(stage.host.shared) and url not in str(stage.host.public)
    stage.host.send(m.RevokeHook("hook-1"))
    assert refused(stage, m.RevokeHook("hook-1")) == "not_found" and "hook-1" not in stage.room.hooks
    assert refused(stage, m.MakeHook("x", "", "https://" + "a" * MAX_URL)) == "too_long"
    assert refused(stage, m.MakeHook("x", "n" * 81, url)) == "too_long"
    assert stage.table.replayed() == stage.room
