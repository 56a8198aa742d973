"""What a simple player does: a random valid answer, knowing only what a seat knows."""

from random import Random
from typing import Any

from gamekeeper_apps.quiz import messages as m

WORDS = ["yes", "no", "maybe", "red", "blue", "green", "seven", "Paris", "London", "water"]


def guess(public: Any, private: Any, rng: Random) -> m.Answer | m.BeginAsk | None:
    """An answer to the question that is open and unanswered; None: nothing to do."""
    if public and private and public["phase"] == "paced":
        return _alone(private, public["rules"]["confidence"], rng)
    ask = public.get("ask") if public else None
    if ask is None or private is None or public["phase"] != "open" or public["pause"] or ask["type"] == "slide":
        return None
    stored = private["answer"]
    if (stored and stored["ask"] == ask["ask"]) or private["removed"] or private["post"] == "presenter":
        return None
    if private["late_from"] and private["late_from"] > ask["ask"]:
        return None
    return _answer(ask, public["rules"]["confidence"], rng)


def _answer(ask: Any, asked_for_confidence: bool, rng: Random) -> m.Answer:
    confidence = rng.choice(["low", "mid", "high"]) if asked_for_confidence else None
    return m.Answer(ask["ask"], value(ask, rng), None, confidence)  # type: ignore[arg-type]


def _alone(private: Any, confidence: bool, rng: Random) -> m.Answer | m.BeginAsk | None:
    """At one's own pace: answer each question once, then open the next."""
    paced = private["paced"]
    if private["removed"] or not paced:
        return None
    ask, stored = paced["ask"], private["answer"]
    if ask and ask["type"] != "slide" and not (stored and stored["ask"] == ask["ask"]):
        return _answer(ask, confidence, rng)
    return m.BeginAsk(paced["next"]) if paced["next"] else None


def value(ask: Any, rng: Random) -> Any:
    """Of the shape that the question's type asks for."""
    oids = [option["oid"] for option in ask["options"] or ()]
    match ask["type"]:
        case "single" | "true_false" | "poll":
            return rng.choice(oids)
        case "multi":
            return rng.sample(oids, rng.randint(1, len(oids)))
        case "order":
            return rng.sample(oids, len(oids))
        case "match":
            return {oid: rng.choice(ask["rights"])["oid"] for oid in oids}
        case "number":
            return str(rng.randint(0, 2_000))
        case "word_cloud":
            return rng.sample(WORDS, rng.randint(1, 3))
        case _:
            return rng.choice(WORDS)
