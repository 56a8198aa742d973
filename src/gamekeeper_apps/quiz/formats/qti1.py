"""QTI 1.2 items, judged by their structure."""

import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from gamekeeper_apps.quiz.formats.attached import Attached
from gamekeeper_apps.quiz.formats.found import (
    Found,
    Item,
    Skip,
    accepted,
    around,
    decimal,
    option,
    per_cent,
    question,
)
from gamekeeper_apps.quiz.formats.xml import Element

RESPONSES = ("response_lid", "response_str", "response_num", "response_xy", "response_grp")


@dataclass
class Rule:
    """What one condition adds: the values it names by response, its bounds, and its score."""

    score: Fraction
    equal: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    low: str | None = None
    high: str | None = None


def read(root: Element, found: Found, attached: Attached) -> None:
    """All items of a document."""
    for item in root.all("item"):
        try:
            found.add(_question(item, found, attached.anew()), item.line)
        except Skip as skip:
            found.problem(skip.code, skip.words, item.line)


def _material(parent: Element) -> str:
    """The texts of a part, without those of the responses inside it."""
    parts: list[str] = []
    for child in parent.elements():
        if child.name in ("mattext", "matemtext"):
            parts.append(child.text().strip())
        elif child.name == "matimage":
            parts.append(f'<img src="{child.get("uri")}" alt="{child.get("label")}">')
        elif child.name not in RESPONSES and not child.name.startswith("render_"):
            parts.append(_material(child))
    return "\n".join(part for part in parts if part)


def _format(item: Element) -> str:
    first = item.first("mattext")
    return "html" if first is not None and first.get("texttype").lower() == "text/html" else "plain"


def _rules(item: Element) -> list[Rule]:
    rules: list[Rule] = []
    for condition in item.all("respcondition"):
        scored = condition.elements("setvar")
        variable = condition.first("conditionvar")
        if not scored or variable is None:
            continue
        rule = Rule(sum((Fraction(decimal(one.text())) for one in scored), Fraction(0)))
        _conditions(variable, rule)
        rules.append(rule)
    return rules


def _conditions(part: Element, rule: Rule) -> None:
    """What must hold; what stands inside `not` is no part of it."""
    for one in part.elements():
        if one.name in ("varequal", "varsubstring"):
            rule.equal.setdefault(one.get("respident"), []).append(one.text().strip())
        elif one.name in ("vargte", "vargt"):
            rule.low = one.text()
        elif one.name in ("varlte", "varlt"):
            rule.high = one.text()
        elif one.name != "not":
            _conditions(one, rule)


def _question(item: Element, found: Found, attached: Attached) -> Item:
    presentation = item.first("presentation")
    if presentation is None:
        raise Skip("skip-no-question", "no presentation")
    text, format_ = _material(presentation), _format(presentation)
    if not attached.all_named(text):
        found.problem("warn-media-missing", "an image is not part of the file", item.line)
    responses, rules = presentation.all(*RESPONSES), _rules(item)
    kind, details = _read(item, presentation, responses, rules, attached)
    more: dict[str, Any] = {"title": item.get("title"), "text_format": format_, "id": item.get("ident") or None}
    return question(kind, text, media=attached.media or None, **more, **details)


def _read(
    item: Element, presentation: Element, responses: list[Element], rules: list[Rule], attached: Attached
) -> tuple[str, dict[str, Any]]:
    if not responses:
        return "slide", {}
    for one in presentation.all("render_hotspot", "render_slider"):
        raise Skip("skip-unsupported", one.name)
    names = {one.name for one in responses}
    if names & {"response_xy", "response_grp"}:
        raise Skip("skip-unsupported", min(names & {"response_xy", "response_grp"}))
    if names == {"response_lid"}:
        if len(responses) > 1:
            return "match", {"pairs": _pairs(responses, rules, attached)}
        if responses[0].get("rcardinality").lower() == "ordered":
            return "order", {"options": _ordered(responses[0], rules, attached)}
        return _choices(item, responses[0], rules, attached)
    if len(responses) > 1:
        raise Skip("skip-unsupported", "several blanks")
    return _blank(responses[0], rules)


def _labels(response: Element, attached: Attached) -> dict[str, str]:
    labels: dict[str, str] = {}
    for label in response.all("response_label"):
        text = _material(label)
        bare = re.sub("<[^>]*>", "", text).strip()
        if not bare and not ("<img" in text and attached.all_named(text)):
            raise Skip("skip-empty-option", "an option with neither text nor available media")
        labels[label.get("ident")] = text
    return labels


def _named(rules: list[Rule], ident: str) -> list[tuple[str, Fraction]]:
    return [(value, rule.score) for rule in rules for value in rule.equal.get(ident, [])]


def _choices(item: Element, response: Element, rules: list[Rule], attached: Attached) -> tuple[str, dict[str, Any]]:
    labels = _labels(response, attached)
    multi = response.get("rcardinality").lower() == "multiple"
    scores = dict.fromkeys(labels, Fraction(0))
    together = multi and any(len(rule.equal.get(response.get("ident"), [])) > 1 for rule in rules)
    for rule in rules:
        named = [value for value in rule.equal.get(response.get("ident"), []) if value in labels]
        for value in named:
            scores[value] = scores[value] + rule.score if multi else max(scores[value], rule.score)
    if len(labels) < 2:
        raise Skip("skip-too-few-options", "fewer than two options")
    best, total = max(scores.values()), sum((one for one in scores.values() if one > 0), Fraction(0))
    if best <= 0:
        raise Skip("skip-no-key", "no correct response")
    weights = {name: per_cent(100 * score / (total if multi else best)) for name, score in scores.items()}
    options = [
        option(text, weights[name] > 0 if multi else weights[name] == 100, weights[name])
        for name, text in labels.items()
    ]
    if not multi:
        return "single", {"options": options}
    whole = together or _algorithm(item) == "allornothing"
    return "multi", {"options": options, "grading": "all_or_nothing" if whole else "weights"}


def _algorithm(item: Element) -> str:
    for one in item.all("qtimetadatafield"):
        label, entry = one.first("fieldlabel"), one.first("fieldentry")
        if label is not None and entry is not None and label.text().strip() == "scoring_algorithm":
            return entry.text().strip().lower()
    return ""


def _ordered(response: Element, rules: list[Rule], attached: Attached) -> list[Item]:
    labels = _labels(response, attached)
    for rule in rules:
        key = rule.equal.get(response.get("ident"), [])
        if rule.score > 0 and sorted(key) == sorted(labels):
            return [option(labels[name], True, 100) for name in key]
    raise Skip("skip-no-key", "no condition orders all options")


def _pairs(responses: list[Element], rules: list[Rule], attached: Attached) -> list[Item]:
    pairs: list[Item] = []
    rights: dict[str, str] = {}
    used: set[str] = set()
    scores: list[Fraction] = []
    for response in responses:
        labels = _labels(response, attached)
        rights |= labels
        named = [(score, value) for value, score in _named(rules, response.get("ident")) if value in labels]
        score, value = max(named, default=(Fraction(0), ""))
        if score <= 0:
            raise Skip("skip-no-key", "a left side without its right one")
        used.add(value)
        scores.append(score)
        pairs.append({"left": _material(response), "right": labels[value]})
    if len(set(scores)) > 1:
        for pair, score in zip(pairs, scores, strict=True):
            pair["weight"] = per_cent(score)
    return pairs + [{"left": None, "right": text} for name, text in rights.items() if name not in used]


def _blank(response: Element, rules: list[Rule]) -> tuple[str, dict[str, Any]]:
    blank, ident = response.first("render_fib"), response.get("ident")
    kind = blank.get("fibtype").lower() if blank is not None else ""
    right = [rule for rule in rules if rule.score > 0]
    best = max((rule.score for rule in right), default=Fraction(1))
    if kind in ("decimal", "integer") or response.name == "response_num" or any(rule.low for rule in right):
        ranges = [one for rule in right for one in _ranges(rule, ident, per_cent(100 * rule.score / best))]
        if not ranges:
            raise Skip("skip-no-key", "no number is right")
        return "number", {"numeric": {"accept": ranges, "else_feedback": None}}
    typed = {value: score for value, score in _named(right, ident) if value}
    if not typed:
        return "open", {}
    weights = {text: per_cent(100 * score / best) for text, score in typed.items()}
    return "typed", {"options": [option(text, True, weight) for text, weight in weights.items()]}


def _ranges(rule: Rule, ident: str, weight: int | float) -> list[Item]:
    if rule.equal.get(ident):
        return [around(decimal(value), decimal("0"), weight) for value in rule.equal[ident]]
    if rule.low is None or rule.high is None:
        raise Skip("skip-bad-answer", "a range without both bounds")
    return [accepted(None, None, (decimal(rule.low), decimal(rule.high)), weight)]
