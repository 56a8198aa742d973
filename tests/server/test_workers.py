"""Several real processes behind one port."""

import asyncio
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from bench.machine import children

from gamekeeper.client import Client
from gamekeeper.server.workers import WorkerFailed, Workers, reserve
from tests.cluster.nodes import until
from tests.postgres import until_async
from tests.server import process
from tests.server.crew import both_answer, workers
from tests.transport.talk import Polling

pytestmark = pytest.mark.anyio


async def test_one_port_and_any_worker_serves_any_room(tmp_path: Path, postgres_url: str) -> None:
    """R0-66: `--workers` scales out on one machine with no change to an application."""
    with workers(tmp_path, postgres_url) as (running, url):
        await until_async(lambda: both_answer(postgres_url))
        async with Client(url) as host:
            await host.guest("Host")
            room = await host.open("tally")
            players = [Client(url) for _ in range(6)]
            for player in players:
                await player.guest("Ann")
                await player.join(room["code"])
            lives = [await player.connect(room["id"]).__aenter__() for player in players]
            await asyncio.gather(*(live.send("add", {"amount": 1}) for live in lives))
            for live in lives:
                await live.until(lambda live=live: live.public["total"] == 6, 10)
            for _ in range(2):  # one of them runs the room; nobody waits for its lease, which is long
                victim = children(running.pid)[0]
                os.kill(victim, signal.SIGKILL)
                await asyncio.wait_for(asyncio.gather(*(live.send("add", {"amount": 1}) for live in lives)), 30)
                await until(lambda victim=victim: len(set(children(running.pid)) - {victim}) == 2)
                await until_async(lambda: both_answer(postgres_url))  # or nobody is left when the other goes
            for live in lives:
                await live.close()
        born = children(running.pid)
        running.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(running.wait, 30) == 0
        assert not any(map(_runs, born))


async def test_polling_needs_no_sticky_sessions(tmp_path: Path, postgres_url: str) -> None:
    """Every request is a connection of its own, which the kernel gives to either worker."""
    with workers(tmp_path, postgres_url) as (running, url):
        await until(lambda: len(children(running.pid)) == 2)
        async with Client(url) as host, Client(url) as ann:
            await host.guest("Host")
            await ann.guest("Ann")
            room = await host.open("tally")
            await ann.join(room["code"])
            once = httpx.Limits(max_keepalive_connections=0)
            polling = Polling(urlsplit(url).port or 0, {}, once)
            await polling.open()
            await polling.send(f"40/rooms/{room['id']},{json.dumps({'token': ann.token})}")
            for number in range(1, 21):
                await polling.send(f'42/rooms/{room["id"]},{number}["add",{{"amount":1}}]')
                while not (await polling.recv()).startswith(f"43/rooms/{room['id']},{number}["):
                    pass
            await polling.close()


async def test_workers_end_with_their_supervisor(tmp_path: Path, postgres_url: str) -> None:
    with workers(tmp_path, postgres_url) as (running, _):
        await until(lambda: len(children(running.pid)) == 2)
        born = children(running.pid)
        running.kill()
        await until(lambda: not any(_runs(pid) for pid in born), 30)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_what_is_embedded_has_one_process(tmp_path: Path) -> None:
    done = process.gamekeeper("serve", "--workers", "2", "--data", str(tmp_path))
    assert done.returncode == 2
    problem = json.loads(done.stderr)["problems"]["GAMEKEEPER_WORKERS"]
    assert "GAMEKEEPER_LOG_STORE=postgres" in problem and "GAMEKEEPER_REDIS_URL" in problem


def test_a_reserved_port_is_nobody_elses() -> None:
    with reserve("127.0.0.1", 0) as place, socket.socket() as other, pytest.raises(OSError):
        other.bind(place.getsockname())


async def test_a_first_worker_that_fails_ends_it_all() -> None:
    def never(_: dict[str, Any]) -> None:
        raise AssertionError("nobody is ready")

    with pytest.raises(WorkerFailed) as caught:
        await Workers(3, ["--port", "nonsense"]).run(never)
    assert caught.value.status == 2


async def test_a_worker_that_dies_is_started_again_after_a_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    short = [sys.executable, "-c", "print('{}', flush=True)"]
    workers = Workers(1, [], first_retry_s=0.01)
    workers.workers[0]._command = short
    begun: list[int] = []
    live = workers.workers[0].live

    async def counted() -> int:
        begun.append(1)
        return await live()

    monkeypatch.setattr(workers.workers[0], "live", counted)
    task = asyncio.create_task(workers.run(lambda _: None))
    await until(lambda: len(begun) > 2)
    workers.stop()
    await asyncio.wait_for(task, 10)
