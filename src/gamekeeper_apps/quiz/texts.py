"""What a question's answers come to once it is over: counts by option, and texts that nobody sees unmoderated."""

import unicodedata
from typing import Any

from msgspec.structs import replace

from gamekeeper import Map
from gamekeeper_apps.quiz.marking import Marker
from gamekeeper_apps.quiz.state import Ask, Given, Item, Player, Room, Text

MAX_TEXTS = 2_000
TEXT_TYPES = ("word_cloud", "open")
CHOICES = ("single", "true_false", "multi", "poll")


def text_key(text: str) -> str:
    """What two texts of a word cloud are merged by."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def listed(value: Any) -> list[str]:
    """One choice or text as a list of them."""
    return [value] if isinstance(value, str) else [*value]


def answerers(room: Room, ask: Ask) -> list[tuple[Player, Given]]:
    """Who answered an ask, and what."""
    seats = sorted(seat for seat, player in room.players.items() if ask.id in player.answers)
    return [(room.players[seat], room.players[seat].answers[ask.id]) for seat in seats]


def collected(ask: Ask, room: Room) -> Ask:
    """The ask with its counts. Texts keep their judgement."""
    given = answerers(room, ask)
    if ask.question.type in TEXT_TYPES:
        return replace(ask, texts=_merged(ask, room, given))
    counts: dict[str, int] = {}
    if ask.question.type in CHOICES:
        for oid in ask.oids:
            counts[oid] = 0
        for _, answer in given:
            for oid in listed(answer.value):
                counts[oid] = counts.get(oid, 0) + 1
        return replace(ask, counts=Map(counts))
    marker = Marker(room, ask)
    for player, answer in given:
        f = marker.fraction(player, answer) or 0
        word = "right" if f == 1 else "part" if f > 0 else "wrong"
        counts[word] = counts.get(word, 0) + 1
    return replace(ask, counts=Map(counts))


def _merged(ask: Ask, room: Room, given: list[tuple[Player, Given]]) -> Map[str, Text]:
    found: dict[str, Text] = {}
    waiting = None if room.settings.moderate_texts else True
    for _, answer in given:
        for text in listed(answer.value):
            key = text_key(text)
            known = found.get(key) or ask.texts.get(key)
            if known is None and len(found) >= MAX_TEXTS:
                continue
            item = known.item if known is not None else f"text:{ask.id}:{len(found) + 1}"
            count = found[key].count + 1 if key in found else 1
            found[key] = Text(known.shown if known else text, count, known.approved if known else waiting, item)
    return Map(found)


def queued(room: Room, ask: Ask) -> Room:
    """The texts of a revealed ask that wait for a moderator join the queue."""
    waiting = {text.item: Item(text.item, text.shown) for text in ask.texts.values() if text.approved is None}
    return replace(room, queue=room.queue.update(waiting)) if waiting else room


def judged(room: Room, item: str, approved: bool) -> Room:
    """A text was let through, or not."""
    number = int(item.split(":")[1])
    ask = room.asks.get(number)
    if ask is None:
        return room
    for key, text in ask.texts.items():
        if text.item == item:
            ask = replace(ask, texts=ask.texts.set(key, replace(text, approved=approved)))
    room = replace(room, asks=room.asks.set(number, ask))
    return replace(room, ask=ask) if room.ask is not None and room.ask.id == number else room
