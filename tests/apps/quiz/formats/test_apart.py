"""Reading in a process of its own, which ends whatever it does."""

import os
import time
from pathlib import Path

from gamekeeper_apps.quiz.formats import apart
from gamekeeper_apps.quiz.formats.found import Found
from tests.apps.quiz.formats.samples import reasons


def _stuck(path: Path, format_: str) -> tuple[Found, bool]:
    while True:
        time.sleep(1)


def _gone(path: Path, format_: str) -> tuple[Found, bool]:
    os._exit(1)


def test_a_file_and_its_bytes_are_read(tmp_path: Path) -> None:
    file = tmp_path / "q.gift"
    file.write_text("Q {=a}")
    found, readable = apart.file_apart(file, "auto")
    assert readable and found.questions[0]["source"] == {"file": "q.gift", "line": 1}
    assert apart.data_apart(b"Q {=a}", "q.gift", "auto")[0].questions == found.questions


def test_what_takes_too_long_or_falls_over_is_refused(tmp_path: Path) -> None:
    for reader, code in ((_stuck, "error-too-large"), (_gone, "error-not-readable")):
        found, readable = apart._apart("fork", "f", 0.2, reader, tmp_path, "auto")
        assert not readable and reasons(found) == [(None, code)]
