"""Sheets: Kahoot's template, numbers without their `.0`, and cells that are no use."""

from gamekeeper_apps.quiz.formats.packed import Package
from gamekeeper_apps.quiz.formats.sheet import sheets
from tests.apps.quiz.formats.samples import sample
from tests.apps.quiz.formats.test_packed import zipped

BOOK = b'<workbook xmlns:r="r"><sheets><sheet name="Any" r:id="r1"/></sheets></workbook>'
LINKS = b'<Relationships><Relationship Id="r1" Target="worksheets/s.xml"/></Relationships>'
ROWS = (
    b'<worksheet><sheetData><row r="4"><c r="B4"><v>7.0</v></c>'
    b'<c r="C4" t="s"><v>99</v></c></row></sheetData></worksheet>'
)


def test_kahoots_template() -> None:
    (question,) = sample("kahoot/KahootQuizTemplate.xlsx").questions
    assert (question["type"], question["limit_s"], question["source"]["line"]) == ("multi", 60, 9)
    assert [one["correct"] for one in question["options"]] == [True] * 4


def test_numbers_and_absent_strings() -> None:
    names = {"xl/workbook.xml": BOOK, "xl/_rels/workbook.xml.rels": LINKS, "xl/worksheets/s.xml": ROWS}
    assert sheets(Package(zipped(names))) == [[(4, ["", "7", ""])]]
