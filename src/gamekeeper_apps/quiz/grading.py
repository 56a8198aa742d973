"""How right an answer is: a fraction from 0 to 1, by the question's type and grading. Answers are given as positions
of options and pairs, texts and decimal numbers."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from gamekeeper_apps.quiz.questions import Accepted, Question

NEARLY_WHOLE = Fraction(1, 100)
MAX_DIGITS = 15
_SPACES = dict.fromkeys(map(ord, " \u00a0\u2009\u202f\u2007'"), None)
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)$", re.ASCII)
LEAST_FOR_TYPOS = {1: 4, 2: 8}


def exact(number: float | str | None) -> Fraction:
    """A JSON number as the decimal it was written as."""
    return Fraction(str(number)) if number is not None else Fraction(0)


def share(weight: float) -> Fraction:
    """A weight in per cent as a fraction."""
    return exact(weight) / 100


def grade_choice(question: Question, chosen: int) -> Fraction:
    """One option."""
    return max(Fraction(0), share(question.options[chosen].weight))


def right_options(question: Question) -> set[int]:
    return {at for at, option in enumerate(question.options) if option.weight > 0 or option.correct}


def grade_multi(question: Question, chosen: Iterable[int]) -> Fraction:
    """Several options, by `grading`. `per_option` counts right minus wrong over all right ones."""
    picked, right = set(chosen), right_options(question)
    c, w = len(picked & right), len(picked - right)
    match question.grading:
        case "partial" | "per_option":
            return max(Fraction(0), Fraction(c - w, len(right))) if right else Fraction(0)
        case "weights":
            total = sum((exact(question.options[at].weight) for at in picked), Fraction(0))
            if abs(total - 100) <= NEARLY_WHOLE:
                return Fraction(1)
            return min(Fraction(1), max(Fraction(0), total / 100))
        case _:
            return Fraction(int(picked == right))


def net_right(question: Question, chosen: Iterable[int]) -> int:
    """Right options minus wrong ones."""
    picked, right = set(chosen), right_options(question)
    return len(picked & right) - len(picked - right)


def grade_order(question: Question, order: list[int]) -> Fraction:
    """Positions in the order given; right is 0, 1, 2 …"""
    n = len(order)
    if question.grading != "partial":
        return Fraction(int(order == sorted(order)))
    inverted = sum(1 for i in range(n) for j in range(i + 1, n) if order[i] > order[j])
    return max(Fraction(0), 1 - Fraction(2 * inverted, n * (n - 1) // 2))


def grade_match(question: Question, matched: Mapping[int, str]) -> Fraction:
    """Left positions to right texts."""
    lefts = {at: pair for at, pair in enumerate(question.pairs) if pair.left is not None}
    right = {at for at, pair in lefts.items() if matched.get(at) == pair.right}
    if question.grading != "partial":
        return Fraction(int(len(right) == len(lefts)))
    weights = {at: exact(pair.weight) if pair.weight is not None else Fraction(1) for at, pair in lefts.items()}
    whole = sum(weights.values(), Fraction(0))
    return sum((weights[at] for at in right), Fraction(0)) / whole if whole else Fraction(0)


# -- numbers -----------------------------------------------------------------------------------------------------------


def read_number(text: str) -> Decimal:
    """`,` or `.` as decimal sign, U+2212, thin spaces, at most 15 digits. Raises `ValueError`."""
    plain = unicodedata.normalize("NFKC", text).strip().replace("\u2212", "-").translate(_SPACES)
    digits = sum(character.isdigit() for character in plain)
    if not _NUMBER.match(plain) or digits > MAX_DIGITS:
        raise ValueError(f"{text[:40]!r} is no number of at most {MAX_DIGITS} digits")
    try:
        return Decimal(plain.replace(",", "."))
    except InvalidOperation as error:
        raise ValueError(f"{text[:40]!r} is no number") from error


def grade_number(question: Question, text: str) -> Fraction:
    """`range` and `falloff`; `closest` needs everybody's answers."""
    answer = Fraction(read_number(text))
    if question.numeric is None:
        return Fraction(0)
    if question.grading == "falloff":
        return max((_falloff(accepted, answer) for accepted in question.numeric.accept), default=Fraction(0))
    weights = [share(one.weight) for one in question.numeric.accept if _holds(one, answer)]
    return max([Fraction(0), *weights])


def _holds(accepted: Accepted, answer: Fraction) -> bool:
    low, high = _bounds(accepted)
    return low <= answer <= high


def _bounds(accepted: Accepted) -> tuple[Fraction, Fraction]:
    if accepted.min is not None and accepted.max is not None:
        return exact(accepted.min), exact(accepted.max)
    return exact(accepted.value) - exact(accepted.tolerance), exact(accepted.value) + exact(accepted.tolerance)


def _falloff(accepted: Accepted, answer: Fraction) -> Fraction:
    low, high = _bounds(accepted)
    middle, span = (low + high) / 2, (high - low) / 2
    if not span:
        return Fraction(int(answer == middle))
    return max(Fraction(0), 1 - abs(answer - middle) / span)


def distance(question: Question, text: str) -> Fraction:
    """How far a number is from the nearest accepted value."""
    answer = Fraction(read_number(text))
    accept = question.numeric.accept if question.numeric is not None else ()
    middles = [sum(_bounds(accepted), Fraction(0)) / 2 for accepted in accept]
    return min((abs(answer - middle) for middle in middles), default=Fraction(0))


# -- typed -------------------------------------------------------------------------------------------------------------


def normal(text: str, question: Question) -> str:
    """NFKC, trimmed, blanks collapsed; casefolded unless `case`; without accents unless `accents`."""
    folded = " ".join(unicodedata.normalize("NFKC", text).split())
    if not question.case:
        folded = folded.casefold()
    if not question.accents:
        apart = unicodedata.normalize("NFD", folded)
        folded = unicodedata.normalize("NFC", "".join(one for one in apart if not unicodedata.combining(one)))
    return folded


def grade_typed(question: Question, text: str) -> Fraction:
    """The best weight of the answers that match, exactly first, then within `typos`."""
    given = normal(text, question)
    exactly = [share(option.weight) for option in question.options if _pattern(option.text, question).fullmatch(given)]
    if exactly:
        return max([Fraction(0), *exactly])
    if not question.typos:
        return Fraction(0)
    distances = [(edits(given, normal(option.text, question)), option) for option in question.options]
    least = min((found for found, _ in distances), default=99)
    near = [
        share(option.weight)
        for found, option in distances
        if found == least and found <= _allowed(question.typos, normal(option.text, question))
    ]
    return max([Fraction(0), *near])


def _allowed(typos: int, text: str) -> int:
    return max((count for count in (1, 2) if count <= typos and len(text) >= LEAST_FOR_TYPOS[count]), default=0)


def _pattern(answer: str, question: Question) -> re.Pattern[str]:
    parts = [normal(part.replace("\\*", "*"), question) for part in re.split(r"(?<!\\)\*", answer)]
    blanks = re.split(r"(?<!\\)\*", answer)
    if len(parts) == 1:
        return re.compile(re.escape(parts[0]), re.DOTALL)
    joined = [_edge(part, blank, at, len(parts)) for at, (part, blank) in enumerate(zip(parts, blanks, strict=True))]
    return re.compile(".*".join(re.escape(part) for part in joined), re.DOTALL)


def _edge(part: str, raw: str, at: int, of: int) -> str:
    """A blank beside a star is a blank."""
    lead = " " if at > 0 and raw[:1].isspace() else ""
    trail = " " if at < of - 1 and raw[-1:].isspace() and raw.strip() else ""
    return lead + part + trail


def edits(a: str, b: str) -> int:
    """Optimal string alignment distance."""
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
