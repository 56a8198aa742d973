"""Open Trivia DB: each encoding is decoded once, and the order tells nothing."""

import json

from tests.apps.quiz.formats.samples import sample, text


def test_the_samples() -> None:
    found = sample("opentdb/default_encoding.json")
    assert [one["type"] for one in found.questions].count("single") == 9
    assert not any("&quot;" in one["text"] for one in found.questions)
    keyed = [one["text"] for one in sample("opentdb/encode_base64.json").questions[0]["options"] if one["correct"]]
    assert keyed == ["The Third Aerial Girls Squad"]


def test_percent_encoding_and_sorted_numbers() -> None:
    entry = {"type": "multiple", "question": "How%20many%3F", "correct_answer": "9", "incorrect_answers": ["10", "2"]}
    found = text(json.dumps({"response_code": 0, "results": [entry, 5]}), "auto")
    assert found.questions[0]["text"] == "How many?"
    assert [one["text"] for one in found.questions[0]["options"]] == ["2", "9", "10"]
    assert found.problems[0]["line"] == 1


def test_the_old_percent_encoding_writes_a_blank_as_a_plus() -> None:
    entry = {
        "type": "boolean",
        "question": "Is+C%2B%2B+old%3F",
        "correct_answer": "True",
        "incorrect_answers": ["False"],
    }
    assert text(json.dumps({"response_code": 0, "results": [entry]}), "auto").questions[0]["text"] == "Is C++ old?"
