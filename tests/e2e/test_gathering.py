"""M23 as people see it: three segments, two presenters, one hand-over, the remix; bots fill the hall."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.evening import CAPITAL, PRIMES, TRUTH, Crowd, Evening, single, tap
from tests.e2e.lesson import Server, shoot

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PARTS = {
    "Bees and flowers": [CAPITAL, TRUTH],
    "The deep sea": [single("How deep is the deepest trench?", "11 km", "7 km", "4 km"), PRIMES],
    "A short history of maps": [single("Who drew this projection?", "Mercator", "Behaim", "Ptolemy")],
}
BOTS = [f"Guest {number}" for number in range(1, 13)]


def test_an_evening_of_three_talks(browser: Browser, server: Server) -> None:
    evening = Evening(browser, server.url, PARTS, limit_s=120)
    screen = evening.screen()
    ann, eve = evening.phone("Ann"), evening.phone("Eve")
    with Crowd(server.url, evening.code) as crowd:
        crowd.join(BOTS)
        expect(screen.get_by_text("14 players")).to_be_visible()
        shoot(screen, "quiz-screen-hall")
        _presents(evening, 0, "Ann")
        _presents(evening, 1, "Eve")
        evening.does("Start")
        _first_part(evening, ann, eve, screen)
        _second_part(evening, ann, eve, screen)
        _third_part(evening, eve, screen)
        _the_remix(evening, ann, eve, screen)
        board = _board(screen)
        assert len(board) == 10
        assert sorted(board, key=lambda row: -row[1]) == board
        for _, phone_board in (("Ann", ann), ("Eve", eve)):
            assert _board(phone_board) == board
        totals = crowd.views(lambda live: (live.private["name"], live.private["standing"]["score"]))
        assert {name: score for name, score in board if name in BOTS}.items() <= dict(totals).items()
    _report_sums_up(evening)
    assert evening.complaints == []


def _presents(evening: Evening, part: int, name: str) -> None:
    evening.host.get_by_label("Presenter").nth(part).select_option(label=name)


def _first_part(evening: Evening, ann: Page, eve: Page, screen: Page) -> None:
    """Ann runs her own part from her phone, and answers none of its questions."""
    expect(screen.get_by_text("With Ann")).to_be_visible()
    ann.get_by_role("link", name="Presenter's remote").click()
    evening.does("Show the question", ann)
    shoot(ann, "quiz-remote", full=True)
    tap(eve)
    _everybody_has_answered(ann)
    evening.does("Reveal", ann)
    expect(screen.locator(".option.right")).to_contain_text("Paris")
    evening.does("Next", ann)
    tap(eve)
    _everybody_has_answered(ann)
    evening.does("Reveal", ann)
    evening.does("Next", ann)
    expect(screen.get_by_role("heading", name="End of this part")).to_be_visible()
    expect(screen.locator("ol li")).to_have_count(10)
    shoot(screen, "quiz-screen-part")


def _everybody_has_answered(page: Page) -> None:
    """The crowd answers by itself, and the last answer closes the question."""
    expect(page.get_by_role("button", name="Reveal")).to_be_visible(timeout=20_000)


def _second_part(evening: Evening, ann: Page, eve: Page, screen: Page) -> None:
    """Eve begins hers, hands it over to Ann after one question, and plays again."""
    evening.does("Next part")
    expect(screen.get_by_text("With Eve")).to_be_visible()
    ann.get_by_role("link", name="My page").click()
    eve.get_by_role("link", name="Presenter's remote").click()
    evening.does("Show the question", eve)
    tap(ann)
    _everybody_has_answered(eve)
    evening.does("Reveal", eve)
    evening.does("Ann", eve)
    evening.does("Hand over to Ann", eve)
    expect(eve.get_by_text("Not your part")).to_be_visible()
    eve.get_by_role("link", name="My page").click()
    ann.get_by_role("link", name="Presenter's remote").click()
    evening.does("Next", ann)
    expect(screen.locator("header")).to_contain_text("Ann")
    for at in (0, 1):
        eve.locator(".option:enabled").nth(at).click(timeout=10_000)
    evening.does("Send", eve)
    _everybody_has_answered(ann)
    evening.does("Reveal", ann)
    evening.does("Next", ann)
    expect(screen.get_by_role("heading", name="End of this part")).to_be_visible()


def _third_part(evening: Evening, eve: Page, screen: Page) -> None:
    """Nobody presents: the host runs it with the keyboard."""
    evening.does("Next part")
    expect(screen.get_by_role("heading", name="A short history of maps")).to_be_visible()
    expect(evening.host.get_by_role("button", name="Show the question")).to_be_enabled()
    evening.host.keyboard.press("Space")
    tap(eve, 1)
    evening.tell()
    evening.does("Next")
    expect(evening.host.get_by_role("button", name="Reopen this part").first).to_be_visible()
    evening.does("Next part")


def _the_remix(evening: Evening, ann: Page, eve: Page, screen: Page) -> None:
    expect(screen.get_by_role("heading", name="The remix comes next")).to_be_visible()
    evening.host.get_by_label("Questions", exact=True).fill("2")
    evening.host.get_by_label("Which").select_option("hardest")
    evening.does("Draw the remix")
    expect(screen.get_by_role("heading", name="Remix")).to_be_visible()
    ann.get_by_role("link", name="My page").click()
    for number in range(2):
        evening.does("Next" if number else "Show the question")
        expect(screen.get_by_text(f"Question {number + 1} of 2")).to_be_visible()
        evening.tell()
    evening.does("Next")
    expect(screen.get_by_role("heading", name="Thank you for playing!")).to_be_visible()
    expect(ann.get_by_role("heading", name="That was it!")).to_be_visible()
    shoot(screen, "quiz-screen-ended")
    shoot(eve, "quiz-player-ended", full=True)


def _board(page: Page) -> list[tuple[str, int]]:
    """Names and scores as a page shows them."""
    rows = page.locator("ol[aria-label='The first ten'] li")
    expect(rows).to_have_count(10)
    return [
        (row.locator("bdi").inner_text(), int(re.sub(r"\D", "", row.locator("span.number").last.inner_text())))
        for row in rows.all()
    ]


def _report_sums_up(evening: Evening) -> None:
    """The parts and the remix of every player add up to the score."""
    report = evening.beside("report")
    rows = report.locator("table").first.locator("tbody tr")
    expect(rows).to_have_count(14, timeout=20_000)
    for row in rows.all():
        cells = [int(re.sub(r"\D", "", cell) or 0) for cell in row.locator("td").all_inner_texts()]
        score, parts = cells[1], cells[7:11]
        assert score == sum(parts), cells
    shoot(report, "quiz-report", full=False)
