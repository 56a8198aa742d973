"""Every total computed again from an exported room alone. This shares no code with the game: not its fold, not its
grading, not its scoring. Where both agree for every player, two programs written apart have counted the same."""

import re
import unicodedata
from decimal import Decimal
from fractions import Fraction
from typing import Any

Json = dict[str, Any]
STREAK = [0, 100, 200, 300, 400, 500]
SURE = {"low": (1, 0), "mid": (2, -2), "high": (3, -6)}
UNSCORED = {"poll", "word_cloud", "slide"}


def recount(exported: Json) -> Json:
    """{"gathering": {player: (score, rank)}, "segments": {segment: {player: score}}} of an export."""
    return _Count(exported).totals()


def matches(exported: Json) -> bool:
    """Whether the export's own totals are what its events come to, for every player and both boards."""
    found, told = recount(exported), exported["totals"]
    gathering = {row["player"]: (row["score"], row["rank"]) for row in told["gathering"]}
    segments = {int(number): {row["player"]: row["score"] for row in rows} for number, rows in told["segments"].items()}
    return bool(found["gathering"] == gathering and found["segments"] == segments)


class _Count:
    """Reads the events once, then counts ask by ask."""

    def __init__(self, exported: Json) -> None:
        self.settings: Json = exported["settings"]
        self.remix: dict[int, Any] = {one["segment"]: one["remix_of"] for one in exported["segments"]}
        self.questions: dict[int, list[Json]] = {one["segment"]: one["questions"] for one in exported["segments"]}
        self.speaking: dict[int, set[int]] = {}
        self.presenters: dict[int, set[int]] = {}
        self.on = 0
        self.alone = False
        self.shown: dict[int, Json] = {}
        self.keys: dict[int, Json] = {}
        self.given: dict[int, dict[int, Json]] = {}
        self.grades: dict[tuple[int, int], float] = {}
        self.revealed: set[int] = set()
        self.void: set[int] = set()
        self.players: dict[int, int | None] = {}
        self.gone: set[int] = set()
        for event in exported["events"]:
            self._take(event["type"], event["data"])

    def _take(self, kind: str, data: Json) -> None:
        match kind:
            case "settings_changed":
                self.settings = data["settings"]
            case "player_joined":
                self.players.setdefault(data["player"], data["late_from"])
                self.gone.discard(data["player"])
            case "player_removed" | "player_forgotten":
                self.gone.add(data["player"])
            case "presenter_set":
                self.speaking.setdefault(data["segment"], set()).add(data["player"])
                self._others_question(data["segment"])
            case "handed_over":
                self.speaking[data["segment"]] = {data["player"]}
                self._others_question(data["segment"])
            case "question_shown":
                self.shown[data["ask"]] = data
                self.presenters[data["ask"]] = set(self.speaking.get(self._origin(data), ()))
                self.on = 0 if self.alone else data["ask"]
            case "closed":
                self.on = 0
            case "answered":
                self.given.setdefault(data["ask"], {})[data["player"]] = data
            case "revealed":
                self.revealed.add(data["ask"])
            case "paced_started":
                self.alone = True
            case "paced_closed":
                self.alone = False
                self.revealed.update(self.shown)
            case "voided":
                self.void.add(data["ask"])
            case "key_fixed":
                self.keys[data["ask"]] = data["question"]
            case "graded":
                self.grades[data["ask"], data["player"]] = data["f"]
            case _:
                pass

    def _origin(self, shown: Json) -> int:
        """The segment a question comes from."""
        segment: int = shown["segment"]
        return self.remix[segment][shown["question"] - 1][0] if self.remix.get(segment) else segment

    def _others_question(self, segment: int) -> None:
        """Whoever presents now does not answer the question that is on."""
        if self.on and self._origin(self.shown[self.on]) == segment:
            self.presenters[self.on] = set(self.speaking[segment])

    def totals(self) -> Json:
        score = dict.fromkeys(self.players, 0)
        streak = dict.fromkeys(self.players, 0)
        right_ms = dict.fromkeys(self.players, 0)
        parts: dict[int, dict[int, int]] = {number: dict.fromkeys(self.players, 0) for number in self.questions}
        credits: dict[int, list[Any]] = {player: [0, [], 0] for player in self.players}
        for ask in sorted(self.revealed - self.void):
            self._ask(ask, score, streak, right_ms, parts, credits)
        if self.settings["presenter_credit"] == "average":
            for player, (own, points, _) in credits.items():
                if own and points:
                    score[player] += _half_up(Fraction(sum(points) * own, len(points)))
        least = 0 if self.settings["floor"] == "zero" else -(10**12)
        gone = {*self.gone, 1} if self.settings["host_plays"] else self.gone
        here = [player for player in self.players if player not in gone]
        final = {player: max(least, score[player]) for player in here}
        timed = self.settings["tiebreak"] == "time"
        order = {player: (-final[player], right_ms[player] if timed else 0) for player in here}
        ranks = {player: 1 + sum(other < order[player] for other in order.values()) for player in here}
        return {
            "gathering": {player: (final[player], ranks[player]) for player in here},
            "segments": {
                number: {player: max(least, points[player]) for player in here} for number, points in parts.items()
            },
        }

    def _ask(self, ask: int, score: Any, streak: Any, right_ms: Any, parts: Any, credits: Any) -> None:
        shown = self.shown[ask]
        question = self._question(ask, shown)
        kind, segment = question["type"], shown["segment"]
        closest = self._closest(ask, question)
        for player, late in self.players.items():
            if player in self.presenters[ask]:
                credits[player][0] += kind not in UNSCORED and kind != "open"
                continue
            if (late is not None and ask < late) or kind in UNSCORED:
                continue
            given = self.given.get(ask, {}).get(player)
            f = self._f(ask, question, shown, given, player, closest)
            if f is None:
                continue
            points = self._points(question, shown, given, f) if given else 0
            if kind != "open":
                streak[player] = streak[player] + 1 if f == 1 else streak[player] if f > 0 else 0
                if f == 1 and self.settings["streak"] and shown["points"] and shown["preset"] != "off":
                    length, cap = int(streak[player]), int(self.settings["streak_cap"])
                    points += min(cap, STREAK[min(length, 6) - 1])
                credits[player][1].append(points)
            score[player] += points
            parts[segment][player] += points
            if given and f == 1:
                right_ms[player] += given["credited_ms"]

    def _question(self, ask: int, shown: Json) -> Json:
        """As its key was fixed, or as it was shown."""
        segment: int = shown["segment"]
        place: int = shown["question"]
        return self.keys[ask] if ask in self.keys else self.questions[segment][place - 1]

    def _closest(self, ask: int, question: Json) -> Fraction | None:
        if question["type"] != "number" or question["grading"] != "closest":
            return None
        return min((_away(question, given["value"]) for given in self.given.get(ask, {}).values()), default=None)

    def _f(
        self, ask: int, question: Json, shown: Json, given: Json | None, player: int, closest: Fraction | None
    ) -> Fraction | None:
        if question["type"] == "open":
            if given is None:
                return Fraction(0)
            grade = self.grades.get((ask, player))
            return Fraction(str(grade)) if grade is not None else None
        if given is None:
            return Fraction(0)
        if closest is not None:
            return Fraction(int(_away(question, given["value"]) == closest))
        return _fraction(question, shown, given["value"])

    def _points(self, question: Json, shown: Json, given: Json, f: Fraction) -> int:
        most, preset, limit, time = shown["points"], shown["preset"], shown["limit_ms"], given["credited_ms"]
        if self.settings["confidence"] and given["confidence"]:
            return _half_up(Fraction(SURE[given["confidence"]][0 if f == 1 else 1] * most, 3))
        if f == 0:
            return -int(self.settings["penalty"])
        slow = 2 * limit if preset == "kahoot" else limit
        pace = Fraction(slow - time, slow)
        if preset == "flat" or (preset == "kahoot" and time < 500):
            pace = Fraction(1)
        if preset == "off" or time > limit:
            pace = Fraction(0)
        if question["type"] == "multi" and question["grading"] == "per_option":
            return _net(question, shown, given["value"]) * _half_up(pace * most / 2)
        return _half_up(pace * most * f)


def _half_up(value: Fraction) -> int:
    return int((value + Fraction(1, 2)) // 1)


def _place(shown: Json, oid: str) -> int:
    return int(shown["order"][shown["oids"].index(oid)])


def _keyed(question: Json) -> set[int]:
    return {at for at, one in enumerate(question["options"]) if one["weight"] > 0 or one["correct"]}


def _net(question: Json, shown: Json, value: list[str]) -> int:
    right, picked = _keyed(question), {_place(shown, oid) for oid in value}
    return max(0, len(picked & right) - len(picked - right))


def _fraction(question: Json, shown: Json, value: Any) -> Fraction:
    match question["type"]:
        case "single" | "true_false":
            return max(Fraction(0), Fraction(str(question["options"][_place(shown, value)]["weight"])) / 100)
        case "multi":
            return _multi(question, shown, value)
        case "order":
            return _order(question, [_place(shown, oid) for oid in value])
        case "match":
            return _match(question, shown, value)
        case "number":
            return _number(question, value)
        case _:
            return _typed(question, value)


def _multi(question: Json, shown: Json, value: list[str]) -> Fraction:
    picked, right = {_place(shown, oid) for oid in value}, _keyed(question)
    if question["grading"] in ("partial", "per_option"):
        return Fraction(_net(question, shown, value), len(right))
    if question["grading"] == "weights":
        whole = sum((Fraction(str(question["options"][at]["weight"])) for at in picked), Fraction(0))
        return Fraction(1) if abs(whole - 100) <= Fraction(1, 100) else min(Fraction(1), max(Fraction(0), whole / 100))
    return Fraction(1) if picked == right else Fraction(0)


def _order(question: Json, given: list[int]) -> Fraction:
    pairs = [(one, other) for at, one in enumerate(given) for other in given[at + 1 :]]
    wrong = sum(one > other for one, other in pairs)
    if question["grading"] == "partial":
        return max(Fraction(0), 1 - Fraction(2 * wrong, len(pairs)))
    return Fraction(0) if wrong else Fraction(1)


def _match(question: Json, shown: Json, value: Json) -> Fraction:
    pairs, gained, whole = question["pairs"], Fraction(0), Fraction(0)
    chosen = {_place(shown, left): shown["right_order"][shown["rights"].index(right)] for left, right in value.items()}
    for at, pair in enumerate(pairs):
        if pair["left"] is None:
            continue
        weight = Fraction(str(pair["weight"])) if pair.get("weight") is not None else Fraction(1)
        whole += weight
        if at in chosen and pairs[chosen[at]]["right"] == pair["right"]:
            gained += weight
    if question["grading"] == "partial":
        return gained / whole
    return Fraction(1) if gained == whole else Fraction(0)


def _decimal(text: str) -> Fraction:
    kept = "".join(
        "-" if one == "\u2212" else one for one in unicodedata.normalize("NFKC", text) if one not in " '\u2007"
    )
    return Fraction(Decimal(kept.strip().replace(",", ".")))


def _range(one: Json) -> tuple[Fraction, Fraction]:
    if one["min"] is not None and one["max"] is not None:
        return Fraction(str(one["min"])), Fraction(str(one["max"]))
    middle, width = Fraction(str(one["value"])), Fraction(str(one["tolerance"] or 0))
    return middle - width, middle + width


def _away(question: Json, text: str) -> Fraction:
    answer = _decimal(text)
    distances = [abs(answer - sum(_range(one), Fraction(0)) / 2) for one in question["numeric"]["accept"]]
    return min(distances, default=Fraction(0))


def _number(question: Json, text: str) -> Fraction:
    answer, best = _decimal(text), Fraction(0)
    for one in question["numeric"]["accept"]:
        low, high = _range(one)
        if question["grading"] == "falloff":
            span = (high - low) / 2
            off = abs(answer - (low + high) / 2)
            best = max(best, 1 - off / span if span else Fraction(int(off == 0)))
        elif low <= answer <= high:
            best = max(best, Fraction(str(one["weight"])) / 100)
    return best


def _typed(question: Json, text: str) -> Fraction:
    given: str = _plain(question, text)
    best: Fraction | None = None
    close: list[tuple[int, Fraction, str]] = []
    for option in question["options"]:
        weight = max(Fraction(0), Fraction(str(option["weight"])) / 100)
        pattern = ".*".join(re.escape(part) for part in _plain(question, option["text"], stars=True))
        if re.fullmatch(pattern, given, re.DOTALL):
            best = weight if best is None else max(best, weight)
        close.append((_edits(given, _plain(question, option["text"])), weight, _plain(question, option["text"])))
    if best is not None:
        return best
    nearest = min((steps for steps, _, _ in close), default=99)
    allowed = [
        weight
        for steps, weight, plain in close
        if steps == nearest and ((steps <= min(1, question["typos"] or 0) and len(plain) >= 4) or (
            steps <= (question["typos"] or 0) and len(plain) >= 8))
    ]  # fmt: skip
    return max(allowed, default=Fraction(0))


def _plain(question: Json, text: str, stars: bool = False) -> Any:
    if stars:
        marked = text.replace("\\*", "\ue000")
        edges = [part.replace("\ue000", "*") for part in marked.split("*")]
        joined = "\ue001".join(edges)
        return str(_plain(question, joined)).split("\ue001")
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    plain = plain if question["case"] else plain.casefold()
    if not question["accents"]:
        apart = unicodedata.normalize("NFD", plain)
        plain = unicodedata.normalize("NFC", "".join(one for one in apart if not unicodedata.combining(one)))
    return plain


def _edits(a: str, b: str) -> int:
    grid = {(i, -1): i + 1 for i in range(-1, len(a))} | {(-1, j): j + 1 for j in range(-1, len(b))}
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            grid[i, j] = min(grid[i - 1, j] + 1, grid[i, j - 1] + 1, grid[i - 1, j - 1] + (x != y))
            if i and j and x == b[j - 1] and a[i - 1] == y:
                grid[i, j] = min(grid[i, j], grid[i - 2, j - 2] + 1)
    return grid[len(a) - 1, len(b) - 1]
