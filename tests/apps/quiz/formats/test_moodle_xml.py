"""Moodle XML: the samples, and each kind of question."""

from tests.apps.quiz.formats.samples import reasons, sample, text


def test_nested_categories() -> None:
    found = sample("moodle/nested_categories_with_questions.xml")
    assert [one["type"] for one in found.questions].count("true_false") == 4
    categories = ["$course$/Iota", "$course$/Iota/Kappa", "$course$/Iota/Kappa/Lambda", "$course$/Iota/Mu"]
    assert list(dict.fromkeys(one["category"] for one in found.questions)) == categories
    assert all(one["options"][0]["correct"] for one in found.questions if one["type"] == "true_false")


def test_a_fraction_outside_moodles_list_is_kept_with_a_warning() -> None:
    found = sample("moodle/error_invalid_grades.xml")
    assert [one["weight"] for one in found.questions[0]["options"]] == [-50, 33, 33.33333, -50, 33.33333]
    assert [code for _, code in reasons(found)] == ["warn-fraction"]


def test_number_typed_match_and_an_unsupported_kind() -> None:
    body = """<quiz><question type="numerical"><questiontext><text>n</text></questiontext>
    <answer fraction="100"><text>1.5</text><tolerance>0.1</tolerance></answer></question>
    <question type="shortanswer"><questiontext><text>s</text></questiontext><usecase>1</usecase>
    <answer fraction="100"><text>a</text></answer></question>
    <question type="matching"><questiontext><text>m</text></questiontext>
    <subquestion><text>l</text><answer><text>r</text></answer></subquestion>
    <subquestion><text></text><answer><text>d</text></answer></subquestion></question>
    <question type="cloze"/></quiz>"""
    found = text(body, "auto")
    assert [one["type"] for one in found.questions] == ["number", "typed", "match"]
    accept = found.questions[0]["numeric"]["accept"][0]
    assert (accept["min"], accept["max"]) == (1.4, 1.6)
    assert found.questions[1]["case"] is True
    assert found.questions[2]["pairs"] == [{"left": "l", "right": "r"}, {"left": None, "right": "d"}]
    assert reasons(found) == [(8, "skip-unsupported")]
