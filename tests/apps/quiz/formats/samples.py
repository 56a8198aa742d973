"""The real files the readers are shown with; reference only, so they live outside the repository."""

from pathlib import Path
from typing import Any

import pytest

from gamekeeper_apps.quiz.formats.found import Found
from gamekeeper_apps.quiz.formats.reading import read, read_file

FOLDER = Path(__file__).resolve().parents[5] / "shared" / "data" / "quiz"


def sample(name: str) -> Found:
    """What a sample file holds; skips the test when it is absent."""
    if not (FOLDER / name).exists():
        pytest.skip(f"no sample file {name}")
    return read_file(FOLDER / name)[0]


def text(content: str, format_: str) -> Found:
    """What a text holds."""
    found = Found("given")
    read(content.encode(), format_, found)
    return found


def reasons(found: Found) -> list[tuple[Any, str]]:
    """Lines and codes of the problems."""
    return [(problem["line"], problem["reason"].partition(":")[0]) for problem in found.problems]
