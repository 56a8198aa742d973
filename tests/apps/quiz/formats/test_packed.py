"""Zip files: what inflates too far or leads outside is refused."""

import io
import zipfile

import pytest

from gamekeeper_apps.quiz.formats.found import Refused
from gamekeeper_apps.quiz.formats.packed import MAX_ENTRIES, Package


def zipped(entries: dict[str, bytes]) -> bytes:
    """A zip with these entries."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in entries.items():
            package.writestr(name, content)
    return kept.getvalue()


def test_an_entry_is_read_and_a_bomb_refused() -> None:
    assert Package(zipped({"a": b"x"})).read("a") == b"x"
    with pytest.raises(Refused) as refused:
        Package(zipped({"a": b"0" * 50_000_000})).read("a")
    assert refused.value.code == "error-too-large"


@pytest.mark.parametrize("name", ["../a", "/a", "a/../../b"])
def test_a_path_outside_is_refused(name: str) -> None:
    with pytest.raises(Refused):
        Package(zipped({name: b"x"}))


def test_too_many_entries_and_broken_zips_are_refused() -> None:
    for data in (zipped({str(at): b"" for at in range(MAX_ENTRIES + 1)}), b"PK\x03\x04broken"):
        with pytest.raises(Refused):
            Package(data)


def test_what_inflates_without_bounds_is_refused() -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_LZMA) as package:
        package.writestr("a", b"0" * 1_000)
    with pytest.raises(Refused):
        Package(kept.getvalue())
