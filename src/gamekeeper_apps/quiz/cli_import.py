"""`gamekeeper quiz import FILE... [--format F] [-o QUIZ.json] [--json]`."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from gamekeeper_apps.quiz.formats.apart import file_apart
from gamekeeper_apps.quiz.formats.found import Found, Item
from gamekeeper_apps.quiz.formats.own import written
from gamekeeper_apps.quiz.formats.reading import FORMATS

UNREADABLE = 2
NOTHING = 3


def import_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files with questions.")],
    format_: Annotated[str, typer.Option("--format", help=", ".join(FORMATS))] = "auto",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write a quiz file.")] = None,
    one_line: Annotated[bool, typer.Option("--json", help="Print on one line.")] = False,
) -> None:
    """Print the questions of files of other systems as JSON, with a reason for everything left out.

    Exit status 0: at least one question; 3: none; 2: a file could not be read.
    """
    if format_ not in FORMATS:
        sys.stderr.write(f"no format {format_!r}\n")
        raise typer.Exit(UNREADABLE)
    read = [file_apart(path, format_) for path in files]
    readable = all(could for _, could in read)
    report = report_of([found for found, _ in read])
    questions = report["questions"]
    sys.stdout.write(json.dumps(report, ensure_ascii=True, indent=None if one_line else 2) + "\n")
    if output is not None and questions:
        try:
            output.write_bytes(written(report))
        except OSError as error:
            sys.stderr.write(f"cannot write {output}: {error.strerror}\n")
            raise typer.Exit(UNREADABLE) from None
    if not readable or not questions:
        raise typer.Exit(UNREADABLE if not readable else NOTHING)


def report_of(files: list[Found]) -> Item:
    """`{questions, problems, counts}` of what was found in files."""
    questions = [question for found in files for question in found.questions]
    problems = [problem for found in files for problem in found.problems]
    skipped = sum(problem["reason"].startswith("skip-") for problem in problems)
    return {
        "questions": questions,
        "problems": problems,
        "counts": {"questions": len(questions), "skipped": skipped},
    }
