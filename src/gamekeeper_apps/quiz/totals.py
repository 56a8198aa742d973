"""Who has how many points, and in which place. Everything here is a function of stored answers and questions, so that
a void question or a fixed key gives exactly what a fresh game with the new data would."""

from fractions import Fraction
from statistics import fmean

from msgspec.structs import replace

from gamekeeper import Map, Seat
from gamekeeper_apps.quiz.marking import Marker, bonus_of, half_up, points_of
from gamekeeper_apps.quiz.state import HOST_SEAT, Ask, Player, Result, Room
from gamekeeper_apps.quiz.texts import queued

TOP = 10
MILLION = 1_000_000
NEUTRAL = ("poll", "word_cloud", "slide", "open")
"""Types that are passed over by streaks."""


def takes_part(player: Player, ask: Ask) -> bool:
    """Whether the ask was the player's to answer: not a presenter's own, not one from before they came."""
    if player.late_from is not None and ask.id < player.late_from:
        return False
    return player.seat not in ask.presenters


def score_ask(room: Room, ask: Ask) -> Room:
    """The gathering with one more ask counted, ranks and all."""
    return ranked(room if ask.void else _with_ask_counted(room, ask))


def _with_ask_counted(room: Room, ask: Ask) -> Room:
    fractions: list[float] = []
    marker = Marker(room, ask)
    changed: dict[Seat, Player] = {}
    for seat, player in room.players.items():
        scored = _scored(room, player, ask, marker)
        if scored is not None:
            changed[seat] = scored
            if ask.id in player.answers:
                fractions.append(scored.results[ask.id].f / MILLION)
    room = replace(room, players=room.players.update(changed))
    ask = replace(ask, mean_f=fmean(fractions) if fractions else None)
    room = replace(room, asks=room.asks.set(ask.id, ask))
    if room.ask is not None and room.ask.id == ask.id:
        room = replace(room, ask=ask)
    return queued(room, ask)


def _scored(room: Room, player: Player, ask: Ask, marker: Marker) -> Player | None:
    """The player with this ask's result; None: there is none to have."""
    if not takes_part(player, ask) or ask.question.type in ("poll", "word_cloud", "slide"):
        return None
    given = player.answers.get(ask.id)
    f = marker.fraction(player, given) if given is not None else Fraction(0)
    if f is None:
        return None
    points = points_of(room.settings, ask, given, f, marker) if given is not None else 0
    streak, bonus = player.streak, 0
    if ask.question.type not in NEUTRAL:
        streak = streak + 1 if f == 1 else streak if f > 0 else 0
        bonus = bonus_of(room.settings, ask, streak) if f == 1 else 0
    gained = points + bonus
    time = given.credited_ms if given is not None else None
    result = Result(half_up(f * MILLION), points, bonus, time)
    return replace(
        player,
        results=player.results.set(ask.id, result),
        score=player.score + gained,
        by_segment=player.by_segment.set(ask.segment, player.by_segment.get(ask.segment, 0) + gained),
        streak=streak,
        right_ms=player.right_ms + (time or 0 if f == 1 else 0),
    )


def recounted(room: Room) -> Room:
    """Everything counted anew from the stored answers."""
    blank = {
        seat: replace(player, results=Map(), score=0, by_segment=Map(), streak=0, right_ms=0)
        for seat, player in room.players.items()
    }
    room = replace(room, players=Map(blank))
    for number in sorted(room.asks):
        ask = room.asks[number]
        if ask.revealed and not ask.void:
            room = _with_ask_counted(room, ask)
    return shown_board(ranked(room))


# -- boards ------------------------------------------------------------------------------------------------------------


def credit(room: Room, player: Player) -> int:
    """What a presenter is given for the asks of the own segment: the mean of the points per ask elsewhere."""
    if room.settings.presenter_credit == "none" or player.seat not in room.presenters_ever:
        return 0
    counting = [ask for ask in room.asks.values() if ask.revealed and not ask.void and ask.question.type not in NEUTRAL]
    own = sum(1 for ask in counting if player.seat in ask.presenters)
    others = [player.results[ask.id] for ask in counting if ask.id in player.results]
    if not own or not others:
        return 0
    return half_up(Fraction(sum(result.points + result.bonus for result in others), len(others)) * own)


def total(room: Room, player: Player) -> int:
    """The score as it is shown."""
    raw = player.score + credit(room, player)
    return max(0, raw) if room.settings.floor == "zero" else raw


def segment_total(room: Room, player: Player, segment: int) -> int:
    raw = player.by_segment.get(segment, 0)
    return max(0, raw) if room.settings.floor == "zero" else raw


def ranked(room: Room) -> Room:
    """Places and ranks of all who play: equal totals share a rank, the next rank skips. A host who plays has none."""
    timed = room.settings.tiebreak == "time"
    keys = {
        player.seat: (-total(room, player), player.right_ms if timed else 0)
        for player in room.players.values()
        if player.active and not (room.settings.host_plays and player.seat == HOST_SEAT)
    }
    ranking = sorted(keys, key=lambda seat: (keys[seat], seat))
    rank = 0
    placed: dict[Seat, Player] = {}
    for place, seat in enumerate(ranking):
        if place == 0 or keys[seat] != keys[ranking[place - 1]]:
            rank = place + 1
        placed[seat] = replace(room.players[seat], rank=rank, place=place)
    return replace(room, players=room.players.update(placed), ranking=tuple(ranking))


def shown_board(room: Room) -> Room:
    """The top 10 as everybody sees it now; at the end of a segment that one's too."""
    top = [room.players[seat] for seat in room.ranking[:TOP]]
    room = replace(
        room,
        shown_ranking=tuple((one.rank or 0, one.name, total(room, one)) for one in top),
        credited=tuple(one.name for one in top if credit(room, one)),
    )
    if room.phase not in ("segment_done", "ended") or room.current is None:
        return replace(room, shown_segment=())
    rows = segment_board(room, room.current)[:TOP]
    return replace(room, shown_segment=tuple((rank, room.players[seat].name, points) for rank, seat, points in rows))


def segment_board(room: Room, segment: int) -> list[tuple[int, Seat, int]]:
    """(rank, seat, points) of one segment, best first."""
    points = {one.seat: segment_total(room, one, segment) for one in room.players.values() if one.rank is not None}
    rows: list[tuple[int, Seat, int]] = []
    for place, seat in enumerate(sorted(points, key=lambda seat: (-points[seat], seat))):
        tied = bool(rows) and rows[-1][2] == points[seat]
        rows.append((rows[-1][0] if tied else place + 1, seat, points[seat]))
    return rows


def team_board(room: Room) -> list[tuple[int, str, int]]:
    """(rank, team, points), best first; the mean half up."""
    by_team: dict[str, list[int]] = {team: [] for team in room.settings.teams}
    for player in room.players.values():
        if player.active and player.team in by_team:
            by_team[player.team].append(total(room, player))
    scores = {team: _team_score(room, points) for team, points in by_team.items()}
    rows: list[tuple[int, str, int]] = []
    for place, team in enumerate(sorted(scores, key=lambda team: (-scores[team], team))):
        tied = bool(rows) and rows[-1][2] == scores[team]
        rows.append((rows[-1][0] if tied else place + 1, team, scores[team]))
    return rows


def _team_score(room: Room, points: list[int]) -> int:
    if not points:
        return 0
    match room.settings.team_score:
        case "sum":
            return sum(points)
        case "best":
            return sum(sorted(points, reverse=True)[: room.settings.team_best])
        case _:
            return half_up(Fraction(sum(points), len(points)))
