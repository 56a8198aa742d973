"""Event shapes are for ever: the frozen copy.

After adding an event or a version: `python -m tests.apps.quiz.test_shapes` writes the addition down.
"""

from pathlib import Path

from gamekeeper.testing import assert_shapes_kept
from gamekeeper_apps.quiz.game import Quiz

FROZEN = Path(__file__).parents[2] / "golden" / "quiz_events.json"


def test_no_event_has_been_edited() -> None:
    assert_shapes_kept(Quiz(), FROZEN)


if __name__ == "__main__":
    assert_shapes_kept(Quiz(), FROZEN, update=True)
