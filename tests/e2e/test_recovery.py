"""M21: the big screen comes back from half a minute without a network and from a new server, without a click."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.evening import CAPITAL, TRUTH, WALL, Evening, tap
from tests.e2e.lesson import Server, page_of, shoot
from tests.e2e.network import Line

pytestmark = [pytest.mark.browser, pytest.mark.slow]
AWAY_MS = 30_000


@pytest.fixture
def line(server: Server) -> Iterator[Line]:
    with ExitStack() as stack:
        line = Line(server.port)
        stack.callback(line.close)
        yield line


def test_the_big_screen_recovers_by_itself(browser: Browser, server: Server, line: Line) -> None:
    evening = Evening(browser, server.url, {"One": [CAPITAL, TRUTH]}, limit_s=300, close_when_all=False)
    ann = evening.phone("Ann")
    url = f"http://127.0.0.1:{line.port}"
    screen = page_of(browser, url, WALL, evening.complaints)
    screen.goto(f"/join/{evening.screen_code}")
    screen.fill("input[autocomplete=nickname]", "Wall")
    screen.locator("button[type=submit]").click()
    expect(screen.get_by_text("1 player")).to_be_visible()
    evening.does("Start")
    evening.does("Show the question")
    expect(screen.locator(".option")).to_have_count(4)

    line.cut()
    tap(ann)
    evening.tell()
    evening.does("Ranking")
    screen.wait_for_timeout(AWAY_MS)
    assert screen.locator("ol li").count() == 0
    line.mend()
    expect(screen.locator("ol[aria-label='The first ten'] li")).to_have_count(1, timeout=15_000)

    evening.does("Next")
    expect(screen.get_by_role("heading", name="The sea is salty.")).to_be_visible()
    server.kill()
    expect(screen.get_by_text("Disconnected.")).to_be_visible(timeout=3_000)
    shoot(screen, "quiz-screen-reconnecting")
    server.start()
    expect(screen.get_by_text("Disconnected.")).to_have_count(0, timeout=20_000)
    tap(ann)
    evening.tell()
    expect(screen.locator(".option.right")).to_contain_text("True", timeout=15_000)
    assert evening.complaints == []
