"""QTI 2.1, 2.2 and 3.0 items (3.0 has the same names in kebab case), manifests and tests."""

import html
import posixpath
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any
from urllib.parse import unquote

from gamekeeper_apps.quiz.formats import qti1
from gamekeeper_apps.quiz.formats.attached import Attached
from gamekeeper_apps.quiz.formats.found import (
    Found,
    Item,
    Skip,
    around,
    decimal,
    option,
    per_cent,
    question,
)
from gamekeeper_apps.quiz.formats.xml import Element, Malformed, parse

ROOTS = ("questestinterop", "assessmentItem", "assessmentTest", "manifest")
SIDE = ("feedbackBlock", "feedbackInline", "modalFeedback", "rubricBlock", "stylesheet", "templateBlock")
VOID = ("img", "br", "hr")
Open = Callable[[str], bytes | None]


def simple(name: str) -> str:
    """`qti-assessment-item` as `assessmentItem`."""
    return re.sub("-([a-z])", lambda mark: mark[1].upper(), name.removeprefix("qti-"))


def read(root: Element, found: Found, fetch: Open, prefix: str = "") -> None:
    """Read a document and what it refers to. `fetch` opens a file that belongs to it by its path, `prefix` is put
    before that path where a problem or a question names it."""
    seen: set[str] = set()
    waiting = [(root, "", found.file)]
    whole = found.file
    while waiting:
        part, folder, found.file = waiting.pop(0)
        _plain_names(part)
        attached = Attached(folder, fetch)
        if part.name == "questestinterop":
            qti1.read(part, found, attached)
        elif part.name == "assessmentItem":
            _item(part, found, attached)
        else:
            for line, href in _references(part):
                path = posixpath.normpath(posixpath.join(folder, href))
                if path not in seen:
                    seen.add(path)
                    inner = fetch(path) if href and not path.startswith(("..", "/")) else None
                    if (opened := _opened(inner, href, line, prefix + path, found)) is not None:
                        waiting.append((opened, posixpath.dirname(path), prefix + path))
    found.file = whole


def _references(part: Element) -> list[tuple[int, str]]:
    """(line, path) of what a manifest or a test is made of."""
    found: list[tuple[int, str]] = []
    resources = part.first("resources")
    top = posixpath.join(part.get("base"), resources.get("base") if resources is not None else "")
    for reference in part.all("resource", "assessmentItemRef"):
        if reference.name == "resource" and not re.search("qti|assessment", reference.get("type"), re.I):
            continue
        first = reference.first("file")
        href = reference.get("href") or (first.get("href") if first is not None else "")
        found.append((reference.line, unquote(posixpath.join(top, reference.get("base"), href)) if href else ""))
    return found


def _opened(data: bytes | None, href: str, line: int, name: str, found: Found) -> Element | None:
    """A part that is there and well-formed; what is not stops no other."""
    if data is None:
        found.problem("skip-missing-file", href[:200] or "no file is named", line)
        return None
    try:
        return parse(data)
    except Malformed as error:
        whole, found.file = found.file, name
        found.problem("skip-unfinished", error.words, error.line)
        found.file = whole
        return None


def _plain_names(part: Element) -> None:
    part.name = simple(part.name)
    part.attributes = {simple(name): value for name, value in part.attributes.items()}
    for child in part.elements():
        _plain_names(child)


def _item(item: Element, found: Found, attached: Attached) -> None:
    try:
        body = item.first("itemBody")
        if body is None:
            raise Skip("skip-no-question", "no item body")
        interactions = [one for one in _walk(body) if one.name.endswith("Interaction")]
        unknown = [one.name for one in interactions if one.name not in READERS]
        if unknown:
            raise Skip("skip-unsupported", unknown[0])
        if len(interactions) > 1:
            raise Skip("skip-unsupported", "several interactions in one item")
        text = _text(body)
        more: dict[str, Any] = {
            "title": item.get("title"),
            "id": item.get("identifier") or None,
            "text_format": "html" if "<" in text else "plain",
        }
        text = text if "<" in text else html.unescape(text)
        kind, details = "slide", dict[str, Any]()
        if interactions:
            kind, details = READERS[interactions[0].name](item, interactions[0], attached)
            processing = item.first("responseProcessing")
            if processing is not None and processing.elements() and kind != "open":
                found.problem("warn-custom-processing", "own response processing is not carried over", item.line)
            if interactions[0].name == "associateInteraction":
                found.problem("warn-associate", "pairs without sides get a left and a right one", item.line)
        if not attached.all_there(body):
            found.problem("warn-media-missing", "an image is not part of the file", item.line)
        found.add(question(kind, text, media=attached.media or None, **details, **more), item.line)
    except Skip as skip:
        found.problem(skip.code, skip.words, item.line)


def _walk(part: Element) -> list[Element]:
    """All elements outside feedback."""
    found: list[Element] = []
    for child in part.elements():
        if child.name not in SIDE:
            found += [child, *_walk(child)]
    return found


def _markup(part: Element) -> str:
    """The inside of an element as markup; an interaction gives its prompt, a text entry its blank."""
    written: list[str] = []
    for child in part.children:
        if isinstance(child, str):
            written.append(html.escape(child, quote=False))
        elif child.name == "textEntryInteraction":
            written.append(" _____ ")
        elif child.name.endswith("Interaction"):
            written += [f" {_markup(one)} " for one in child.elements("prompt")]
        elif child.name not in SIDE:
            given = "".join(f' {name}="{html.escape(value)}"' for name, value in child.attributes.items())
            inner = "" if child.name in VOID else f"{_markup(child)}</{child.name}>"
            written.append(f"<{child.name}{given}>{inner}")
    return "".join(written)


def _text(part: Element) -> str:
    text = " ".join(_markup(part).split())
    return "" if text in ("_____", "<p>_____</p>", "<p> _____ </p>", "<div> _____ </div>") else text


def _option_text(choice: Element, attached: Attached) -> str:
    text = _text(choice)
    if not re.sub("<[^>]*>", "", text).strip() and not (choice.first("img", "object") and attached.all_there(choice)):
        raise Skip("skip-empty-option", "an option with neither text nor available media")
    return text if "<" in text else html.unescape(text)


def _declared(item: Element, interaction: Element) -> tuple[Element, list[str], dict[str, Fraction], Fraction]:
    """The declaration, its correct values, its mapping and the mapping's default."""
    wanted = interaction.get("responseIdentifier")
    for one in item.all("responseDeclaration"):
        if one.get("identifier") != wanted:
            continue
        correct = one.first("correctResponse")
        values = [" ".join(value.text().split()) for value in correct.all("value")] if correct is not None else []
        mapping = one.first("mapping")
        entries = mapping.all("mapEntry") if mapping is not None else []
        mapped = {
            " ".join(entry.get("mapKey").split()): Fraction(_score(entry.get("mappedValue"))) for entry in entries
        }
        usual = Fraction(_score(mapping.get("defaultValue") or "0")) if mapping is not None else Fraction(0)
        return one, values, mapped, usual
    raise Skip("skip-no-key", "no response declaration")


def _score(text: str) -> Fraction:
    """A mapped value; thirds are written with as many digits as a float has."""
    if not re.fullmatch(r"[+-]?(\d{1,12}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d)?", text.strip(), re.ASCII):
        raise Skip("skip-bad-answer", f"{text[:40]!r} is no number")
    return Fraction(text.strip())


def _choice(item: Element, interaction: Element, attached: Attached) -> tuple[str, dict[str, Any]]:
    declared, correct, mapped, usual = _declared(item, interaction)
    choices = interaction.all("simpleChoice")
    texts = {one.get("identifier"): _option_text(one, attached) for one in choices}
    if len(texts) < 2:
        raise Skip("skip-too-few-options", "fewer than two options")
    most = interaction.get("maxChoices")
    multi = declared.get("cardinality").lower() == "multiple" and most != "1"
    right = [name for name in texts if name in correct]
    scores = {name: mapped.get(name, usual) for name in texts}
    if not mapped:
        scores = {name: Fraction(name in right) for name in texts}
    over = sum((one for one in scores.values() if one > 0), Fraction(0)) if multi else max(scores.values())
    if over <= 0:
        raise Skip("skip-no-key", "no correct response")
    weights = {name: per_cent(100 * score / over) for name, score in scores.items()}
    options = [
        option(text, weights[name] > 0 if multi else weights[name] == 100, weights[name])
        for name, text in texts.items()
    ]
    if not multi:
        return "single", {"options": options}
    return "multi", {"options": options, "grading": "weights" if mapped else "all_or_nothing"}


def _order(item: Element, interaction: Element, attached: Attached) -> tuple[str, dict[str, Any]]:
    _, correct, _, _ = _declared(item, interaction)
    texts = {one.get("identifier"): _option_text(one, attached) for one in interaction.all("simpleChoice")}
    if not correct:
        raise Skip("skip-no-key", "no correct response")
    if sorted(correct) != sorted(texts):
        raise Skip("skip-bad-answer", "the key does not order all options")
    return "order", {"options": [option(texts[name], True, 100) for name in correct]}


def _entry(item: Element, interaction: Element, attached: Attached) -> tuple[str, dict[str, Any]]:
    declared, correct, mapped, _ = _declared(item, interaction)
    scores = mapped or dict.fromkeys(correct, Fraction(1))
    best = max(scores.values(), default=Fraction(0))
    if best <= 0:
        raise Skip("skip-no-key", "no correct response")
    weights = {text: per_cent(100 * score / best) for text, score in scores.items()}
    if declared.get("baseType").lower() in ("integer", "float"):
        ranges = [around(decimal(text), decimal("0"), weight) for text, weight in weights.items()]
        return "number", {"numeric": {"accept": ranges, "else_feedback": None}}
    options = [option(text, weight > 0, weight) for text, weight in weights.items()]
    loose = any(one.get("caseSensitive").lower() == "false" for one in declared.all("mapEntry"))
    return "typed", {"options": options, "case": None if loose else True}


def _keyed(item: Element, interaction: Element) -> list[tuple[str, str, Fraction]]:
    _, correct, mapped, _ = _declared(item, interaction)
    keys = correct or [key for key, score in mapped.items() if score > 0]
    pairs = [(left, right, mapped.get(f"{left} {right}", Fraction(1))) for left, right in _split(keys)]
    if not pairs:
        raise Skip("skip-no-key", "no correct response")
    return pairs


def _split(keys: list[str]) -> list[tuple[str, str]]:
    return [(key.partition(" ")[0], key.partition(" ")[2]) for key in keys if " " in key]


def _listed(keyed: list[tuple[str, str, Fraction]], lefts: dict[str, str], rights: dict[str, str]) -> list[Item]:
    if any(left not in lefts or right not in rights for left, right, _ in keyed):
        raise Skip("skip-bad-answer", "the key names a choice that is not there")
    if len({left for left, _, _ in keyed}) < len(keyed):
        raise Skip("skip-unsupported", "a left side with several right ones")
    uneven = len({weight for _, _, weight in keyed}) > 1
    pairs: list[Item] = []
    for left, right, weight in keyed:
        weighed: Item = {"weight": per_cent(weight)} if uneven else {}
        pairs.append({"left": lefts[left], "right": rights[right]} | weighed)
    used = {right for _, right, _ in keyed}
    return pairs + [{"left": None, "right": text} for name, text in rights.items() if name not in used]


def _match(item: Element, interaction: Element, attached: Attached) -> tuple[str, dict[str, Any]]:
    sides = [
        {one.get("identifier"): _option_text(one, attached) for one in side.all("simpleAssociableChoice")}
        for side in interaction.all("simpleMatchSet")
    ]
    keyed = _keyed(item, interaction)
    if len(sides) != 2:
        raise Skip("skip-bad-answer", "a match has two sides")
    turned = [(left, right, weight) if left in sides[0] else (right, left, weight) for left, right, weight in keyed]
    return "match", {"pairs": _listed(turned, sides[0], sides[1])}


def _associate(item: Element, interaction: Element, attached: Attached) -> tuple[str, dict[str, Any]]:
    texts = {one.get("identifier"): _option_text(one, attached) for one in interaction.all("simpleAssociableChoice")}
    keyed = _keyed(item, interaction)
    used = [name for left, right, _ in keyed for name in (left, right)]
    if len(set(used)) < len(used):
        raise Skip("skip-unsupported", "associateInteraction with a choice in two pairs")
    lefts = {left for left, _, _ in keyed}
    pairs = _listed(keyed, texts, {name: text for name, text in texts.items() if name not in lefts})
    return "match", {"pairs": pairs}


def _extended(_: Element, __: Element, attached: Attached) -> tuple[str, dict[str, Any]]:
    return "open", {}


READERS = {
    "choiceInteraction": _choice,
    "orderInteraction": _order,
    "textEntryInteraction": _entry,
    "matchInteraction": _match,
    "associateInteraction": _associate,
    "extendedTextInteraction": _extended,
}
