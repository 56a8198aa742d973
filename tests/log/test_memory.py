"""The log in memory, beyond what every log promises."""

import pytest

from gamekeeper.log import memory
from gamekeeper.log.memory import MemoryLog
from gamekeeper.log.protocol import Snapshot

pytestmark = pytest.mark.anyio


async def test_snapshots_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "SNAPSHOTS", 3)
    log = MemoryLog()
    for name in "abcd":
        await log.save_snapshot(Snapshot(name, 1, 1, b""))
    assert [await log.load_snapshot(name) is None for name in "abcd"] == [True, False, False, False]
