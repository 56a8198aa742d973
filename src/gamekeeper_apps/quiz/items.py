"""How good the questions were: difficulty, discrimination, shares and times of every one whose answer was told."""

from statistics import StatisticsError, correlation, fmean

from gamekeeper import View
from gamekeeper_apps.quiz.state import Ask, Player, Room
from gamekeeper_apps.quiz.totals import MILLION, takes_part
from gamekeeper_apps.quiz.views import counts_of

BINS = 10
LEAST_PLAYERS = 3


class Item(View):
    """One question. `difficulty`: the mean of f over those who answered. `discrimination`: Pearson's r of f with what
    the same players got right of the other questions; None where it is not defined. `shares` of the answers by option.
    `times`: answers by tenths of the time limit."""

    ask: int
    type: str
    answered: int
    unanswered: int
    difficulty: float | None
    discrimination: float | None
    shares: dict[str, float]
    times: tuple[int, ...]


def item_statistics(room: Room) -> list[Item]:
    """Of every ask that was told and counts, in order."""
    asks = [room.asks[number] for number in sorted(room.asks)]
    return [_item(room, ask) for ask in asks if ask.revealed and not ask.void]


def _item(room: Room, ask: Ask) -> Item:
    here = [player for player in room.players.values() if player.active or ask.id in player.answers]
    answered = [player for player in here if ask.id in player.answers]
    asked = [player for player in here if takes_part(player, ask)]
    graded = [player for player in answered if ask.id in player.results]
    return Item(
        ask.id,
        ask.question.type,
        len(answered),
        len(asked) - len(answered),
        fmean(_f(player, ask.id) for player in graded) if graded else None,
        _discrimination(graded, ask.id),
        {word: count / len(answered) for word, count in counts_of(ask).items()} if answered else {},
        _times(answered, ask),
    )


def _f(player: Player, number: int) -> float:
    return player.results[number].f / MILLION


def _discrimination(graded: list[Player], number: int) -> float | None:
    own = [_f(player, number) for player in graded]
    rest = [sum(_f(player, other) for other in player.results if other != number) for player in graded]
    if len(graded) < LEAST_PLAYERS:
        return None
    try:
        return correlation(own, rest)
    except StatisticsError:
        return None


def _times(answered: list[Player], ask: Ask) -> tuple[int, ...]:
    counts = [0] * BINS
    for player in answered:
        place = player.answers[ask.id].credited_ms * BINS // ask.limit_ms
        counts[min(BINS - 1, max(0, place))] += 1
    return tuple(counts)
