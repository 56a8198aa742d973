"""A lesson in a real browser: host, four phones and a projector; one reload; the server killed in the middle."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.lesson import PHONE, Lesson, Server, page_of, shoot

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_lesson_survives_a_killed_server(browser: Browser, server: Server) -> None:
    """Every seat comes back with its pending letter, statistics are what they were, and the run goes on to its end."""
    lesson = Lesson(browser, server.url)
    for name in ("Ada", "Ben", "Clara", "David"):
        lesson.join(name)
    shoot(lesson.phones[0], "player-lobby")
    projector = lesson.projector()
    projector.wait_for_timeout(500)
    shoot(projector, "projector-lobby")
    lesson.open_run(10)
    lesson.phones[0].wait_for_selector(".answers button")
    shoot(lesson.phones[0], "player-question")
    lesson.play(11)
    lesson.phones[1].reload()
    lesson.play(11)
    letters = _letters(lesson)
    lesson.phones[0].keyboard.press("1")
    expect(lesson.phones[0].locator(".state.locked")).to_be_visible()
    lesson.host.wait_for_timeout(900)
    rounds = _figures(lesson)
    shoot(lesson.host, "host", full=True)

    server.kill()
    lesson.phones[0].wait_for_timeout(600)
    shoot(lesson.phones[0], "player-reconnecting")
    server.start()
    for phone in lesson.phones:
        phone.wait_for_selector("text=Connected", timeout=20_000)
    lesson.phones[2].reload()
    lesson.phones[2].wait_for_selector("text=Connected", timeout=20_000)
    lesson.host.wait_for_timeout(1_200)
    assert [_letter(phone) for phone in lesson.phones] == letters
    expect(lesson.phones[0].locator(".state.locked")).to_contain_text("You answered Yes")
    assert lesson.phones[0].locator(".answers button:enabled").count() == 0
    assert _figures(lesson) == rounds

    lesson.play(1_000)
    for phone in lesson.phones:
        phone.wait_for_selector("h1:has-text('Your result')", timeout=20_000)
    shoot(lesson.phones[0], "player-result", full=True)
    lesson.host.wait_for_timeout(1_200)
    shoot(lesson.host, "host-ended", full=True)
    shoot(projector, "projector")
    lesson.host.goto(f"/chsh/{lesson.room}/archive")
    lesson.host.wait_for_timeout(800)
    shoot(lesson.host, "archive", full=True)
    assert lesson.complaints == []


def _letters(lesson: Lesson) -> list[str | None]:
    """What every phone is asked, once all of them are."""
    for phone in lesson.phones:
        phone.wait_for_selector(".answers button:enabled", timeout=20_000)
    return [_letter(phone) for phone in lesson.phones]


def _letter(phone: Page) -> str | None:
    return phone.locator(".letter").first.get_attribute("aria-label")


def _figures(lesson: Lesson) -> list[str]:
    """The table of pairs as the host sees it: every figure, not what a pair is doing or when it did it."""
    return lesson.host.locator("table tbody tr td:nth-child(n+3):not(:last-child)").all_inner_texts()


def test_every_page_is_usable_on_the_smallest_phone(browser: Browser, server: Server) -> None:
    """320 pixels wide, no page scrolls sideways; no page asks anything of a foreign host."""
    complaints: list[str] = []
    page = page_of(browser, server.url, {"width": 320, "height": 640}, complaints)
    for path in ("/", "/sign-in", "/chsh/rules", "/chsh/wall", "/join/ABCDEF", "/nowhere"):
        page.goto(path)
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        assert page.locator("h1").count() >= 1, path
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_home_shows_the_applications(browser: Browser, server: Server, scheme: str) -> None:
    complaints: list[str] = []
    page = page_of(browser, server.url, {"width": 1280, "height": 860}, complaints, color_scheme=scheme)
    page.goto("/")
    page.wait_for_selector("text=Bell game")
    page.wait_for_selector("text=Matching pennies")
    shoot(page, f"home-{scheme}")
    assert complaints == []


def test_a_game_without_pages_of_its_own_is_played_on_the_generic_one(browser: Browser, server: Server) -> None:
    complaints: list[str] = []
    first = page_of(browser, server.url, PHONE, complaints)
    first.goto("/")
    first.click("button[aria-label^='Start Matching']")
    first.fill("input[autocomplete=nickname]", "Ann")
    first.click("text=Open the room")
    first.wait_for_url("**/room/*")
    first.wait_for_selector("text=show")
    shoot(first, "generic", full=True)
    assert complaints == []
