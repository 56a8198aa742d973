"""One process per file."""

from pathlib import Path

import pytest

from gamekeeper.log.filelock import FileLock
from gamekeeper.log.protocol import LogUnavailable


def test_a_lock_is_held_once(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "log.lock")
    with pytest.raises(LogUnavailable, match="in use by process"):
        FileLock(tmp_path / "log.lock")
    lock.release()
    lock.release()
    FileLock(tmp_path / "log.lock").release()
