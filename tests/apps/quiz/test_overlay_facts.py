"""What was written down about keys before they had a scope is read as it was meant."""

from datetime import UTC, datetime

from gamekeeper_apps.quiz.overlay_facts import ReadKeyMade


def test_a_key_of_an_old_log_reads_everything() -> None:
    old = {"id": "one", "name": "Stream", "digest": "0" * 64, "at": datetime(2026, 1, 1, tzinfo=UTC)}
    assert ReadKeyMade(**ReadKeyMade.__upcasters__[1](old)).scope == "state"
