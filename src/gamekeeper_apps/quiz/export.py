"""A played room to take away: JSON with everything, CSV with one row per answer, XLSX for people."""

import csv
import io
from typing import Any, Literal

from gamekeeper import Record
from gamekeeper_apps.quiz.chronicle import COLUMNS, Chronicle, as_json, chronicle, raw_rows, stamp, words
from gamekeeper_apps.quiz.items import item_statistics
from gamekeeper_apps.quiz.state import Ask, Player
from gamekeeper_apps.quiz.totals import MILLION, segment_total, total

Form = Literal["xlsx", "csv", "json"]
MEDIA: dict[str, str] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
FORMULA = ("=", "+", "-", "@", "\t", "\r")
MAX_CELL = 32_000


def export(room: str, records: list[Record], form: Form) -> bytes:
    """The room in one of the forms."""
    told = chronicle(room, records)
    match form:
        case "json":
            return as_json(told)
        case "csv":
            return as_csv(told).encode()
        case _:
            return as_xlsx(told)


def harmless(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe; numbers stay numbers."""
    if isinstance(value, str) and value.startswith(FORMULA):
        return "'" + value
    return value


def as_csv(told: Chronicle) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in raw_rows(told):
        writer.writerow([_plain(harmless(row[column])) for column in COLUMNS])
    return text.getvalue()


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else value


class Sheets:
    """A workbook whose texts can never be formulas."""

    def __init__(self) -> None:
        import xlsxwriter  # heavy, and of no use to a server until somebody exports

        self._file = io.BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book: Any = xlsxwriter.Workbook(self._file, options)
        self._quoted: Any = self._book.add_format({"quote_prefix": True})
        self._bold: Any = self._book.add_format({"bold": True})

    def add(self, title: str, rows: list[list[Any]], header: int = 0) -> None:
        """A sheet; row `header` is bold."""
        sheet: Any = self._book.add_worksheet(title)
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                self._write(sheet, at, column, value, at == header)

    def _write(self, sheet: Any, at: int, column: int, value: Any, bold: bool) -> None:
        if value is None:
            return
        if isinstance(value, bool):
            sheet.write_boolean(at, column, value)
        elif isinstance(value, (int, float)):
            sheet.write_number(at, column, value)
        else:
            text = str(value)[:MAX_CELL]
            sheet.write_string(
                at, column, text, self._quoted if text.startswith(FORMULA) else self._bold if bold else None
            )

    def save(self) -> bytes:
        self._book.close()
        return self._file.getvalue()


def as_xlsx(told: Chronicle) -> bytes:
    """Overview, Final scores, a sheet per ask, Raw."""
    sheets = Sheets()
    sheets.add("Overview", _overview(told), header=-1)
    sheets.add("Final scores", _scores(told))
    for number in sorted(told.state.asks):
        sheets.add(f"Q{number:02d}", _question(told, told.state.asks[number]), header=-1)
    sheets.add("Raw", [list(COLUMNS), *([row[column] for column in COLUMNS] for row in raw_rows(told))])
    return sheets.save()


def _overview(told: Chronicle) -> list[list[Any]]:
    state = told.state
    counted = [one.mean_f for one in state.asks.values() if one.mean_f is not None and not one.void]
    rows: list[list[Any]] = [
        ["Title", state.title],
        ["Room", told.room],
        ["Date", stamp(state.created_at)],
        ["Host", told.host],
        ["Players", state.entered],
        ["Questions asked", len(state.asks)],
        ["% right", round(100 * sum(counted) / len(counted), 1) if counted else None],
    ]
    settings = state.settings
    return rows + [[name, str(getattr(settings, name))] for name in settings.__struct_fields__]


def _scores(told: Chronicle) -> list[list[Any]]:
    state = told.state
    segments = [segment.number for segment in state.segments]
    header = [
        "Rank",
        "Player",
        "Custom id",
        "Score",
        "Right",
        "Part",
        "Wrong",
        "Unanswered",
        "Mean time ms",
        "Joined at question",
    ]
    rows: list[list[Any]] = [header + [f"Segment {number}" for number in segments]]
    for seat in state.ranking:
        one = state.players[seat]
        own = [segment_total(state, one, number) for number in segments]
        rows.append([one.rank, one.name, one.custom_id, total(state, one), *_tally(told, one), one.late_from, *own])
    return rows


def _tally(told: Chronicle, one: Player) -> list[Any]:
    """Right, part, wrong, unanswered, mean time."""
    results = [(number, one.results[number]) for number in one.results if not told.state.asks[number].void]
    given = [result for number, result in results if number in one.answers]
    right = sum(result.f == MILLION for result in given)
    part = sum(0 < result.f < MILLION for result in given)
    times = [result.credited_ms for result in given if result.credited_ms is not None]
    mean = round(sum(times) / len(times)) if times else None
    return [right, part, len(given) - right - part, len(results) - len(given), mean]


def _question(told: Chronicle, ask: Ask) -> list[list[Any]]:
    question = ask.question
    answered = [(key, event) for key, event in sorted(told.answers.items()) if key[0] == ask.id]
    rows: list[list[Any]] = [["Question", question.text], ["Type", question.type], ["Void", ask.void]]
    rows += [["% right", round(100 * ask.mean_f, 1) if ask.mean_f is not None else None]]
    item = next((one for one in item_statistics(told.state) if one.ask == ask.id), None)
    if item is not None:
        rows += [["Answered", item.answered], ["Unanswered", item.unanswered]]
        rows += [["Discrimination", item.discrimination], ["Answers by tenths of the time", *item.times]]
    rows.append([])
    rows.append(["Option", "Count", "%"])
    for oid, count in ask.counts.items():
        rows.append([words(ask, oid), count, round(100 * count / len(answered), 1) if answered else 0])
    rows += [[], ["Player", "Answer", "f", "Points", "ms"]]
    for (_, _), event in answered:
        one = told.state.players[event.player]
        result = one.results.get(ask.id)
        worth = [result.f / MILLION, result.points + result.bonus] if result else [None, None]
        rows.append([one.name, words(ask, event.value), *worth, event.credited_ms])
    return rows
