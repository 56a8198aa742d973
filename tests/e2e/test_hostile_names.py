"""M17: an evening of forty hostile names. They harm nothing on phone, screen, host, and in what is taken away."""

import csv
import io
import zipfile
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.evening import CAPITAL, CLOUD, Crowd, Evening, fits, tap
from tests.e2e.lesson import Server, shoot

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SCRIPT = "<script>document.title='owned'</script>"
HOSTILE = [
    SCRIPT,
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '"><b onmouseover=alert(1)>x',
    "javascript:alert(1)",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    "<style>*{display:none}</style>",
    "</bdi></li></ul><h1>Winner",
    "&lt;b&gt;&#60;",
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=1+1",
    '=HYPERLINK("http://example.invalid","x")',
    "\u202egnol eht rof\u202c",
    "\u2066\u2067\u2068isolates",
    "\u200f\u200fRTL \u0627\u0644\u0639\u0631\u0628\u064a\u0629 mixed",
    "\u05e2\u05d1\u05e8\u05d9\u05ea",
    "Z" + "".join(chr(0x300 + at) for at in range(80)) + "algo",
    "e" + "\u0301" * 200,
    "\U0001f600" * 5_000,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466" * 40,
    "\u200b\u200b\u200b",
    "\u0000\u0001\u0007bell",
    "\ufeffmark",
    " " * 50,
    "\n\n\nlines\nlines",
    "W" * 500,
    "\ufdfd" * 30,
    "\u0e49" * 60,
    "a\u0336\u0335\u0334" * 20,
    "../../etc/passwd",
    "'; DROP TABLE rooms;--",
    "%s%n%x",
    "undefined",
    "null",
]


def test_an_evening_of_hostile_names(browser: Browser, server: Server) -> None:
    assert len(HOSTILE) == 40
    evening = Evening(
        browser, server.url, {SCRIPT: [CAPITAL, CLOUD]}, name_filter="off", moderate_texts=False, limit_s=120
    )
    screen, eve = evening.screen(), evening.phone("Eve", {"width": 320, "height": 640})
    with Crowd(server.url, evening.code) as crowd:
        crowd.join(HOSTILE)
        names: list[str] = crowd.views(lambda live: live.private["name"])
        expect(screen.get_by_text("41 players")).to_be_visible()
        expect(screen.locator("ul li")).to_have_count(41)
        _every_name_is_tame(names)
        _nothing_ran(screen, evening.host, eve)
        _every_row_keeps_its_place(screen)
        shoot(screen, "quiz-screen-hostile")
        shoot(evening.host, "quiz-host-hostile", full=True)
        evening.does("Start")
        for number in range(2):
            evening.does("Next" if number else "Show the question")
            if number == 0:
                tap(eve)
            else:
                eve.get_by_label("Word 1").fill(SCRIPT[:25])
                evening.does("Send", eve)
            evening.tell()
            _nothing_ran(screen, evening.host, eve)
        expect(screen.locator("bdi", has_text="<script>").first).to_be_visible()
        evening.does("Ranking")
        expect(screen.locator("ol li")).to_have_count(10)
        _every_row_keeps_its_place(screen)
        shoot(screen, "quiz-screen-hostile-board")
        evening.does("End the evening")
        evening.does("Really end it")
        expect(eve.get_by_role("heading", name="That was it!")).to_be_visible()
        _nothing_ran(screen, evening.host, eve)
    report = evening.beside("report")
    expect(report.locator("table").first.locator("tbody tr")).to_have_count(41, timeout=20_000)
    _nothing_ran(report)
    _tables_hold_no_formula(evening)
    assert evening.complaints == []


def _every_name_is_tame(names: list[str]) -> None:
    """Short, visible, of one line, and nobody's twice."""
    assert len(set(names)) == 40
    for name in names:
        assert name.strip() and len(name.encode()) <= 80 + 3, name
        assert not set(name) & set("\u202e\u202c\u2066\u2067\u2068\u200b\ufeff\x00\x01\x07\n\r\t"), name


def _nothing_ran(*pages: Page) -> None:
    """No element came of a text, no title changed, nothing scrolls sideways."""
    for page in pages:
        made = page.locator("body :is(script, style, b, svg[onload], img[src='x'], [onmouseover], [onerror])")
        assert made.count() == 0
        assert "owned" not in page.title()
        assert page.locator("h1", has_text="Winner").count() == 0
        assert fits(page)


def _every_row_keeps_its_place(page: Page) -> None:
    """Names neither burst out of their rows nor lie over others."""
    boxes = [box for row in page.locator("main :is(ul, ol) > li").all() if (box := row.bounding_box())]
    assert boxes and all(box["height"] <= 130 and box["x"] >= 0 and box["x"] + box["width"] <= 1920 for box in boxes)
    for one, other in pairwise(boxes):
        beside = one["x"] + one["width"] <= other["x"] + 1
        assert beside or one["y"] + one["height"] <= other["y"] + 1 or other["x"] <= one["x"]


def _tables_hold_no_formula(evening: Evening) -> None:
    api, base = evening.host.context.request, f"/api/quiz/rooms/{evening.room}/export?format="
    rows = list(csv.reader(io.StringIO(api.get(base + "csv").text())))
    assert len(rows) > 40
    for row in rows[1:]:
        assert not [cell for cell in row if cell.startswith(("=", "+", "@", "\t", "\r"))], row
    with zipfile.ZipFile(io.BytesIO(api.get(base + "xlsx").body())) as book:
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        assert sheets
        for sheet in sheets:
            content = book.read(sheet)
            assert b"<f>" not in content and b"<f " not in content and b"hyperlink" not in content
