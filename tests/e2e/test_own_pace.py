"""A round that everybody plays at the own pace, in a real browser; and what a player's first load weighs."""

import base64

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.evening import CAPITAL, TYPED, Evening, findings, fits, send
from tests.e2e.lesson import Server, shoot

FIRST_LOAD = 150 * 1024
PNG = base64.b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da6364f8cf500f000386018"
        "05a347d6b0000000049454e44ae426082"
    )
).decode()
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_two_phones_go_through_the_questions_alone(browser: Browser, server: Server) -> None:
    weighed: list[float] = []
    pictured = CAPITAL | {"media": [{"name": "paris.png", "base64": PNG, "alt": "A city"}]}
    evening = Evening(browser, server.url, {"One": [pictured, TYPED]}, mode="self_paced", attempts=2, limit_s=120)
    ann, eve = evening.phone("Ann", weighed=weighed), evening.phone("Eve", color_scheme="dark")
    screen = evening.screen()
    evening.does("Settings")
    assert len(weighed) > 5 and sum(weighed) <= FIRST_LOAD, f"{sum(weighed):.0f} bytes"
    evening.host.get_by_label("Open until").fill("2099-01-31T18:00")
    shoot(evening.host, "quiz-pace-settings")
    evening.does("Save")
    evening.does("Start")
    expect(ann.get_by_text("2 questions at your own pace")).to_be_visible()
    expect(screen.get_by_text("At your own pace")).to_be_visible()
    shoot(ann, "quiz-pace-begin")
    shoot(screen, "quiz-pace-screen")
    evening.does("Begin", ann)
    options = ann.locator(".option:enabled")
    expect(options).to_have_count(4)
    expect(ann.get_by_alt_text("A city")).to_have_js_property("naturalWidth", 1)
    shoot(ann, "quiz-pace-question")
    options.nth(1).click()
    expect(ann.locator(".verdict")).to_contain_text("Wrong")
    expect(ann.get_by_text("1 attempt left")).to_be_visible()
    expect(ann.locator(".option.right")).to_have_count(0)
    shoot(ann, "quiz-pace-again", full=True)
    options.nth(0).click()
    expect(ann.locator(".option.right")).to_have_count(1)
    ann.reload()
    expect(ann.locator(".verdict")).to_contain_text("Right!")
    shoot(ann, "quiz-pace-told", full=True)
    evening.does("Next question", ann)
    ann.get_by_label("Your answer").fill("leonardo")
    send(ann)
    expect(ann.get_by_text("That was the last question.")).to_be_visible()
    evening.does("Begin", eve)
    expect(eve.locator(".option:enabled")).to_have_count(4)
    shoot(eve, "quiz-pace-question-dark")
    assert findings(ann) == [] and fits(ann) and fits(eve)
    expect(evening.host.locator(".who", has_text="Ann")).to_contain_text("2 of 2")
    shoot(evening.host, "quiz-pace-host", full=True)
    evening.does("End the evening")
    evening.does("Really end it")
    expect(ann.get_by_role("heading", name="Your answers")).to_be_visible()
    expect(eve.get_by_role("heading", name="Place 2 of 2")).to_be_visible()
    shoot(ann, "quiz-pace-end", full=True)
    assert evening.complaints == []
