"""The event loop under load is never held up by its own work, and its watch would tell."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from gamekeeper.client import Client
from gamekeeper.server.loopwatch import STALL_S, TICK_S, LoopWatch
from tests.server import process

pytestmark = pytest.mark.anyio

CLIENTS = 25
COMMANDS = 60


def idle(seconds: float) -> None:
    """As when other processes have the processor."""
    time.sleep(seconds)


def busy(seconds: float) -> None:
    until_s = time.thread_time() + seconds
    while time.thread_time() < until_s:
        pass


async def turns_around(callback: Callable[[float], None], seconds: float) -> list[tuple[float, float]]:
    """What the watch tells of a callback that takes so long, with the turns before and after it."""
    told: list[tuple[float, float]] = []
    enough = asyncio.Event()

    def turned(late_s: float, spent_s: float) -> None:
        told.append((late_s, spent_s))
        if len(told) == 3:
            asyncio.get_running_loop().call_soon(callback, seconds)
        if len(told) == 6:
            enough.set()

    watch = LoopWatch(turned)
    watch.start()
    await asyncio.wait_for(enough.wait(), 60)
    watch.stop()
    watch.stop()
    counted = len(told)
    await asyncio.sleep(5 * TICK_S)
    assert len(told) == counted, "it looks no more"
    return told


async def test_a_callback_that_keeps_the_processor_is_told_in_full() -> None:
    told = await turns_around(busy, 2 * STALL_S)
    assert max(spent_s for _, spent_s in told) >= 2 * STALL_S
    assert max(late_s for late_s, _ in told) >= STALL_S


async def test_what_others_take_of_the_loop_is_no_work_of_its_own() -> None:
    told = await turns_around(idle, 2 * STALL_S)
    assert max(late_s for late_s, _ in told) >= STALL_S
    assert max(spent_s for _, spent_s in told) < STALL_S


def figures(url: str) -> dict[tuple[str, str], float]:
    """The server's own figures by name and upper bound."""
    text = httpx.get(f"{url}/metrics", trust_env=False).text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {(sample.name, sample.labels.get("le", "")): sample.value for sample in samples}


async def play(url: str, code: str) -> int:
    """One client that joins, adds, loses its connection on the way, and adds on."""
    async with Client(url, timeout_s=60) as client:
        await client.guest("Ann")
        joined = await client.join(code)
        async with client.connect(joined.room) as live:
            for number in range(COMMANDS):
                if number == COMMANDS // 2:
                    live.drop()
                await live.send("add", {"amount": 1})
            return live.frames


async def test_no_callback_under_load_holds_the_loop_for_fifty_milliseconds(tmp_path: Path) -> None:
    """R0-47, by the processor time of the loop's thread: what others on the machine take of it is not the server's."""
    unlimited = dict.fromkeys(("rate_guest", "rate_write", "rate_read", "rate_code"), "1000000/minute")
    with process.server(tmp_path, **unlimited) as (_, ready):
        async with Client(ready["url"], timeout_s=60) as host:
            await host.guest("Host")
            room = await host.open("tally")
            before = figures(ready["url"])
            async with asyncio.timeout(120):
                frames = await asyncio.gather(*[play(ready["url"], room["code"]) for _ in range(CLIENTS)])
        after = figures(ready["url"])
    assert min(frames) > COMMANDS
    assert after["gamekeeper_commands_total", ""] - before["gamekeeper_commands_total", ""] > CLIENTS * COMMANDS
    turns, quick = (("gamekeeper_loop_processor_seconds_bucket", le) for le in ("+Inf", str(STALL_S)))
    assert after[turns] > before[turns], "the loop was watched"
    assert after[turns] - after[quick] == before[turns] - before[quick], "turns of more than 50 ms"
    assert after["gamekeeper_frozen_objects", ""] > 10_000, "what the start made is no work for the garbage collector"
