"""A quiz in a real browser: the host writes it, phones play every type, the big screen and the report show it."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.evening import (
    CAPITAL,
    CLOUD,
    FORMULA,
    MATCH,
    NUMBER,
    OPEN,
    ORDER,
    POLL,
    PRIMES,
    TRUTH,
    TYPED,
    Evening,
    findings,
    fits,
    send,
    tap,
)
from tests.e2e.lesson import Server, shoot

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SMALL = {"width": 320, "height": 640}


def test_a_quiz_is_written_and_read_from_a_file(browser: Browser, server: Server, tmp_path: Path) -> None:
    """A question by hand, others from a file of another system with its problems shown first, one put elsewhere."""
    evening = Evening(browser, server.url, {})
    evening.host.get_by_role("link", name="Write or import").click()
    editor = evening.host
    editor.get_by_label("Title of the part").fill("Warm-up")
    evening.does("Add a question")
    editor.get_by_label("Question", exact=True).fill(r"What is \(2+2\)?")
    for at, text in enumerate(("4", "5"), 1):
        editor.get_by_label(f"Answer {at}", exact=True).fill(text)
    expect(editor.locator("math").first).to_be_visible()
    file = tmp_path / "talk.gift"
    file.write_text("Who? {=Ann ~Bob}\n\nBroken {=a\n\nWhat is 6*7? {#42:0}\n", encoding="utf-8")
    editor.locator("input[type=file]").set_input_files(str(file))
    expect(editor.get_by_text("talk.gift")).to_be_visible()
    shoot(editor, "quiz-import")
    evening.does("Take 2 questions")
    expect(editor.locator("ol > li")).to_have_count(3)
    editor.get_by_role("button", name="Move What is 6*7?, place 3").press("ArrowUp")
    expect(editor.locator("ol > li .text").nth(1)).to_have_text("What is 6*7?")
    editor.locator(".pick").first.click()
    shoot(editor, "quiz-editor", full=True)
    evening.does("Save this part")
    expect(editor.get_by_text("Not saved")).to_have_count(0)
    editor.get_by_role("link", name="Host console").click()
    expect(editor.get_by_text("0 of 3 asked")).to_be_visible()
    assert evening.complaints == []


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for before the server: a host that may be called."""
    monkeypatch.setenv("GAMEKEEPER_WEBHOOK_HOSTS", "hooks.example")


def test_programs_are_let_read_and_shut_out_on_a_phone(named: None, browser: Browser, server: Server) -> None:
    """A key is told once and revoked; an address at a host that nobody named is refused in words."""
    evening = Evening(browser, server.url, {"One": [CAPITAL]})
    host = evening.host
    host.set_viewport_size(SMALL)
    host.get_by_text("For a stream’s overlay").click()
    expect(host.get_by_text("No program reads this room.")).to_be_visible()
    host.get_by_label("What it is for").fill("Stream")
    host.get_by_label("What it may know").select_option("scores")
    evening.does("Make a key")
    key = host.get_by_label("The key").input_value()
    assert len(key) > 40
    expect(host.get_by_label("The key")).to_be_focused()
    host.get_by_label("How it learns").select_option("hooks")
    host.get_by_label("What it is for").fill("Stream")
    host.get_by_label("Address", exact=True).fill("https://elsewhere.example/")
    evening.does("Call this address")
    expect(host.get_by_text("This server does not call that address.").first).to_be_visible()
    shoot(host, "quiz-programs", full=True)
    assert findings(host) == [] and fits(host)
    host.emulate_media(color_scheme="dark")
    host.wait_for_timeout(500)
    shoot(host, "quiz-programs-dark", full=True)
    assert findings(host) == []
    evening.does("I have it")
    expect(host.get_by_label("The key")).to_have_count(0)
    evening.does("Revoke Stream")
    evening.does("Really revoke?")
    expect(host.get_by_text("No program reads this room.")).to_be_visible()
    assert evening.complaints == []


def test_every_type_is_played_on_phones_and_shown_on_the_big_screen(browser: Browser, server: Server) -> None:
    every = [CAPITAL, PRIMES, TRUTH, ORDER, MATCH, TYPED, NUMBER, FORMULA, POLL, CLOUD, OPEN]
    evening = Evening(browser, server.url, {"Warm-up": every}, streak=True)
    ann, bob, screen = evening.phone("Ann"), evening.phone("Bob", SMALL, color_scheme="dark"), evening.screen()
    expect(screen.locator("ul li")).to_have_count(2)
    assert screen.locator("img").get_attribute("alt") == f"QR code that leads to the code {evening.code}"
    shoot(screen, "quiz-screen-lobby")
    shoot(ann, "quiz-player-lobby")
    evening.does("Start")
    for number, question in enumerate(every):
        evening.does("Next" if number else "Show the question")
        if number == 0:
            expect(ann.locator(".option:enabled")).to_have_count(4)
            shoot(ann, "quiz-player-question")
        for phone in (ann, bob):
            _answer(phone, question["type"])
            assert fits(phone), question["type"]
            if number == 0 and phone is ann:
                shoot(screen, "quiz-screen-question")
                shoot(evening.host, "quiz-host", full=True)
        evening.tell()
        expect(ann.locator(".verdict")).to_be_visible()
        if question["type"] in ("word_cloud", "open"):
            _let_through(evening, screen)
        if question["type"] == "single":
            expect(screen.locator(".option.right")).to_have_count(1)
            shoot(ann, f"quiz-player-{'result' if number == 0 else 'formula'}", full=True)
            shoot(bob, f"quiz-player-dark-{number}", full=True)
            shoot(screen, f"quiz-screen-{'reveal' if number == 0 else 'formula'}")
        assert fits(bob), question["type"]
        evening.does("Ranking")
        expect(screen.locator("ol li")).to_have_count(2)
    shoot(screen, "quiz-screen-board")
    evening.does("Next")
    evening.does("Next part")
    expect(ann.get_by_role("heading", name="That was it!")).to_be_visible()
    _the_report(evening)
    assert evening.complaints == []


def _answer(phone: Page, kind: str) -> None:
    ready = ".option:enabled, form :is(button, select, input, textarea):enabled"
    expect(phone.locator(ready).first).to_be_visible(timeout=10_000)
    if kind in ("single", "true_false", "poll"):
        return tap(phone)
    if kind == "multi":
        phone.locator(".option").nth(0).click()
        phone.locator(".option").nth(1).click()
    elif kind == "match":
        for choice in phone.locator("form select").all():
            choice.select_option(index=1)
    elif kind == "word_cloud":
        phone.get_by_label("Word 1").fill("waves")
    elif kind != "order":
        phone.get_by_label("Your answer").fill({"typed": "leonard", "number": "206", "open": "to sleep"}[kind])
    return send(phone)


def _let_through(evening: Evening, screen: Page) -> None:
    """S6: what a moderator lets through is on the big screen within a second, and not before."""
    texts = screen.locator("ul li bdi")
    expect(texts).to_have_count(0)
    evening.host.get_by_role("button", name="Let through").first.click()
    expect(texts).to_have_count(1, timeout=1_000)
    shoot(screen, "quiz-screen-cloud")


def _the_report(evening: Evening) -> None:
    report = evening.beside("report")
    expect(report.get_by_role("heading", name="Final scores")).to_be_visible()
    expect(report.locator("h3", has_text="Part 1, question")).to_have_count(11)
    report.get_by_role("button", name="Ann").click()
    expect(report.get_by_role("dialog").get_by_text("Paris")).to_be_visible()
    report.keyboard.press("Escape")
    shoot(report, "quiz-report", full=False)
    report.get_by_role("button", name="Void the question").first.click()
    report.get_by_role("button", name="Really void it").click()
    expect(report.get_by_text("does not count").first).to_be_visible()
    with report.expect_download() as download:
        report.get_by_role("link", name="Export as csv").click()
    rows = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert len(rows) == 1 + 2 * 11


def test_the_key_of_a_question_is_fixed_in_the_report(browser: Browser, server: Server) -> None:
    evening = Evening(browser, server.url, {"One": [CAPITAL]})
    ann = evening.phone("Ann")
    evening.does("Start")
    evening.does("Show the question")
    tap(ann, 1)
    evening.tell()
    expect(ann.locator(".verdict")).to_contain_text("Wrong")
    report = evening.beside("report")
    evening.does("Fix the key", report)
    report.get_by_label("Answer 2 is right").check()
    evening.does("Count again", report)
    expect(ann.locator(".verdict")).to_contain_text("Right!")
    assert evening.complaints == []


def test_an_answer_outlives_a_reload_and_a_lost_line_is_told(browser: Browser, server: Server) -> None:
    """M5 and section 4: `sent` only after the acknowledgement; the banner comes within three seconds."""
    evening = Evening(browser, server.url, {"One": [CAPITAL, TRUTH]}, limit_s=60, close_when_all=False)
    kay = evening.phone("Kay", SMALL)
    evening.does("Start")
    evening.does("Show the question")
    expect(kay.locator(".option:enabled")).to_have_count(4, timeout=10_000)
    kay.context.set_offline(True)
    expect(kay.get_by_text("Disconnected.")).to_be_visible(timeout=3_000)
    kay.locator(".option").first.click()
    expect(kay.locator(".state")).to_contain_text("Sending")
    shoot(kay, "quiz-player-reconnecting")
    kay.context.set_offline(False)
    expect(kay.locator(".state")).to_contain_text("Sent", timeout=15_000)
    expect(kay.get_by_text("Disconnected.")).to_have_count(0)
    kay.reload()
    expect(kay.locator(".state")).to_contain_text("Sent")
    assert evening.complaints == []
