"""Pages, table and changelog say what is true."""

from pathlib import Path

import pytest

from tests.tidy import documents
from tests.tidy.tree import ROOT, Text, assert_clean, texts

REQUIREMENTS = [str(number) for number in range(1, 187)]
QUIZ = ROOT / "docs/reference/quiz-checks.md"
CHECKS = [*(f"M{number}" for number in range(1, 26)), *(f"S{number}" for number in range(1, 11))]
TABLE = ROOT / "docs/reference/requirements.md"
MAKEFILE = (ROOT / "Makefile").read_text()


def pages() -> list[Text]:
    return [page for page in texts() if page.suffix == ".md"]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A small repository with one source, one page, one test and a Makefile."""
    region = "    # region rules\n    def decide(self): ...\n    # endregion\n"
    (tmp_path / "game.py").write_text(f"import x\n\nclass Game:\n{region}")
    (tmp_path / "guide.md").write_text("# The guide\n\n## Hidden: what, why?\n")
    tests = "def test_rules(): ...\n\nclass TestMore:\n    async def test_deep(self): ...\n"
    (tmp_path / "test_game.py").write_text(tests)
    (tmp_path / "Makefile").write_text("run: ## start\n\tpython -m bench.crash\n")
    return tmp_path


def test_every_link_leads_somewhere() -> None:
    assert_clean(documents.broken_links(pages(), ROOT))


def test_a_broken_link_is_seen(small: Path) -> None:
    good = "[a](guide.md) [b](guide.md#hidden-what-why) [c](https://example.org) [d](#top)\n# Top\n```\n[e](x)\n```\n"
    bad = "[a](gone.md) ![b](gone.png) [c](guide.md#gone) [d](#gone)"
    found = [documents.broken_links([planted(small, text)], small) for text in (good, bad)]
    assert found == [[], ["page.md: gone.md", "page.md: gone.png", "page.md: guide.md#gone", "page.md: #gone"]]


def planted(root: Path, markdown: str) -> Text:
    (root / "page.md").write_text(markdown)
    return Text("page.md", markdown)


def test_every_snippet_equals_its_source() -> None:
    assert_clean(documents.stale_snippets(pages(), ROOT))


@pytest.mark.parametrize(
    ("mark", "code", "problem"),
    [
        ("game.py#rules", "def decide(self): ...", None),
        ("game.py", "import x\n\nclass Game:\n    def decide(self): ...", None),
        ("game.py#rules", "def decide(self): pass", "differs from its source"),
        ("game.py#gone", "def decide(self): ...", "no such region"),
        ("gone.py", "def decide(self): ...", "no such file"),
    ],
)
def test_a_stale_snippet_is_seen(small: Path, mark: str, code: str, problem: str | None) -> None:
    page = Text("page.md", f"Text\n\n<!-- snippet: {mark} -->\n```python\n{code}\n```\n")
    expected = [f"page.md: {mark}: {problem}"] if problem else []
    assert documents.stale_snippets([page], small) == expected


def test_a_snippet_mark_without_code_is_seen(small: Path) -> None:
    page = Text("page.md", "<!-- snippet: game.py -->\n\nprose")
    assert documents.stale_snippets([page], small) == ["page.md: game.py: no code block follows"]


def test_the_changelog_says_what_is_coming() -> None:
    assert documents.unreleased((ROOT / "CHANGELOG.md").read_text())


def test_an_empty_changelog_is_seen() -> None:
    assert documents.unreleased("# Changelog\n\n## [Unreleased]\n\n## [1.0.0]\n- old\n") == []
    assert documents.unreleased("# Changelog\n\n- stray\n") == []
    assert documents.unreleased("## [Unreleased]\n### Added\n- new\n## [1.0.0]\n- old\n") == ["- new"]


def test_every_make_command_exists() -> None:
    assert_clean(documents.unknown_targets(pages(), documents.make_targets(MAKEFILE)))
    assert_clean(documents.missing_programs(MAKEFILE, ROOT))


def test_an_unknown_make_command_is_seen(small: Path) -> None:
    page = Text("page.md", "`make run` and `make fly`; they make sure\n```\nmake swim\n```")
    assert documents.unknown_targets([page], {"run"}) == ["page.md: make fly", "page.md: make swim"]
    assert documents.missing_programs((small / "Makefile").read_text(), small) == ["bench.crash"]


def test_the_requirements_table_holds() -> None:
    assert_clean(documents.requirement_faults(TABLE.read_text(), ROOT, REQUIREMENTS))
    assert_clean(documents.requirement_faults(QUIZ.read_text(), ROOT, CHECKS))


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("| 1 | Rules are rules | shown | `test_game.py::test_rules` |", None),
        ("| 1 | Rules are rules | shown | `test_game.py::TestMore::test_deep[a]` and `guide.md#the-guide` |", None),
        ("| 1 | Rules are rules | shown | `make run` |", None),
        ("| 1 | Rules are rules | not yet | needs several nodes |", None),
        ("| 1 | Rules are rules | shown | `test_game.py::test_gone` |", "`test_game.py::test_gone` does not exist"),
        ("| 1 | Rules are rules | shown | `gone.py` |", "`gone.py` does not exist"),
        ("| 1 | Rules are rules | part | `guide.md#gone` |", "`guide.md#gone` does not exist"),
        ("| 1 | Rules are rules | shown | `make fly` |", "`make fly` does not exist"),
        ("| 1 | Rules are rules | shown | trust us, `it` works |", "names nothing that shows it"),
        ("| 1 | Rules are rules | done | `test_game.py` |", "status 'done' is none of shown, part, not yet"),
        ("| 1 | Rules are rules | not yet | |", "an empty cell"),
    ],
)
def test_a_false_row_is_seen(small: Path, row: str, fault: str | None) -> None:
    found = documents.requirement_faults(row, small, ["1"])
    assert found == ([f"1: {fault}".replace("`", "")] if fault else [])


def test_a_missing_or_repeated_number_is_seen(small: Path) -> None:
    row = "| {} | Rules are rules | not yet | later |\n"
    table = row.format(1) + row.format(3) + row.format(3) + row.format(9)
    assert documents.requirement_faults(table, small, ["1", "2", "3"]) == [
        "2 stands 0 times",
        "3 stands 2 times",
        "9 is not a requirement",
    ]
