"""The cells of an XLSX workbook's sheets as text. Formulas are never computed."""

import posixpath
import re
from decimal import Decimal, InvalidOperation

from gamekeeper_apps.quiz.formats.found import Refused, shortest
from gamekeeper_apps.quiz.formats.packed import Package
from gamekeeper_apps.quiz.formats.xml import Element, parse

MAX_COLUMNS = 200
MAX_ROWS = 20_000


def sheets(package: Package) -> list[list[tuple[int, list[str]]]]:
    """Each sheet's filled rows with their numbers. Raises `Refused`."""
    shared: list[str] = []
    if "xl/sharedStrings.xml" in package.names:
        shared = [_string(one) for one in parse(package.read("xl/sharedStrings.xml")).elements("si")]
    links: dict[str, str] = {}
    if "xl/_rels/workbook.xml.rels" in package.names:
        for link in parse(package.read("xl/_rels/workbook.xml.rels")).elements("Relationship"):
            target = link.get("Target")
            links[link.get("Id")] = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
    paths = [links.get(one.get("id"), "") for one in parse(package.read("xl/workbook.xml")).all("sheet")]
    return [_rows(parse(package.read(path)), shared) for path in paths if path in package.names]


def _string(part: Element) -> str:
    """A string's runs, without its phonetic guides."""
    runs = [one for child in part.elements("t", "r") for one in ([child] if child.name == "t" else child.elements("t"))]
    return "".join(run.text() for run in runs)


def _rows(root: Element, shared: list[str]) -> list[tuple[int, list[str]]]:
    rows: list[tuple[int, list[str]]] = []
    for at, row in enumerate(root.all("row"), 1):
        if at > MAX_ROWS:
            raise Refused("error-too-large", f"more than {MAX_ROWS} rows")
        cells: list[str] = []
        for cell in row.elements("c"):
            column = _column(cell.get("r"), len(cells))
            if column >= MAX_COLUMNS:
                break
            cells += [""] * (column + 1 - len(cells))
            cells[column] = _value(cell, shared).strip()
        number = row.get("r")
        if any(cells):
            rows.append((int(number) if re.fullmatch(r"\d{1,7}", number, re.ASCII) else at, cells))
    return rows


def _column(reference: str, usual: int) -> int:
    letters = re.match("[A-Z]{1,3}", reference)
    if not letters:
        return usual
    number = 0
    for letter in letters[0]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _value(cell: Element, shared: list[str]) -> str:
    kind, value = cell.get("t"), cell.first("v")
    if kind == "inlineStr":
        inside = cell.first("is")
        return "" if inside is None else _string(inside)
    text = "" if value is None else value.text()
    if kind == "s":
        return shared[int(text)] if re.fullmatch(r"\d{1,7}", text, re.ASCII) and int(text) < len(shared) else ""
    if kind == "b":
        return "True" if text == "1" else "False"
    if kind in ("", "n") and re.fullmatch(r"-?\d{1,18}(\.\d{1,20})?([eE][+-]?\d{1,2})?", text, re.ASCII):
        try:
            return str(shortest(Decimal(text)))
        except InvalidOperation:
            return text
    return text
