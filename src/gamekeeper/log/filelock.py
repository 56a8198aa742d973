"""One process per file."""

import fcntl
import os
from pathlib import Path

from gamekeeper.log.protocol import LogUnavailable


class FileLock:
    """Held until released or until the process ends, however it ends. Raises `LogUnavailable` when held elsewhere."""

    def __init__(self, path: Path) -> None:
        self._descriptor: int | None = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            owner = os.read(self._descriptor, 20).decode(errors="replace").strip()
            os.close(self._descriptor)
            raise LogUnavailable(f"{path.with_suffix('')} is in use by process {owner}") from None
        os.ftruncate(self._descriptor, 0)
        os.write(self._descriptor, str(os.getpid()).encode())

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
