"""What somebody may be called: harmless on every screen, unlike everybody else's, never longer than it looks."""

import unicodedata
from collections.abc import Container
from random import Random

import regex

from gamekeeper import Rejected, Seat

MAX_CLUSTERS = 20
MAX_BYTES = 80
MAX_MARKS = 3
_CLUSTER = regex.compile(r"\X")
_DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_JOINER = "\u200d"

_ADJECTIVES = [
    "Amber",
    "Brave",
    "Clever",
    "Daring",
    "Eager",
    "Fancy",
    "Gentle",
    "Happy",
    "Jolly",
    "Kind",
    "Lucky",
    "Mighty",
    "Nimble",
    "Proud",
    "Quick",
    "Swift",
]
_ANIMALS = [
    "Badger",
    "Bear",
    "Crane",
    "Dolphin",
    "Eagle",
    "Falcon",
    "Fox",
    "Hare",
    "Heron",
    "Lynx",
    "Otter",
    "Owl",
    "Panda",
    "Raven",
    "Seal",
    "Tiger",
]

_MODERATE = frozenset(
    [
        "fuck",
        "fucker",
        "fucking",
        "shit",
        "bitch",
        "cunt",
        "nigger",
        "nigga",
        "faggot",
        "whore",
        "rape",
        "nazi",
        "hitler",
        "arschloch",
        "fotze",
        "hure",
        "wichser",
        "schlampe",
        "neger",
        "fick",
        "ficken",
        "scheisse",
        "scheiße",
        "missgeburt",
    ]
)
_STRICT = _MODERATE | frozenset(
    [
        "sex",
        "porn",
        "penis",
        "vagina",
        "ass",
        "damn",
        "hell",
        "crap",
        "idiot",
        "arsch",
        "kacke",
        "depp",
        "trottel",
        "doof",
    ]
)
_LOOKALIKES = str.maketrans("013457@$!", "oieastasi")


def clean(text: str) -> str:
    """NFC without control, bidirectional and zero-width characters, at most 3 marks on a base, 20 grapheme clusters
    and 80 bytes; blanks collapsed. Empty when nothing is left."""
    name = unicodedata.normalize("NFC", text[: 20 * MAX_BYTES])
    kept: list[str] = []
    marks = 0
    for character in name:
        category = unicodedata.category(character)
        if category in _DROPPED and not (character == _JOINER and kept and _pictures(kept[-1])):
            if character in "\t\n\r":
                kept.append(" ")
            continue
        marks = marks + 1 if category.startswith("M") else 0
        if marks <= MAX_MARKS:
            kept.append(character)
    clusters = _CLUSTER.findall(" ".join("".join(kept).split()))[:MAX_CLUSTERS]
    while clusters and len("".join(clusters).encode()) > MAX_BYTES:
        clusters.pop()
    return "".join(clusters).strip(" " + _JOINER)


def _pictures(character: str) -> bool:
    return unicodedata.category(character) in {"So", "Sk"} or character == "\ufe0f"


def name_key(name: str) -> str:
    """What two names are equal by: NFKC and casefold."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def unlike(name: str, taken: Container[str]) -> str:
    """The name, with " 2", " 3" … when its key is taken."""
    if name_key(name) not in taken:
        return name
    for number in range(2, 100_000):
        suffix = f" {number}"
        clusters = _CLUSTER.findall(name)[: MAX_CLUSTERS - len(suffix)]
        while len("".join(clusters).encode()) + len(suffix) > MAX_BYTES:
            clusters.pop()
        candidate = "".join(clusters).rstrip() + suffix
        if name_key(candidate) not in taken:
            return candidate
    raise Rejected("name_rejected", "every name like this is taken", field="name")


def generated(rng: Random) -> str:
    """A friendly name for somebody without one."""
    return f"{rng.choice(_ADJECTIVES)} {rng.choice(_ANIMALS)}"


def stand_in(seat: Seat) -> str:
    """What is shown while a name waits for approval, and for ever after its owner asked to be forgotten."""
    return f"Player {seat}"


def offends(name: str, level: str) -> bool:
    """Whether the filter (`off`, `moderate`, `strict`) turns the name away; digits count as letters they look like."""
    if level == "off":
        return False
    words = _STRICT if level == "strict" else _MODERATE
    text = name_key(name)
    readings = {text, text.translate(_LOOKALIKES)}
    for reading in readings:
        if any(word in words for word in regex.split(r"[^\p{L}]+", reading)):
            return True
        letters = regex.sub(r"[^\p{L}]", "", reading)
        if letters in words or (level == "strict" and any(word in letters for word in _MODERATE)):
            return True
    return False
