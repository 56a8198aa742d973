"""The measuring log changes nothing but what is measured."""

import asyncio

import pytest

from gamekeeper.log.memory import MemoryLog
from gamekeeper.log.protocol import Conflict
from gamekeeper.server.metrics import Metrics
from gamekeeper.server.timedlog import TimedLog

pytestmark = pytest.mark.anyio
BODY = b'[[1,5,"actor",1,"session",1,"add",[["added",1,{}]]]]'


async def append(log: TimedLog, first: int) -> object:
    answered: asyncio.Future[object] = asyncio.get_running_loop().create_future()
    log.append("room", first, first, BODY, answered.set_result)
    return await answered


async def test_commits_are_measured_and_refusals_counted() -> None:
    metrics = Metrics()
    log = TimedLog(MemoryLog(epoch=7), metrics)
    assert log.epoch == 7
    assert await append(log, 1) is None
    assert isinstance(await append(log, 5), Conflict)
    assert metrics.registry.get_sample_value("gamekeeper_commit_seconds_count") == 1
    assert metrics.registry.get_sample_value("gamekeeper_refused_commits_total") == 1
