"""A log in front of a log changes nothing."""

import asyncio

import pytest

from gamekeeper.log.memory import MemoryLog
from gamekeeper.log.passing import PassingLog
from gamekeeper.log.protocol import Conflict, LogUnavailable, Snapshot

pytestmark = pytest.mark.anyio
BODY = b'[[1,5,"actor",1,"session",1,"add",[["added",1,{}]]]]'


async def append(log: PassingLog, first: int) -> object:
    answered: asyncio.Future[object] = asyncio.get_running_loop().create_future()
    log.append("room", first, first, BODY, answered.set_result)
    return await answered


async def test_everything_passes() -> None:
    log = PassingLog(MemoryLog(epoch=7))
    assert log.epoch == 7
    assert await append(log, 1) is None
    assert isinstance(await append(log, 5), Conflict)
    await log.ping()
    assert await log.last_seq("room") == 1
    assert [entry.seq for entry in await log.read("room")] == [1]
    assert [batch.position for batch in await log.tail(0)] == [1]
    assert [head.room for head in await log.rooms()] == ["room"]
    snapshot = Snapshot("room", 1, 1, b"{}")
    await log.save_snapshot(snapshot)
    assert await log.load_snapshot("room") == snapshot
    await log.close()
    with pytest.raises(LogUnavailable):
        await log.ping()
