"""The number on the big screen: who sees it comes in from a phone, who guesses waits."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.evening import CAPITAL, Evening, findings, fits, tap
from tests.e2e.lesson import PHONE, Server, page_of, shoot

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def knocking(evening: Evening, browser: Browser, name: str) -> Page:
    """Somebody with the code alone."""
    phone = page_of(browser, evening.url, PHONE, evening.complaints, has_touch=True)
    phone.goto(f"/join/{evening.code}")
    phone.fill("input[autocomplete=nickname]", name)
    phone.locator("button[type=submit]").click()
    expect(phone.get_by_role("heading", name="One more number")).to_be_visible()
    return phone


def test_the_number_on_the_screen_lets_people_in(browser: Browser, server: Server) -> None:
    evening = Evening(browser, server.url, {"One": [CAPITAL]}, challenge=True, close_when_all=False)
    screen = evening.screen()
    number = screen.locator(".challenge bdi")
    expect(number).to_have_text(re.compile(r"^\d{3} \d{3}$"))
    shoot(screen, "quiz-screen-challenge")
    ann = knocking(evening, browser, "Ann")
    digits = ann.get_by_label("Number on the big screen")
    expect(ann.get_by_label("Name")).to_have_value("Ann")
    shown = str(number.text_content())
    digits.fill(f"{(int(shown.replace(' ', '')) + 1) % 10**6:06d}")
    ann.get_by_role("button", name="Come in").click()
    expect(ann.get_by_text("That is not the number.")).to_be_visible()
    assert findings(ann) == [] and fits(ann)
    shoot(ann, "quiz-door")
    digits.fill(str(number.text_content()))
    ann.keyboard.press("Enter")
    expect(ann.get_by_role("heading", name="Ann")).to_be_visible()
    expect(screen.get_by_text("1 player")).to_be_visible()

    bob = knocking(evening, browser, "Bob")
    for _ in range(3):
        bob.get_by_label("Number on the big screen").fill("000000")
        bob.get_by_role("button", name="Come in").click()
        bob.wait_for_timeout(300)
    expect(bob.get_by_role("button", name="Come in")).to_be_disabled()
    expect(bob.get_by_text("for the next number")).to_be_visible()
    shoot(bob, "quiz-door-wait")
    shoot(evening.host, "quiz-host-challenge")
    evening.does("Start")
    evening.does("Show the question")
    tap(ann)
    expect(screen.locator("header .code bdi").nth(1)).to_be_visible()
    shoot(screen, "quiz-screen-challenge-late")
    expect(bob.get_by_role("button", name="Come in")).to_be_enabled(timeout=21_000)
    bob.get_by_label("Number on the big screen").fill(str(screen.locator("header .code bdi").nth(1).text_content()))
    bob.get_by_role("button", name="Come in").click()
    expect(bob.get_by_text("You play from question 2 on.")).to_be_visible()
    assert evening.complaints == []
