"""S7: where a network lets no WebSocket through, every page of a quiz works over long polling, by itself."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.evening import CAPITAL, TRUTH, Evening, tap
from tests.e2e.lesson import Server
from tests.e2e.network import Gatekeeper

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def network(server: Server) -> Iterator[Gatekeeper]:
    with closing(Gatekeeper(server.port)) as network:
        yield network


def test_an_evening_without_websockets(browser: Browser, server: Server, network: Gatekeeper) -> None:
    url = f"http://127.0.0.1:{network.port}"
    evening = Evening(browser, url, {"One": [CAPITAL, TRUTH]}, limit_s=300, close_when_all=False)
    screen = evening.screen()
    ann, bob = evening.phone("Ann"), evening.phone("Bob")
    assert network.refused >= 8, "each page tries twice"
    evening.does("Start")
    evening.does("Show the question")
    tap(ann)
    tap(bob, 1)
    evening.tell()
    expect(ann.get_by_role("heading", name="Right!")).to_be_visible()
    expect(bob.get_by_role("heading", name="Wrong", exact=True)).to_be_visible()
    expect(screen.locator(".option.right")).to_contain_text("Paris")
    evening.does("Ranking")
    evening.does("Next")

    refused = network.refused
    bob.reload()
    expect(bob.locator(".option:enabled")).to_have_count(2)
    server.kill()
    expect(ann.get_by_text("Disconnected.")).to_be_visible(timeout=5_000)
    server.start()
    for phone in (ann, bob):
        expect(phone.get_by_text("Disconnected.")).to_have_count(0, timeout=20_000)
        tap(phone)
    evening.tell()
    expect(screen.locator(".option.right")).to_contain_text("True", timeout=15_000)
    assert network.refused <= refused + 2, "only the page that was loaded anew had to find out again"
    assert evening.complaints == []
