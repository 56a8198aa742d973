"""`gamekeeper quiz score --preset P --limit S --at S1,S2,... [--points P]`."""

import re
import sys
from decimal import Decimal
from typing import Annotated, NoReturn, cast, get_args

import typer

from gamekeeper_apps.quiz.scoring import points as points_at
from gamekeeper_apps.quiz.settings import MAX_LIMIT_S, MAX_POINTS, Preset

WRONG = 2


def score(
    preset: Annotated[str, typer.Option(help=", ".join(get_args(Preset)))],
    limit: Annotated[str, typer.Option(help="Time limit in seconds.")],
    at: Annotated[str, typer.Option(help="Answer times in seconds, separated by commas.")],
    points: Annotated[int, typer.Option(help="Of the question.")] = 1_000,
) -> None:
    """Print what a right answer is worth at each time, one integer a line. Exit status 2: bad arguments.

    What is finer than a millisecond is cut off, but past the limit is past the limit.
    """
    try:
        limit_s, times_s = seconds(limit), [seconds(one) for one in at.split(",")]
    except ValueError as error:
        _refuse(str(error))
    if preset not in get_args(Preset):
        _refuse(f"no preset {preset!r}")
    limit_ms = int(limit_s * 1000)
    if not limit_ms > 0 or not limit_s <= Decimal(MAX_LIMIT_S) or not 0 <= points <= MAX_POINTS:
        _refuse(f"up to {MAX_LIMIT_S:g} seconds and {MAX_POINTS} points")
    for time_s in times_s:
        time_ms = int(time_s * 1000) if time_s <= limit_s else limit_ms + 1
        worth = points_at(cast("Preset", preset), limit_ms, time_ms, points)
        sys.stdout.write(f"{worth}\n")


def seconds(text: str) -> Decimal:
    """Seconds as written. Raises `ValueError`."""
    if not re.fullmatch(r"\s*(\d{1,9}(\.\d{0,9})?|\.\d{1,9})\s*", text, re.ASCII):
        raise ValueError(f"{text[:40]!r} is no time in seconds")
    return Decimal(text.strip())


def _refuse(reason: str) -> NoReturn:
    sys.stderr.write(reason + "\n")
    raise typer.Exit(WRONG)
