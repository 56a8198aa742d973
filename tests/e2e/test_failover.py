"""Pages on two workers, each of which dies once in the middle of a question: over WebSockets, and over long polling."""

import asyncio
import os
import signal
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from bench.machine import children
from playwright.sync_api import Browser, Error, Page, expect

from tests.e2e.evening import CAPITAL, TRUTH, Evening
from tests.e2e.network import Gatekeeper
from tests.postgres import apart, until_async
from tests.server.crew import both_answer, workers

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def wait(postgres_url: str) -> None:
    """Until both workers are there."""

    async def there() -> None:
        await until_async(lambda: both_answer(postgres_url))
        await asyncio.sleep(0.5)  # a new one listens a little after it is known

    apart(there())


def insist(phone: Page) -> None:
    """Answer until the server has it: while the room is paused after its move, an answer is refused by name."""
    for _ in range(30):
        if "Sent" in phone.locator(".state").inner_text():
            return
        with suppress(Error):  # it may be disabled just now
            phone.locator(".option:enabled").first.click(timeout=1_000)
        phone.wait_for_timeout(1_000)
    expect(phone.locator(".state")).to_contain_text("Sent")


def play(evening: Evening, ann: Page, supervisor: int, postgres_url: str) -> None:
    screen = evening.screen()
    evening.does("Start")
    evening.does("Show the question")
    for _ in range(2):
        victim = children(supervisor)[0]
        expect(ann.locator(".option:enabled").first).to_be_visible()
        os.kill(victim, signal.SIGKILL)
        insist(ann)
        evening.tell()
        expect(ann.get_by_role("heading", name="Right!")).to_be_visible(timeout=10_000)
        expect(screen.locator(".option.right")).to_be_visible(timeout=15_000)
        evening.does("Ranking")
        evening.does("Next")
        wait(postgres_url)
    assert evening.complaints == []


@pytest.mark.parametrize("polling", [False, True], ids=["websocket", "polling"])
def test_an_evening_outlives_both_workers(browser: Browser, tmp_path: Path, postgres_url: str, polling: bool) -> None:
    with workers(tmp_path, postgres_url) as (running, url):
        wait(postgres_url)
        with closing(Gatekeeper(urlsplit(url).port or 0)) as network:
            address = f"http://127.0.0.1:{network.port}" if polling else url
            evening = Evening(browser, address, {"One": [CAPITAL, TRUTH, CAPITAL]}, limit_s=300, close_when_all=False)
            play(evening, evening.phone("Ann"), running.pid, postgres_url)
            assert bool(network.refused) is polling
