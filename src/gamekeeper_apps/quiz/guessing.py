"""What a simple player does: a random valid answer, knowing only what a seat knows."""

from random import Random
from typing import Any

from gamekeeper_apps.quiz import messages as m

WORDS = ["yes", "no", "maybe", "red", "blue", "green", "seven", "Paris", "London", "water"]


def guess(public: Any, private: Any, rng: Random) -> m.Answer | None:
    """An answer to the question that is open and unanswered; None: nothing to do."""
    ask = public.get("ask") if public else None
    if ask is None or private is None or public["phase"] != "open" or public["pause"] or ask["type"] == "slide":
        return None
    stored = private["answer"]
    if (stored and stored["ask"] == ask["ask"]) or private["removed"] or private["post"] == "presenter":
        return None
    if private["late_from"] and private["late_from"] > ask["ask"]:
        return None
    confidence = rng.choice(["low", "mid", "high"]) if public["rules"]["confidence"] else None
    return m.Answer(ask["ask"], value(ask, rng), None, confidence)  # type: ignore[arg-type]


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
