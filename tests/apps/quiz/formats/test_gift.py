"""GIFT: every sample pair, escapes, and the torn item that stops no other."""

import json
from typing import Any

import pytest

from tests.apps.quiz.formats.samples import FOLDER, reasons, sample, text

KINDS = {"TF": "true_false", "Short": "typed", "Numerical": "number", "Matching": "match", "Essay": "open"}
PAIRS = sorted(path.stem for path in (FOLDER / "gift-peg").glob("*.gift"))


def _told(feedback: dict[str, str] | None) -> str | None:
    return feedback["text"] if feedback else None


def _weight(choice: dict[str, Any]) -> Any:
    usual = 100 if choice["isCorrect"] else 0
    return usual if choice["weight"] is None else choice["weight"]


def _bounds(choice: dict[str, Any]) -> tuple[float, float]:
    if choice["type"] == "high-low":
        return choice["numberLow"], choice["numberHigh"]
    span = choice.get("range", 0)
    return pytest.approx(choice["number"] - span), pytest.approx(choice["number"] + span)


def _same(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    kind = theirs["type"]
    assert (ours["title"], ours["text"], ours["text_format"]) == (
        theirs["title"],
        theirs["stem"]["text"],
        theirs["stem"]["format"],
    )
    assert ours["explanation"] == _told(theirs.get("globalFeedback"))
    assert (ours.get("id"), ours.get("tags")) == (theirs["id"], theirs["tags"])
    if kind == "MC":
        single = any(choice["isCorrect"] for choice in theirs["choices"])
        assert ours["type"] == ("single" if single else "multi")
    else:
        assert ours["type"] == KINDS.get(kind, "slide")
    if kind in ("MC", "Short"):
        expected = [(one["text"]["text"], _weight(one), _told(one["feedback"])) for one in theirs["choices"]]
        assert [(one["text"], one["weight"], one["feedback"]) for one in ours["options"]] == expected
    if kind == "TF":
        assert ours["options"][0]["correct"] == theirs["isTrue"]
        told = [_told(theirs["trueFeedback"]), _told(theirs["falseFeedback"])]
        assert [one["feedback"] for one in ours["options"]] == told
    if kind == "Matching":
        expected = [(pair["subquestion"]["text"] or None, pair["subanswer"]) for pair in theirs["matchPairs"]]
        assert [(pair["left"], pair["right"]) for pair in ours["pairs"]] == expected
    if kind == "Numerical":
        choices = theirs["choices"] if isinstance(theirs["choices"], list) else [{"text": theirs["choices"]}]
        choices = [choice for choice in choices if choice["text"].get("text") != "*"]
        accept = ours["numeric"]["accept"]
        assert [(one["min"], one["max"]) for one in accept] == [_bounds(choice["text"]) for choice in choices]
        weights = [_weight({"isCorrect": True, "weight": None} | choice) for choice in choices]
        assert [one["weight"] for one in accept] == weights


@pytest.mark.parametrize("name", PAIRS)
def test_a_sample_pair_is_equal(name: str) -> None:
    expected = json.loads((FOLDER / "gift-peg" / f"{name}.json").read_text())
    questions = [one for one in expected if one["type"] != "Category"]
    found = sample(f"gift-peg/{name}.gift")
    assert not found.problems
    assert len(found.questions) == len(questions)
    for ours, theirs in zip(found.questions, questions, strict=True):
        _same(ours, theirs)


def test_the_sample_of_every_kind() -> None:
    found = sample("moodle/questions.gift.txt")
    kinds = [one["type"] for one in found.questions]
    assert kinds == ["open", "match", "single", "multi", "number", "typed", "true_false", "true_false", "true_false"]
    assert [code for _, code in reasons(found)] == ["warn-stray-text"] * 2
    assert found.questions[0]["source"]["line"] == 2
    assert found.questions[1]["pairs"][-1] == {"left": None, "right": "Chat"}
    assert found.questions[4]["numeric"]["else_feedback"] == "Completely wrong"


def test_a_brace_left_open_loses_one_item_only() -> None:
    found = text("First {=a\n\nSecond {=b}\n\nThird {=c\n\nFourth", "gift")
    assert [one["text"] for one in found.questions] == ["Second", "Fourth"]
    assert reasons(found) == [(1, "skip-unfinished"), (5, "skip-unfinished")]


def test_escapes_blanks_category_and_marks_in_comments() -> None:
    found = text("$CATEGORY: a/b\n// [id:7] [tag:x]\nA\\n b \\: \\q\n c {=y\n// gone\n}\n", "gift")
    assert found.questions[0]["text"] == "A\n b : \\q c"
    assert {name: found.questions[0][name] for name in ("category", "id", "tags")} == {
        "category": "a/b",
        "id": "7",
        "tags": ["x"],
    }


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ("Q {two words}", "skip-bad-answer"),
        ("Q {~a}", "skip-too-few-options"),
        ("Q {~a ~b}", "skip-no-key"),
        ("Q {#x}", "skip-bad-answer"),
        ("Q {#}", "skip-no-key"),
        ("Q {=a} {=b}", "skip-bad-answer"),
    ],
)
def test_a_bad_item_has_a_reason(item: str, code: str) -> None:
    assert reasons(text(item, "gift")) == [(1, code)]


def test_marks_in_comments_belong_to_the_next_item() -> None:
    """After an item has begun, and across a category."""
    found = text("Q1 {T}\n// [id:b]\n\n// [tag:x]\n$CATEGORY: c\n\nQ2 {\n// [id:z]\nF}\n\nQ3 {T}", "gift")
    assert [(one.get("id"), one.get("tags")) for one in found.questions] == [(None, None), ("b", ["x"]), ("z", None)]


def test_an_item_without_words_is_skipped_and_one_with_a_title_is_not() -> None:
    found = text("{T}\n\n::Title::{F}", "gift")
    assert [one["text"] for one in found.questions] == ["Title"]
    assert reasons(found) == [(1, "skip-no-question"), (3, "warn-no-text")]


def test_weights_ranges_and_their_feedback() -> None:
    found = text("N {#=%50%1:0,5#low -> here =2..3 ~#else####why}\n\nM {~%33.33333%a ~%-100%b->c}", "gift")
    number, multi = found.questions
    accept = [(one["min"], one["max"], one["weight"]) for one in number["numeric"]["accept"]]
    assert accept == [(0.5, 1.5, 50), (2, 3, 100)]
    assert (number["numeric"]["else_feedback"], number["explanation"]) == ("else", "why")
    assert [(one["text"], one["weight"], one["correct"]) for one in multi["options"]] == [
        ("a", 33.33333, True),
        ("b->c", -100, False),
    ]
