"""Log lines leave by a thread, bounded."""

import os
import threading
from pathlib import Path

from gamekeeper.server.sink import LineSink


def test_lines_reach_the_file_in_order(tmp_path: Path) -> None:
    sink = LineSink(tmp_path / "logs" / "server.log")
    for number in range(5_000):
        sink.put(b"%d" % number)
    sink.close()
    assert (tmp_path / "logs" / "server.log").read_text().split() == [str(number) for number in range(5_000)]


def test_a_pipe_nobody_reads_holds_nobody_up() -> None:
    reading, writing = os.pipe()
    sink = LineSink(writing, max_waiting=100)
    for _ in range(50_000):
        sink.put(b"x" * 100)
    assert sink.dropped > 0
    drained = threading.Thread(target=lambda: [None for _ in iter(lambda: os.read(reading, 65_536), b"")])
    drained.start()
    sink.close()
    os.close(writing)
    drained.join()
    os.close(reading)


def test_dropping_is_told(tmp_path: Path) -> None:
    sink = LineSink(tmp_path / "log", max_waiting=0)
    sink.put(b"lost")
    sink._max_waiting = 10
    sink.put(b"kept")
    sink.close()
    assert (tmp_path / "log").read_text().splitlines() == [
        "kept",
        '{"level":"warning","event":"log lines dropped","total":1}',
    ]


def test_a_file_that_grows_is_followed_by_a_new_one(tmp_path: Path) -> None:
    sink = LineSink(tmp_path / "log", max_file_bytes=1_000)
    for _ in range(3):
        sink.put(b"x" * 600)
        while sink._waiting:
            pass
    sink.close()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["log", "log.1"]
