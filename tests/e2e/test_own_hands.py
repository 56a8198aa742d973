"""What is done by hand: a name suggested, buttons without words, texts graded, data deleted."""

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.evening import CAPITAL, OPEN, Evening, fits, send, tap
from tests.e2e.lesson import PHONE, Server, shoot

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_buttons_without_words_graded_texts_and_a_player_who_is_forgotten(browser: Browser, server: Server) -> None:
    evening = Evening(browser, server.url, {"One": [CAPITAL, OPEN]}, buttons_only=True, preset="flat", remix=True)
    ann, eve = evening.phone("Ann"), evening.phone("Eve", color_scheme="dark")
    ann.get_by_role("button", name="Change name").click()
    for left in ("2 left", "1 left", "0 left"):
        ann.get_by_role("button", name="Suggest a name").click()
        expect(ann.get_by_text(left)).to_be_visible()
    expect(ann.get_by_role("button", name="Suggest a name")).to_be_disabled()
    ann.get_by_label("Id").fill("s-17")
    shoot(ann, "quiz-player-name", full=True)
    ann.get_by_role("button", name="Save").click()
    expect(ann.locator("h1")).not_to_have_text("Ann")
    evening.does("Start")
    evening.does("Show the question")
    expect(ann.locator(".option:enabled")).to_have_count(4)
    words = ann.locator(".option .words > span:not(.only-read-aloud)").all_inner_texts()
    assert words == ["A", "B", "C", "D"]
    assert ann.locator("h1").bounding_box()["width"] <= 1, "the question is for ears alone"  # type: ignore[index]
    shoot(ann, "quiz-player-buttons", full=True)
    shoot(eve, "quiz-player-buttons-dark", full=True)
    tap(ann)
    tap(eve, 1)
    evening.tell()
    evening.does("Next")
    for phone, text in ((ann, "to sleep"), (eve, "to eat")):
        phone.get_by_label("Your answer").fill(text)
        send(phone)
    evening.tell()
    evening.does("Grade the texts")
    drawer = evening.host.get_by_role("dialog")
    drawer.get_by_role("form", name="to sleep").get_by_role("button", name="Partly right").click()
    drawer.get_by_role("form", name="to eat").get_by_label("Per cent").fill("70")
    drawer.get_by_role("form", name="to eat").get_by_role("button", name="Give").click()
    expect(drawer.get_by_text("2 of 2 graded")).to_be_visible()
    shoot(evening.host, "quiz-grading", full=False)
    evening.host.keyboard.press("Escape")
    expect(ann.locator(".verdict")).to_contain_text("500")
    expect(eve.locator(".verdict")).to_contain_text("700")
    evening.does("Ranking")
    evening.does("Next", evening.host)
    evening.does("Next part")
    expect(evening.host.get_by_label("Questions", exact=True)).to_have_value("2")
    shoot(evening.host, "quiz-remix-one", full=False)
    eve.get_by_role("button", name="My data").click()
    shoot(eve, "quiz-own-data", full=False)
    eve.get_by_role("button", name="Delete my data and leave").click()
    expect(eve.get_by_text("Your data is deleted.")).to_be_visible()
    expect(evening.host.locator(".who")).to_have_count(1)
    assert fits(ann) and PHONE["width"] < 400
    assert evening.complaints == []
