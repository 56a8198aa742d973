"""CSV as people have it: byte order marks, comments, blank lines; and cells that a spreadsheet must not execute."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
MAX_FILE_BYTES = 512 * 1024 * 1024
MAX_DIGITS = 18
MAX_SHOWN = 40


class BadTable(Exception):
    """A file that cannot be read: its name, the line (0: the file as a whole) and the reason."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}: {reason}" if line == 0 else f"{file}, line {line}: {reason}")
        self.file = file
        self.line = line
        self.reason = reason


@dataclass(frozen=True)
class Row:
    """One data row: its line in the file and its cells by column name, trimmed."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """A header and the rows below it."""

    file: str
    header_line: int
    header: tuple[str, ...]
    rows: list[Row]

    def bad(self, line: int, reason: str) -> BadTable:
        return BadTable(self.file, line, reason)

    def require(self, names: Iterable[str]) -> None:
        """Raises `BadTable` naming the columns that are missing."""
        missing = [name for name in names if name not in self.header]
        if missing:
            raise self.bad(self.header_line, f"missing column{'s' * (len(missing) > 1)} {', '.join(missing)}")


def read_table(path: Path) -> Table:
    """UTF-8, commas, LF or CRLF, header names in any order, `#` lines and blank lines skipped. Raises `BadTable`."""
    return parse_table(_read(path), str(path))


def parse_table(text: str, name: str) -> Table:
    """The same from text; `name` stands for the file in errors."""
    reader = csv.reader(_without_comments(text), strict=True)
    rows: list[Row] = []
    header: tuple[str, ...] = ()
    header_line = 0
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            trimmed = [cell.strip() for cell in cells]
            if not header:
                header, header_line = tuple(trimmed), reader.line_num
                _check_header(name, header, header_line)
            elif len(trimmed) != len(header):
                raise BadTable(name, reader.line_num, f"{len(trimmed)} cells, but the header has {len(header)}")
            else:
                rows.append(Row(reader.line_num, dict(zip(header, trimmed, strict=True))))
    except csv.Error as error:
        raise BadTable(name, reader.line_num, f"not CSV: {error}") from error
    if not header:
        raise BadTable(name, 0, "the file is empty: there is no header")
    return Table(name, header_line, header, rows)


def _without_comments(text: str) -> Iterator[str]:
    """The lines, those that begin with # left empty, unless they are inside a quoted cell."""
    quoted = False
    for line in io.StringIO(text, newline=""):
        if not quoted and line.lstrip().startswith("#"):
            yield "\n"
        else:
            quoted ^= line.count('"') % 2 == 1
            yield line


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise BadTable(str(path), 0, f"larger than {MAX_FILE_BYTES} bytes")
        raw = path.read_bytes()
    except OSError as error:
        raise BadTable(str(path), 0, error.strerror or str(error)) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadTable(str(path), raw.count(b"\n", 0, error.start) + 1, "not UTF-8") from error


def _check_header(name: str, header: Sequence[str], line: int) -> None:
    twice = sorted({column for column in header if header.count(column) > 1})
    if twice:
        raise BadTable(name, line, f"column {twice[0]!r} stands there twice")


def whole(text: str) -> int | None:
    """The number that plain digits write; None: they do not, or there are more than 18."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else None


def shown(text: str) -> str:
    """A cell as an error quotes it."""
    return repr(text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…")


def guard(text: str) -> str:
    """A free-text cell that no spreadsheet takes for a formula, and that `unguard` can tell from one that was never
    guarded."""
    return "'" + text if text.lstrip("'").startswith(DANGEROUS) else text


def unguard(text: str) -> str:
    """The text that was guarded."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(DANGEROUS) else text


def write_rows(
    columns: Sequence[str], rows: Iterable[Mapping[str, object]], free_text: frozenset[str]
) -> Iterator[str]:
    """RFC 4180 lines: None is empty, a truth value 1 or 0, free text guarded."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(column), column in free_text) for column in columns])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _cell(value: object, free_text: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return guard(str(value)) if free_text else str(value)
