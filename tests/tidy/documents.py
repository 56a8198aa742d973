"""Pages that cannot lie: links lead somewhere, snippets equal their source, a claim names a proof that exists."""

import ast
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from textwrap import dedent

from tests.tidy.tree import Text, parse

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
SNIPPET = re.compile(
    r"^<!-- snippet: (?P<path>[^#\s]+)(?:#(?P<region>\S+))? -->\n(?:```\w*\n(?P<code>.*?)^```)?", re.M | re.S
)
ROW = re.compile(r"^\| *([MS]?\d+) *\|(.*)\|$")
STATUSES = ("shown", "part", "not yet")
FILE_REFERENCE = re.compile(r"^[\w./-]+\.(?:py|md|ts|svelte|toml|lock|json|yml|sh)(?:[#:].*)?$")


def broken_links(pages: Iterable[Text], root: Path) -> list[str]:
    """Relative links whose file, or whose heading in it, does not exist."""
    return [
        f"{page.path}: {target}"
        for page in pages
        for target in LINK.findall(FENCE.sub("", page.source))
        if not re.match(r"[a-z]+:", target) and not _leads_somewhere(target, page, root)
    ]


def _leads_somewhere(target: str, page: Text, root: Path) -> bool:
    name, _, anchor = target.partition("#")
    file = (root / page.path).parent / name if name else root / page.path
    if not file.exists():
        return False
    return not anchor or file.suffix != ".md" or anchor in anchors(file.read_text())


def anchors(markdown: str) -> set[str]:
    """The link names of a page's headings: lower case, punctuation dropped, spaces as hyphens."""
    headings = re.findall(r"^#+ +(.+)$", FENCE.sub("", markdown), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def stale_snippets(pages: Iterable[Text], root: Path) -> list[str]:
    """Code after `<!-- snippet: PATH#REGION -->` that differs from the file, or from the region of that name in it."""
    return [
        f"{page.path}: {found['path']}{'#' + found['region'] if found['region'] else ''}: {problem}"
        for page in pages
        for found in SNIPPET.finditer(page.source)
        if (problem := _snippet_problem(found, root))
    ]


def _snippet_problem(found: re.Match[str], root: Path) -> str | None:
    file = root / found["path"]
    if found["code"] is None:
        return "no code block follows"
    if not file.is_file():
        return "no such file"
    source = region(file.read_text(), found["region"])
    if source is None:
        return "no such region"
    return None if source.strip("\n") == found["code"].strip("\n") else "differs from its source"


def region(source: str, name: str | None) -> str | None:
    """The lines between `# region NAME` and `# endregion`, outdented and without marks; without a name, all."""
    marks = re.compile(r"^\s*(?:#|//|<!--) *(?:end)?region\b.*\n?", re.MULTILINE)
    if name is None:
        return marks.sub("", source)
    begin = rf"^[^\S\n]*(?:#|//|<!--) *region {re.escape(name)}\b[^\n]*\n"
    found = re.search(
        rf"{begin}(.*?)^[^\S\n]*(?:#|//|<!--) *endregion(?: +{re.escape(name)}\b|[^\S\n]*$)", source, re.M | re.S
    )
    return dedent(marks.sub("", found[1])) if found else None


def unreleased(changelog: str) -> list[str]:
    """The entries of the changelog's Unreleased section."""
    found = re.search(r"^## \[?Unreleased\]?$(.*?)(?=^## |\Z)", changelog, re.M | re.S)
    return re.findall(r"^- .+", found[1], re.MULTILINE) if found else []


def make_targets(makefile: str) -> set[str]:
    return set(re.findall(r"^([a-z][\w-]*):", makefile, re.MULTILINE))


def unknown_targets(pages: Iterable[Text], targets: Collection[str]) -> list[str]:
    """`make` commands in the pages that the Makefile does not have."""
    return [
        f"{page.path}: make {name}"
        for page in pages
        for name in re.findall(r"(?:`|^\$? ?)make ([a-z][\w-]*)", page.source, re.MULTILINE)
        if name not in targets
    ]


def missing_programs(makefile: str, root: Path) -> list[str]:
    """Modules and scripts that a recipe starts and nobody wrote."""
    names = re.findall(r"python -m (bench[\w.]*)", makefile)
    files = [root / name.replace(".", "/") for name in names]
    return [name for name, file in zip(names, files, strict=True) if not _is_program(file)]


def _is_program(file: Path) -> bool:
    return file.with_suffix(".py").is_file() or (file / "__main__.py").is_file()


def requirement_rows(table: str) -> Iterator[tuple[str, str, str, str]]:
    """(number, restatement, status, what shows it) of each row."""
    for line in table.splitlines():
        if found := ROW.match(line):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", found[2])]
            yield found[1], *[*cells, "", "", ""][:3]


def requirement_faults(table: str, root: Path, numbers: Iterable[str]) -> list[str]:
    """What is wrong with the table: numbers absent or twice, unknown statuses, claims without proof, proofs that are
    not there."""
    rows = list(requirement_rows(table))
    told, wanted = Counter(number for number, *_ in rows), list(numbers)
    faults = [f"{number} stands {told[number]} times" for number in wanted if told[number] != 1]
    faults += [f"{number} is not a requirement" for number in told if number not in wanted]
    return faults + [f"{number}: {fault}" for number, *cells in rows for fault in _row_faults(*cells, root=root)]


def _row_faults(restatement: str, status: str, evidence: str, *, root: Path) -> Iterator[str]:
    if not restatement or not evidence:
        yield "an empty cell"
    if status not in STATUSES:
        yield f"status {status!r} is none of {', '.join(STATUSES)}"
    named = [word for word in re.findall(r"`([^`]+)`", evidence) if _is_reference(word)]
    if status != "not yet" and not named:
        yield "names nothing that shows it"
    yield from (f"{word} does not exist" for word in named if not exists(word, root))


def _is_reference(word: str) -> bool:
    return word.startswith("make ") or bool(FILE_REFERENCE.match(word))


def exists(reference: str, root: Path) -> bool:
    """Whether a file, `file::test`, `page.md#heading` or `make target` is there."""
    if reference.startswith("make "):
        return reference.split()[1] in make_targets((root / "Makefile").read_text())
    name, _, test = reference.partition("::")
    name, _, anchor = name.partition("#")
    file = root / name
    if not file.is_file():
        return False
    if anchor:
        return anchor in anchors(file.read_text())
    return not test or test.split("[")[0].split("::")[-1] in names_of_tests(file.read_text())


def names_of_tests(source: str) -> set[str]:
    nodes = ast.walk(parse(source))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
