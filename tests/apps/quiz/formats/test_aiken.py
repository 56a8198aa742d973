"""Aiken: good items are kept, each faulty fragment is named by its first line."""

from tests.apps.quiz.formats.samples import reasons, sample, text


def test_the_sample_of_faults() -> None:
    found = sample("moodle/aiken_errors.txt")
    assert [one["source"]["line"] for one in found.questions] == [9, 18]
    assert reasons(found) == [
        (1, "skip-too-few-options"),
        (5, "skip-no-question"),
        (7, "skip-no-question"),
        (14, "skip-unfinished"),
    ]


def test_marks_with_and_without_blanks_and_a_letter_that_is_no_option() -> None:
    found = text("Q\nmore\nA)one\nB. two\nANSWER: B\n\nR\nA) x\nB) y\nANSWER: C\n", "aiken")
    assert found.questions[0]["text"] == "Q\nmore"
    assert [one["correct"] for one in found.questions[0]["options"]] == [False, True]
    assert reasons(found) == [(7, "skip-bad-answer")]
