"""Where log lines go: a thread that writes them, so that a slow disk or a full pipe never holds up the loop.

Bounded: when the writer cannot keep up, lines are dropped and counted, and a line says so.
"""

import os
import sys
import threading
import time
from collections import deque
from pathlib import Path

MAX_WAITING_LINES = 50_000
MAX_FILE_BYTES = 64 * 1024 * 1024
FLUSH_TIMEOUT_S = 2.0
GATHER_S = 0.01
"""Lines that come together are written together: to be woken for each costs the loop more than its line."""


class LineSink:
    """Writes lines to a file (kept below 64 MiB, with one predecessor `.1`) or to a file descriptor."""

    def __init__(
        self, target: Path | int, max_waiting: int = MAX_WAITING_LINES, max_file_bytes: int = MAX_FILE_BYTES
    ) -> None:
        self.dropped = 0
        self._path = target if isinstance(target, Path) else None
        self._descriptor = target if isinstance(target, int) else self._open()
        self._max_waiting = max_waiting
        self._max_file_bytes = max_file_bytes
        self._waiting: deque[bytes] = deque()
        self._told_dropped = 0
        self._news = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="log lines", daemon=True)
        self._thread.start()

    def put(self, line: bytes) -> None:
        """Have a line written. Never blocks, never raises."""
        if len(self._waiting) >= self._max_waiting:
            self.dropped += 1
            return
        self._waiting.append(line)
        if not self._news.is_set():
            self._news.set()

    def close(self) -> None:
        """Write what is waiting, as far as that goes within two seconds."""
        self._closing = True
        self._news.set()
        self._thread.join(FLUSH_TIMEOUT_S)
        if self._path is not None and not self._thread.is_alive():
            os.close(self._descriptor)

    def _open(self) -> int:
        if self._path is None:
            return sys.stderr.fileno()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)

    def _run(self) -> None:
        while True:
            self._news.wait()
            if not self._closing:
                time.sleep(GATHER_S)
            self._news.clear()
            while self._waiting:
                self._write(self._take())
            if self._closing:
                return

    def _take(self) -> bytes:
        lines = [self._waiting.popleft() for _ in range(min(1_000, len(self._waiting)))]
        if self.dropped > self._told_dropped:
            lines.append(b'{"level":"warning","event":"log lines dropped","total":%d}' % self.dropped)
            self._told_dropped = self.dropped
        return b"\n".join(lines) + b"\n"

    def _write(self, data: bytes) -> None:
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
            if self._path is not None and os.fstat(self._descriptor).st_size > self._max_file_bytes:
                self._rotate(self._path)
        except OSError:
            self.dropped += data.count(b"\n")

    def _rotate(self, path: Path) -> None:
        os.close(self._descriptor)
        path.replace(path.with_name(path.name + ".1"))
        self._descriptor = self._open()
