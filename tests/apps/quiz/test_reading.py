"""Keys that read one room: made and revoked by its host, kept as digests."""

import pytest

from gamekeeper import Rejected
from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.reading import MAX_KEYS, digest_of, may_read
from tests.apps.quiz.stage import Stage

KEY = "a key that somebody was told"


def refused(stage: Stage, command: m.Wish) -> str:
    with pytest.raises(Rejected) as caught:
        stage.host.send(command)
    return caught.value.code


def test_a_key_reads_until_it_is_revoked() -> None:
    stage = Stage("Ann")
    assert not may_read(stage.room, KEY)
    stage.host.send(m.MakeReadKey("one", "Stream", digest_of(KEY)))
    assert may_read(stage.room, KEY) and not may_read(stage.room, KEY + "!") and not may_read(stage.room, "")
    assert KEY not in str(stage.table.records) and KEY not in str(stage.host.shared)
    stage.host.send(m.RevokeReadKey("one"))
    assert not may_read(stage.room, KEY) and stage.table.replayed() == stage.room


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
