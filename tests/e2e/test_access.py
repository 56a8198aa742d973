"""The Bell game is for everybody: by ear, by keyboard, on the smallest phone, over a bad network (check 15)."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.access import decoded, focused, press, serious, tab_to
from tests.e2e.lesson import Lesson, Server, page_of
from tests.e2e.network import BadNetwork

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SMALLEST = {"width": 320, "height": 640}
DESK = {"width": 1280, "height": 860}


def told(*pages: Page) -> None:
    """Every page as it is now."""
    for page in pages:
        page.wait_for_timeout(400)
        found = serious(page)
        assert not found, "\n".join(found)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_finding_in_any_state(browser: Browser, server: Server, scheme: str) -> None:
    lesson = Lesson(browser, server.url, color_scheme=scheme)
    host = lesson.host
    told(host)
    ann = lesson.join("Ann", viewport=SMALLEST)
    told(ann)
    bob, projector = lesson.join("Bob"), lesson.projector()
    for name in ("Cleo", "Dan"):
        lesson.join(name)
    expect(projector.locator(".giant")).to_be_visible()
    told(ann, host, projector)
    lesson.open_run(3)
    ann.wait_for_selector(".answers button:enabled")
    told(ann, host)
    ann.keyboard.press("1")
    expect(ann.locator(".state.locked")).to_be_visible()
    told(ann)
    bob.keyboard.press("1")
    expect(ann.locator(".closed")).to_be_visible()
    told(ann)
    lesson.play(3)
    host.wait_for_timeout(800)
    host.get_by_role("button", name="Ann & Bob").or_(host.get_by_role("link", name="Ann & Bob")).first.click()
    expect(host.get_by_role("dialog")).to_be_visible()
    told(host)
    host.keyboard.press("Escape")
    host.click("button:text-is('Details')")
    expect(host.get_by_role("dialog")).to_contain_text("The class")
    expect(host.get_by_role("dialog")).to_contain_text("Last closed rounds")
    told(host)
    host.keyboard.press("Escape")
    host.click("button:text-is('Pause')")
    told(ann, host, projector)
    host.click("button:has-text('Go on')")
    lesson.play(12)
    expect(ann.locator("h1:has-text('Your result')")).to_be_visible(timeout=20_000)
    told(ann, host, projector)
    for path in (f"/chsh/{lesson.room}/archive", "/chsh/rules", "/chsh/wall", "/"):
        host.goto(path)
        told(host)
    for path in (f"/chsh/{lesson.room}/host", f"/chsh/{lesson.room}/archive", f"/chsh/{lesson.room}/projector"):
        host.set_viewport_size(SMALLEST)
        host.goto(path)
        told(host)
    assert lesson.complaints == []


def test_host_and_player_need_no_pointer(browser: Browser, server: Server) -> None:
    complaints: list[str] = []
    host = page_of(browser, server.url, DESK, complaints)
    host.goto("/")
    press(host, "Start Bell")
    host.wait_for_selector("input[autocomplete=nickname]")
    if focused(host) != "Your name":
        host.locator("input[autocomplete=nickname]").focus()
    host.keyboard.type("Prof. Weber")
    press(host, "Open the room")
    host.wait_for_url("**/host")
    code = host.locator("p.code").inner_text()
    phones = [page_of(browser, server.url, SMALLEST, complaints) for _ in range(2)]
    for phone, name in zip(phones, ("Ann", "Bob"), strict=True):
        phone.goto(f"/join/{code}")
        phone.locator("input[autocomplete=nickname]").focus()
        phone.keyboard.type(name)
        phone.keyboard.press("Enter")
        phone.wait_for_url("**/chsh/*")
    press(host, "Open the run")
    press(host, "Start")
    for phone, answer in zip(phones, ("Yes", "No"), strict=True):
        phone.wait_for_selector(".answers button:enabled")
        tab_to(phone, "Yes")
        if answer == "No":
            phone.keyboard.press("ArrowRight")
        assert focused(phone).startswith(answer)
        phone.keyboard.press("Enter")
    for phone in phones:
        expect(phone.locator(".closed")).to_be_visible()
        press(phone, "Next round")
    for phone in phones:
        expect(phone.locator(".answers button:enabled")).to_have_count(2)
    press(host, "Pause")
    expect(phones[0].locator("text=Time stands still")).to_be_visible()
    assert complaints == []


def test_the_qr_code_leads_to_the_room(browser: Browser, server: Server) -> None:
    lesson = Lesson(browser, server.url)
    projector = lesson.projector()
    reader = browser.new_page()
    for page in (lesson.host, projector):
        picture = page.get_by_role("img", name="Code to join").first
        picture.wait_for()
        address = decoded(reader, picture.screenshot())
        assert address.endswith(f"/join/{lesson.code}"), address
        assert reader.goto(address).ok  # type: ignore[union-attr]
        assert reader.url.startswith((server.url, server.url.replace("127.0.0.1", "localhost")))


def test_no_round_is_stuck_on_a_bad_network(browser: Browser, server: Server) -> None:
    """Half a second there and back, three packets of a hundred lost."""
    with BadNetwork(server.port) as network:
        lesson = Lesson(browser, server.url, phones_at=network.url)
        for name in ("Ann", "Bob", "Cleo", "Dan"):
            lesson.join(name)
        lesson.open_run(8)
        lesson.play(32)
        for phone in lesson.phones:
            expect(phone.locator("h1:has-text('Your result')")).to_be_visible(timeout=60_000)
        assert network.lost > 0
    assert lesson.host.locator("td:has-text('deadline')").count() == 0
    assert lesson.complaints == []
