"""From open port to last byte, in real processes."""

import json
import random
import signal
import socket
import time
from pathlib import Path

import httpx
import pytest

from gamekeeper.client import Client
from gamekeeper.server.lifecycle import Port
from gamekeeper.server.storage import StartError
from tests.server import process
from tests.server.kit import SECRET, site_in

pytestmark = pytest.mark.anyio
INSTANTS = 50


def test_a_server_answers_and_ends_cleanly_on_sigterm(tmp_path: Path) -> None:
    with process.server(tmp_path) as (running, ready):
        with httpx.Client(base_url=ready["url"], trust_env=False) as client:
            assert client.get("/health/ready").json() == {"status": "ready"}
        running.send_signal(signal.SIGTERM)
        _, errors = running.communicate(timeout=20)
        assert (running.returncode, errors) == (0, "")
    assert "draining" in (tmp_path / "server.log").read_text()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_sigterm_at_any_instant_ends_cleanly(tmp_path: Path) -> None:
    """Fifty processes, each told to stop at another instant between exec and well after ready."""
    rng = random.Random(1)
    with process.server(tmp_path / "first"):
        pass
    began = time.monotonic()
    with process.server(tmp_path / "measure"):
        start_s = time.monotonic() - began
    codes: set[int] = set()
    for number in range(INSTANTS):
        running = process.start(tmp_path / f"data{number % 5}")
        time.sleep(rng.uniform(0, 1.2 * start_s))
        running.send_signal(signal.SIGTERM)
        _, errors = running.communicate(timeout=20)
        assert errors == "", errors
        codes.add(running.returncode)
    # Before the interpreter has read our first line, the kernel itself ends the process.
    assert codes <= {0, -signal.SIGTERM}, codes
    for number in range(5):
        with process.server(tmp_path / f"data{number}") as (_, ready):
            assert httpx.get(f"{ready['url']}/health/ready", trust_env=False).status_code == 200


def test_a_second_signal_does_not_wait(tmp_path: Path) -> None:
    with process.server(tmp_path) as (running, ready), socket.create_connection(("127.0.0.1", ready["port"])) as slow:
        slow.sendall(b"POST /auth/guest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n{")
        time.sleep(0.2)
        running.send_signal(signal.SIGINT)
        time.sleep(0.2)
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=8)
        assert running.returncode == 0


def test_a_failing_start_is_one_line_that_names_the_step(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        failed = process.gamekeeper("serve", "--data", str(tmp_path), "--port", port, "--app", process.GAME)
    assert failed.returncode == 1 and failed.stdout == ""
    error = json.loads(failed.stderr)
    assert (error["event"], error["step"]) == ("start failed", "port") and "in use" in error["reason"]


def test_bad_settings_are_all_told_before_the_port_opens(tmp_path: Path) -> None:
    failed = process.gamekeeper("serve", "--data", str(tmp_path / "data"), profile="production", secret="changeme")
    assert failed.returncode == 2
    error = json.loads(failed.stderr)
    assert error["step"] == "settings" and len(error["problems"]) >= 4
    assert "changeme" not in failed.stderr
    assert not (tmp_path / "data").exists()


def test_sighup_reads_the_secret_file_again(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET + "1\n")
    with (
        process.server(tmp_path / "data", secret_file=str(file)) as (running, ready),
        httpx.Client(base_url=ready["url"], trust_env=False) as client,
    ):
        client.post("/auth/guest", json={"name": "Ann"})
        file.write_text(SECRET + "2\n" + SECRET + "1\n")
        running.send_signal(signal.SIGHUP)
        _wait_for(tmp_path / "data" / "server.log", "secrets reloaded")
        assert client.get("/auth/me").status_code == 200, "nobody is signed out"
        assert client.post("/auth/refresh").status_code == 200
        file.write_text(SECRET + "2\n")
        running.send_signal(signal.SIGHUP)
        _wait_for(tmp_path / "data" / "server.log", '"count":1')
        assert client.get("/auth/me").status_code == 200


def _wait_for(file: Path, text: str) -> None:
    while text not in file.read_text():
        time.sleep(0.01)


async def test_kill_and_restart_lose_nothing(tmp_path: Path) -> None:
    with process.server(tmp_path) as (running, ready):
        async with Client(ready["url"]) as ann:
            await ann.guest("Ann")
            room = await ann.open("tally")
            async with ann.connect(room["id"]) as live:
                await live.send("hide", {"amount": 7})
            token = ann.token
        running.kill()
        running.wait()
    with process.server(tmp_path) as (_, ready):
        async with Client(ready["url"], token) as ann, ann.connect(room["id"]) as live:
            assert live.private == {"secret": 7}


async def test_the_port_says_where_it_answers(tmp_path: Path) -> None:
    async with site_in(tmp_path, host="0.0.0.0") as site:
        port = Port(site.server)
        assert port.url == f"http://127.0.0.1:{port.port}" and port.port > 0
        assert port._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), "accepted sockets have it from this one"
        taken = site.server.settings.model_copy(update={"port": port.port})
        site.server.settings = taken
        with pytest.raises(StartError, match="port"):
            Port(site.server)
        port._socket.close()
