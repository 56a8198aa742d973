"""M18: the import table of the specification, row by row, through the command itself."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gamekeeper_apps.quiz.cli import commands
from tests.apps.quiz.formats.samples import FOLDER

ESSAY, TF = {"open": 1}, "true_false"
TABLE: list[tuple[str, int, dict[str, int], list[str]]] = [
    ("moodle/questions.gift.txt", 0, {"open": 1, "match": 1, "single": 1, "multi": 1, "number": 1, "typed": 1, TF: 3},
     ["warn-stray-text"] * 2),
    ("moodle/examples.gift.txt", 0, {"single": 16, "multi": 2, TF: 5, "typed": 9, "number": 8, "match": 3}, []),
    ("moodle/questions.aiken.txt", 0, {"single": 2}, []),
    ("moodle/aiken_errors.txt", 0, {"single": 2},
     ["skip-too-few-options", "skip-no-question", "skip-no-question", "skip-unfinished"]),
    ("moodle/nested_categories_with_questions.xml", 0, {TF: 4, "open": 1}, []),
    ("moodle/error_invalid_grades.xml", 0, {"multi": 1}, ["warn-fraction"]),
    ("qti-1.2/essay.xml", 0, ESSAY, []),
    ("qti-1.2/matching.xml", 0, {"match": 1}, []),
    ("qti-1.2/multiple_answer.xml", 0, {"multi": 1}, []),
    ("qti-1.2/multiple_choice.xml", 0, {"single": 1}, ["warn-media-missing"]),
    ("qti-1.2/numeric_exact_match.xml", 0, {"number": 2}, []),
    ("qti-1.2/numeric_within_range.xml", 0, {"number": 1}, []),
    ("qti-1.2/ordering.xml", 0, {"order": 1}, []),
    ("qti-1.2/fib.xml", 2, {}, ["error-not-readable"]),
    ("qti-2.x/categorization.xml", 0, {"match": 1}, []),
    ("qti-2.x/choice.xml", 0, {"single": 1}, ["warn-media-missing"]),
    ("qti-2.x/essay.xml", 0, ESSAY, []),
    ("qti-2.x/imsqti_2.2_package-choice.xml", 0, {"single": 1}, ["warn-media-missing"]),
    ("qti-2.x/match.xml", 0, {"match": 1}, ["warn-associate"]),
    ("qti-2.x/order.xml", 0, {"order": 1}, []),
    ("qti-2.x/text_entry.xml", 0, {"typed": 1}, []),
    ("qti-2.x/gap_match.xml", 3, {}, ["skip-unsupported"]),
    ("qti-2.x/imsqti_2.2_package-imsmanifest.xml", 3, {}, ["skip-missing-file"]),
    ("qti-2.x/test_qti_2.2-assessment.xml", 3, {}, ["skip-missing-file"] * 5),
    ("kahoot/KahootQuizTemplate.xlsx", 0, {"multi": 1}, []),
    ("opentdb/default_encoding.json", 0, {"single": 9, TF: 1}, []),
    ("opentdb/encode_base64.json", 0, {"single": 1}, []),
    ("gift-peg/category1.gift", 3, {}, []),
]  # fmt: skip


def imported(*paths: Path) -> tuple[int, dict[str, Any]]:
    if not all(path.exists() for path in paths):
        pytest.skip("no sample files")
    result = CliRunner().invoke(commands, ["import", *map(str, paths), "--json"])
    return result.exit_code, json.loads(result.stdout)


@pytest.mark.parametrize(("name", "code", "types", "reasons"), TABLE, ids=[row[0] for row in TABLE])
def test_a_row_of_the_table(name: str, code: int, types: dict[str, int], reasons: list[str]) -> None:
    exit_code, report = imported(FOLDER / name)
    assert exit_code == code
    assert Counter(one["type"] for one in report["questions"]) == types
    assert [one["reason"].partition(":")[0] for one in report["problems"]] == reasons
    assert all(one["line"] and ": " in one["reason"] for one in report["problems"])
    assert report["counts"] == {
        "questions": sum(types.values()),
        "skipped": sum(reason.startswith("skip-") for reason in reasons),
    }


def test_folders_as_a_whole() -> None:
    gift = sorted((FOLDER / "gift-peg").glob("*.gift"))
    code, report = imported(*gift, FOLDER / "gift-peg" / "category1.gift")
    assert (code, len(gift), report["problems"]) == (0, 25, [])
    assert Counter(one["type"] for one in report["questions"]) == {
        "single": 21, "multi": 4, TF: 9, "typed": 13, "number": 14, "match": 3, "open": 2, "slide": 1,
    }  # fmt: skip
    code, report = imported(*sorted((FOLDER / "qti-3").glob("*.xml")))
    assert (code, [one["type"] for one in report["questions"]]) == (0, ["typed", "single", "multi"])
    skipped = Counter(one["reason"].partition(":")[0] for one in report["problems"] if "skip-" in one["reason"])
    assert skipped == {"skip-empty-option": 3, "skip-no-key": 1}
    good, bad = FOLDER / "qti-1.2" / "essay.xml", FOLDER / "qti-1.2" / "fib.xml"
    code, report = imported(good, bad, FOLDER / "qti-2.x" / "gap_match.xml")
    assert (code, report["counts"]) == (2, {"questions": 1, "skipped": 1})
    assert [one["line"] for one in report["problems"] if one["file"] == "fib.xml"] == [45]
