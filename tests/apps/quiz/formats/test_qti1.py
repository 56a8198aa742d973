"""QTI 1.2: the samples, judged by structure."""

from tests.apps.quiz.formats.samples import reasons, sample


def test_choices_and_their_weights() -> None:
    many = sample("qti-1.2/multiple_answer.xml").questions[0]
    assert [one["weight"] for one in many["options"]] == [25, -10, 25, 25, -10, -10, 25]
    assert (many["type"], many["grading"]) == ("multi", "all_or_nothing")
    found = sample("qti-1.2/multiple_choice.xml")
    assert [one["correct"] for one in found.questions[0]["options"]] == [False, False, False, True, False]
    assert [code for _, code in reasons(found)] == ["warn-media-missing"]


def test_match_order_and_open() -> None:
    pairs = sample("qti-1.2/matching.xml").questions[0]["pairs"]
    assert len(pairs) == 3
    assert pairs[2] == {"left": None, "right": "A distractor answer."}
    order = sample("qti-1.2/ordering.xml").questions[0]
    assert [one["text"] for one in order["options"]] == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
    assert sample("qti-1.2/essay.xml").questions[0]["type"] == "open"


def test_numbers_and_ranges() -> None:
    exact = sample("qti-1.2/numeric_exact_match.xml").questions
    assert [[one["value"] for one in item["numeric"]["accept"]] for item in exact] == [[1234], [4321, 1234, 1111]]
    within = sample("qti-1.2/numeric_within_range.xml").questions[0]["numeric"]["accept"][0]
    assert (within["value"], within["min"], within["max"]) == (None, 1, 22)
