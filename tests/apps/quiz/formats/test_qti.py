"""QTI 2 and 3: the samples, and packages."""

import pytest

from gamekeeper_apps.quiz.formats.found import Found
from gamekeeper_apps.quiz.formats.reading import read
from tests.apps.quiz.formats.samples import FOLDER, reasons, sample
from tests.apps.quiz.formats.test_packed import zipped


def test_the_kinds_of_version_2() -> None:
    pairs = sample("qti-2.x/categorization.xml").questions[0]["pairs"]
    assert (len(pairs), len({pair["right"] for pair in pairs})) == (4, 3)
    assert [pair["weight"] for pair in pairs] == [1, 0.5, 0.5, 1]
    order = sample("qti-2.x/order.xml").questions[0]["options"]
    names = ["Michael Schumacher", "Rubens Barrichello", "Jenson Button"]
    assert [one["text"] for one in order] == names
    typed = sample("qti-2.x/text_entry.xml").questions[0]["options"]
    assert [(one["text"], one["weight"]) for one in typed] == [("York", 100), ("york", 50)]
    assert sample("qti-2.x/choice.xml").questions[0]["options"][0]["correct"]
    assert reasons(sample("qti-2.x/match.xml")) == [(2, "warn-associate")]


def test_what_is_left_out_of_version_2() -> None:
    assert reasons(sample("qti-2.x/gap_match.xml")) == [(2, "skip-unsupported")]
    missing = reasons(sample("qti-2.x/test_qti_2.2-assessment.xml"))
    assert [code for _, code in missing] == ["skip-missing-file"] * 5
    assert [code for _, code in reasons(sample("qti-2.x/imsqti_2.2_package-imsmanifest.xml"))] == ["skip-missing-file"]


def test_version_3() -> None:
    many = sample("qti-3/simple-multiple-choice-processing1.xml").questions[0]
    assert [one["weight"] for one in many["options"]] == [33.33333] * 3
    assert sample("qti-3/match-correct-template.xml").questions[0]["options"][0]["text"] == "Test"
    for name in ("map-response-template", "simple-match-processing", "wrong-processing-element"):
        assert [code for _, code in reasons(sample(f"qti-3/{name}.xml"))] == ["skip-empty-option"]
    assert [code for _, code in reasons(sample("qti-3/match-interaction-no-processing.xml"))] == ["skip-no-key"]


def test_a_package_opens_what_its_manifest_names() -> None:
    if not FOLDER.exists():
        pytest.skip("no sample files")
    manifest = (FOLDER / "qti-2.x/imsqti_2.2_package-imsmanifest.xml").read_bytes()
    found = Found("p.zip")
    read(
        zipped({"imsmanifest.xml": manifest, "choice.xml": (FOLDER / "qti-2.x/choice.xml").read_bytes()}), "auto", found
    )
    assert found.questions[0]["source"] == {"file": "p.zip!choice.xml", "line": 3}


ITEM = """<assessmentItem identifier="i" title="T"><responseDeclaration identifier="R" cardinality="single">
<correctResponse><value>A</value></correctResponse></responseDeclaration><itemBody><p>Which?</p>
<choiceInteraction responseIdentifier="R" maxChoices="1"><simpleChoice identifier="A"><img src="a.png"/></simpleChoice>
<simpleChoice identifier="B">b</simpleChoice></choiceInteraction></itemBody></assessmentItem>"""
MANIFEST = """<manifest><resources base="sub/"><resource type="imsqti_item_xmlv2p1" identifier="r"><file href="i.xml"/>
</resource><resource type="imsqti_item_xmlv2p1" href="broken.xml"/></resources></manifest>"""


def test_images_of_a_package_are_taken_along_and_a_broken_item_stops_no_other() -> None:
    entries = {"sub/i.xml": ITEM.encode(), "broken.xml": b"<assessmentItem>\n<a></b>", "sub/a.png": b"png"}
    found = Found("p.zip")
    read(zipped({"imsmanifest.xml": MANIFEST.replace("resources base", "resources xml:base").replace(
        '"broken.xml"', '"../broken.xml"').encode(), **entries}), "auto", found)  # fmt: skip
    assert reasons(found) == [(2, "skip-unfinished")] and found.problems[0]["file"] == "p.zip!broken.xml"
    (question,) = found.questions
    assert question["media"] == [{"name": "a.png", "base64": "cG5n"}]
    assert question["options"][0]["text"] == '<img src="a.png">'


def test_an_image_that_is_not_there_is_no_option() -> None:
    found = Found("i.xml")
    read(ITEM.encode(), "auto", found)
    assert reasons(found) == [(1, "skip-empty-option")]
