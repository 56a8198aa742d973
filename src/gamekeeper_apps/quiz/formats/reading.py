"""One file in, questions and problems out, whatever its format."""

import csv
import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from gamekeeper_apps.quiz.formats import aiken, gift, moodle_xml, opentdb, own, qti, sheet, tabular
from gamekeeper_apps.quiz.formats.found import Found, Refused, listed
from gamekeeper_apps.quiz.formats.packed import MAX_FILE, Package
from gamekeeper_apps.quiz.formats.xml import Element, parse

FORMATS = ("auto", "gift", "aiken", "moodle-xml", "qti", "kahoot-xlsx", "opentdb", "csv", "json")
MANIFEST = "imsmanifest.xml"
Beside = Callable[[str], bytes | None]
"""Opens a file that belongs to the one that is read, by its path from there."""


def read_file(path: Path, format_: str = "auto") -> tuple[Found, bool]:
    """What a file holds, and whether it could be read at all. Never raises for what is in the file."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except OSError as error:
        return refused(path.name, Refused("error-not-readable", error.strerror or "cannot be read")), False
    return read_data(data, path.name, format_, _folder(path.parent))


def read_data(data: bytes, name: str, format_: str, beside: Beside) -> tuple[Found, bool]:
    """What a file's bytes hold, and whether they could be read. A file that is refused gives no question."""
    found = Found(name)
    try:
        read(data, format_, found, beside)
    except RecursionError:
        return refused(name, Refused("error-too-large", "too deeply nested")), False
    except Refused as error:
        return refused(name, error), False
    return found, True


def refused(name: str, error: Refused) -> Found:
    """Nothing but the reason."""
    found = Found(name)
    found.problem(error.code, error.words, error.line)
    return found


def alone(_: str) -> None:
    """A file that nothing belongs to."""


def _folder(folder: Path) -> Beside:
    """Files in or below a folder; links do not lead out of it."""

    def beside(path: str) -> bytes | None:
        try:
            whole = (folder / path).resolve()
            if not whole.is_relative_to(folder.resolve()) or not whole.is_file() or whole.stat().st_size > MAX_FILE:
                return None
            return whole.read_bytes()
        except (OSError, ValueError):
            return None

    return beside


def read(data: bytes, format_: str, found: Found, beside: Beside = alone) -> None:
    """Read one file's bytes. Raises `Refused`."""
    if len(data) > MAX_FILE:
        raise Refused("error-too-large", "more than 20 MiB")
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        _zipped(Package(data), format_, found)
    elif format_ == "kahoot-xlsx":
        raise Refused("error-not-readable", "no XLSX workbook")
    elif format_ in ("moodle-xml", "qti") or (format_ == "auto" and _is_xml(data)):
        _xml(parse(data), format_, found, beside)
    else:
        _text(_decoded(data, found), format_, found)


def _is_xml(data: bytes) -> bool:
    """Whether a file is XML: it says so, or its first element is one of ours. GIFT may begin with a tag too."""
    head = data[:65_536].removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    head = head.replace(b"\0", b"").lstrip()
    if re.match(rb"<\?xml\s|<!DOCTYPE\s", head, re.I):
        return True
    root = re.match(rb"(?:<!--.*?-->\s*|<\?.*?\?>\s*)*<([\w:.-]+)[\s>/]", head, re.S)
    if root is None:
        return False
    name = root[1].decode("latin-1").rpartition(":")[2]
    return name == "quiz" or qti.simple(name) in qti.ROOTS or not re.search(rb"(?<!\\)\{|^\s*ANSWER:", data, re.M)


def _zipped(package: Package, format_: str, found: Found) -> None:
    if "xl/workbook.xml" in package.names and format_ in ("auto", "kahoot-xlsx", "csv"):
        pages = [page for page in sheet.sheets(package) if page]
        named = [page for page in pages if tabular.header(page)]
        tabular.read((named or pages or [[]])[0], found, kahoot=True)
    elif MANIFEST in package.names and format_ in ("auto", "qti"):

        def beside(path: str) -> bytes | None:
            return package.read(path) if path in package.names else None

        qti.read(parse(package.read(MANIFEST)), found, beside, f"{found.file}!")
    else:
        raise Refused("error-not-readable", "a zip with neither a workbook nor a manifest")


def _xml(root: Element, format_: str, found: Found, beside: Beside) -> None:
    if root.name == "quiz" and format_ in ("auto", "moodle-xml"):
        moodle_xml.read(root, found)
    elif (name := qti.simple(root.name)) in qti.ROOTS and format_ in ("auto", "qti"):
        # What stands beside a manifest of another name need not be what it means.
        loose = name == "manifest" and found.file != MANIFEST
        qti.read(root, found, alone if loose else beside, "")
    else:
        raise Refused("error-not-readable", f"the root element {root.name[:40]!r} is no quiz", root.line)


def _decoded(data: bytes, found: Found) -> str:
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
        found.problem("warn-encoding", "read as Windows-1252", None)
    if "\0" in text:
        raise Refused("error-not-readable", "neither a text nor a package")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _text(text: str, format_: str, found: Found) -> None:
    if format_ == "auto":
        format_ = _guessed(text)
    if format_ in ("json", "opentdb"):
        _json(text, format_, found)
    elif format_ == "aiken":
        aiken.read(text, found)
    elif format_ == "gift":
        gift.read(text, found)
    else:
        try:
            tabular.read(tabular.delimited(text), found, kahoot=False)
        except csv.Error as error:
            raise Refused("error-not-readable", str(error)[:100]) from None


def _guessed(text: str) -> str:
    if text.lstrip()[:1] in ("{", "["):
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            if re.match(r'\s*(\{\s*"|\[\s*[\[{])', text):
                return "json"
        else:
            return "json"
    if re.search(r"^\s*ANSWER:", text, re.M) and re.search(r"^\s*A[).]", text, re.M):
        return "aiken"
    return "gift" if re.search(r"(?<!\\)\{|^\s*\$CATEGORY:", text, re.M) else "csv"


def _json(text: str, format_: str, found: Found) -> None:
    try:
        document: Any = _sound(json.loads(text, parse_constant=_no_number, parse_float=_finite))
    except (ValueError, RecursionError) as error:
        raise Refused("error-not-readable", f"no JSON: {error}"[:120], getattr(error, "lineno", None)) from None
    whole = cast("dict[str, Any]", document) if isinstance(document, dict) else {}
    if format_ == "opentdb" or {"results", "response_code"} <= set(whole):
        opentdb.read(whole, found)
    else:
        own.read(document, found)


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _finite(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else cast("float", _no_number(text[:40]))


def _sound(value: Any) -> Any:
    """The value without halves of surrogate pairs, which no encoding can write."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode() if re.search("[\ud800-\udfff]", value) else value
    if isinstance(value, list):
        return [_sound(one) for one in listed(value)]
    if isinstance(value, dict):
        return {_sound(name): _sound(one) for name, one in cast("dict[str, Any]", value).items()}
    return value
