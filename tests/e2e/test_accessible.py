"""M22 and M24: a game by keyboard alone, what a screen reader is told, no serious finding of axe, right to left."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.evening import AXE, CAPITAL, FORMULA, MATCH, NUMBER, ORDER, PRIMES, TYPED, Evening, findings, fits, tap
from tests.e2e.lesson import Server, shoot

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SPOKEN = "[role=status][aria-live=polite].only-read-aloud"


def focused(page: Page) -> str:
    said = "(({activeElement: at, body}) => at === body ? '' : at.getAttribute('aria-label') ?? at.innerText)(document)"
    return str(page.evaluate(said))


def tab_to(page: Page, wanted: str) -> None:
    """Tab until the focus says what is wanted."""
    for _ in range(40):
        if wanted in focused(page):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {wanted!r}")


def test_a_game_is_played_by_keyboard_alone(browser: Browser, server: Server) -> None:
    """Host and player; every kind of answer; what is said aloud. Nobody touches a mouse."""
    questions = [CAPITAL, PRIMES, ORDER, MATCH, TYPED, NUMBER]
    evening = Evening(browser, server.url, {"One": questions}, limit_s=60)
    kay, host = evening.phone("Kay", reduced_motion="reduce"), evening.host
    for number, question in enumerate(questions):
        if number == 0:
            host.keyboard.press("Space")
            expect(host.get_by_role("button", name="Show the question")).to_be_enabled()
        host.keyboard.press("Space")
        expect(kay.locator("main h1")).to_contain_text(question["text"])
        expect(kay.locator(".option:enabled, form :is(button, select, input):enabled").first).to_be_visible()
        _by_keyboard(kay, question["type"])
        expect(kay.locator(".state")).to_contain_text("Sent")
        expect(host.get_by_role("button", name="Reveal")).to_be_enabled()
        host.keyboard.press("Space")
        expect(kay.locator(".verdict h2")).to_be_visible()
        expect(kay.locator(SPOKEN)).to_contain_text("point")
        expect(host.get_by_role("button", name="Ranking")).to_be_enabled()
        host.keyboard.press("Space")
        expect(host.get_by_role("button", name="Next").first).to_be_enabled()
    host.keyboard.press("Space")
    expect(host.get_by_role("button", name="Next part")).to_be_enabled()
    host.keyboard.press("Space")
    expect(kay.get_by_role("heading", name="That was it!")).to_be_visible()
    assert evening.complaints == []


def _by_keyboard(kay: Page, kind: str) -> None:
    match kind:
        case "single":
            kay.keyboard.press("1")
            return
        case "multi":
            kay.keyboard.press("1")
            kay.keyboard.press("2")
        case "order":
            tab_to(kay, "place 2")
            kay.keyboard.press("ArrowUp")
            expect(kay.locator(SPOKEN)).to_contain_text("place 1 of 3")
        case "match":
            for choice in kay.locator("form select").all():
                choice.focus()
                kay.keyboard.press("ArrowDown")
        case _:
            kay.locator("form input").focus()
            kay.keyboard.type("206")
    tab_to(kay, "Send")
    kay.keyboard.press("Enter")


def test_the_time_is_said_aloud(browser: Browser, server: Server) -> None:
    """At half, at 10 s and at 5 s; twice the time for those who need it."""
    evening = Evening(browser, server.url, {"One": [CAPITAL]}, limit_s=14)
    kay, slow = evening.phone("Kay"), evening.phone("Slow")
    evening.does("Slow")
    evening.host.locator(".more select").select_option("2")
    evening.does("Start")
    evening.does("Show the question")
    for seconds in (10, 7, 5):
        expect(kay.locator(SPOKEN)).to_contain_text(f"{seconds} seconds left", timeout=15_000)
    expect(kay.locator(".state")).to_contain_text("Time is up", timeout=15_000)
    tap(slow)
    expect(slow.locator(".state")).to_contain_text("Sent")
    assert evening.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_finding(browser: Browser, server: Server, scheme: str) -> None:
    assert AXE.is_file(), "axe-core comes with the packages of the pages"
    evening = Evening(browser, server.url, {"One": [CAPITAL, ORDER, FORMULA], "Two": [MATCH]}, approve_names=True)
    still: dict[str, Any] = {"color_scheme": scheme, "reduced_motion": "reduce"}
    evening.host.emulate_media(**still)
    ann, mod = evening.phone("Ann", **still), evening.phone("Mod", **still)
    screen = evening.screen()
    screen.emulate_media(**still)
    _clean(ann, "lobby")
    _clean(evening.host, "console with a queue")
    evening.does("Let all through")
    expect(screen.locator("ul li")).to_have_count(2)
    _clean(screen, "big screen, lobby")
    evening.does("Mod")
    evening.does("Make moderator")
    _clean(evening.host, "console with a player")
    evening.does("Settings")
    _clean(evening.host, "settings")
    evening.host.keyboard.press("Escape")
    evening.host.get_by_label("Presenter").nth(1).select_option(label="Ann")
    mod.get_by_role("link", name="Moderation").click()
    expect(mod.get_by_role("heading", name="Moderation")).to_be_visible()
    _clean(mod, "moderation")
    evening.does("Start")
    _clean(screen, "big screen, introduction")
    evening.does("Show the question")
    tap(ann)
    _clean(ann, "question")
    evening.tell()
    expect(ann.locator(".verdict")).to_be_visible()
    for page, name in ((ann, "result"), (screen, "big screen, revealed"), (evening.host, "console")):
        _clean(page, name)
    evening.does("Next")
    expect(ann.locator("form button:enabled").first).to_be_visible(timeout=10_000)
    _clean(ann, "order")
    evening.tell()
    evening.does("Ranking")
    expect(screen.locator("ol li")).to_have_count(2)
    for page, name in ((ann, "board"), (screen, "big screen, board")):
        _clean(page, name)
    for path in ("report", "edit"):
        page = evening.beside(path)
        page.emulate_media(**still)
        expect(page.locator("main h1")).to_be_visible()
        page.wait_for_timeout(300)
        _clean(page, path)
    assert evening.complaints == []


def _clean(page: Page, name: str) -> None:
    assert findings(page) == [], name


def test_right_to_left_and_german(browser: Browser, server: Server) -> None:
    """M24: the mirrored pseudo-language renders on every page, and German says what English says."""
    evening = Evening(browser, server.url, {"One": [CAPITAL], "Two": [ORDER]})
    phone = evening.phone("Kay", {"width": 320, "height": 640})
    for path, page in (("", phone), ("/host", evening.host)):
        page.goto(f"{evening.base}{path}?lang=xr")
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        expect(page.locator("main h1")).to_be_visible()
        assert fits(page), path
    for path in ("edit", "report", "screen"):
        page = evening.beside(f"{path}?lang=xr")
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        expect(page.locator("h1, [class*=title]").first).to_be_visible()
        assert fits(page), path
    shoot(phone, "quiz-player-mirrored")
    phone.goto(f"{evening.base}?lang=de")
    expect(phone.get_by_text("Das Quiz beginnt gleich.")).to_be_visible()
    expect(phone.locator("html")).to_have_attribute("lang", "de")
    phone.get_by_label("Sprache").select_option("en")
    expect(phone.get_by_text("The quiz begins soon.")).to_be_visible()
    assert evening.complaints == []


def test_answers_are_large_and_fit_the_smallest_phone(browser: Browser, server: Server) -> None:
    """320 pixels wide nothing scrolls sideways; answers are at least 44 pixels high, everything else 24."""
    long = CAPITAL | {
        "text": "A" * 60 + "?",
        "options": [one | {"text": one["text"] * 15} for one in CAPITAL["options"]],
    }
    evening = Evening(browser, server.url, {"One": [long, ORDER]})
    kay = evening.phone("Kay", {"width": 320, "height": 640})
    evening.does("Start")
    evening.does("Show the question")
    expect(kay.locator(".option:enabled")).to_have_count(4, timeout=10_000)
    _is_large(kay, ".option", 44)
    tap(kay)
    evening.tell()
    evening.does("Next")
    expect(kay.locator(".step:enabled").first).to_be_visible(timeout=10_000)
    _is_large(kay, ".step, .grip", 44)
    _is_large(kay, "button, a, select", 24)
    assert fits(kay)


def _is_large(page: Page, selector: str, least: int) -> None:
    for one in page.locator(selector).all():
        box = one.bounding_box()
        if box is not None and "skip" not in (one.get_attribute("class") or ""):
            assert box["height"] >= least and box["width"] >= least, one.inner_text()
