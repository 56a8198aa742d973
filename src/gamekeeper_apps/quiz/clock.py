"""How long an answer took, judged fairly: the server's own clock, at most 250 ms in favour of a slow line."""

from datetime import datetime, timedelta
from math import isfinite

from gamekeeper import Frozen
from gamekeeper_apps.quiz.settings import TimeFactor
from gamekeeper_apps.quiz.state import Ask

MAX_CREDIT_MS = 250
GRACE = timedelta(milliseconds=MAX_CREDIT_MS)
PACE: dict[TimeFactor, tuple[int, int]] = {"1": (1, 1), "1.5": (3, 2), "2": (2, 1), "off": (1, 1)}
"""Time factors as fractions."""
MICROSECOND = timedelta(microseconds=1)
MILLISECOND_US = 1_000


class Taken(Frozen):
    """`raw_ms` since the opening; `credited_ms`: what scoring uses, at the pace of the seat."""

    raw_ms: int
    credited_ms: int
    credit_ms: int


def credit_ms(rtt_ms: float | None) -> int:
    """How much of a round trip is believed. 0 when it is not known."""
    return 0 if rtt_ms is None else max(0, min(int(rtt_ms), MAX_CREDIT_MS))


def taken(ask: Ask, factor: TimeFactor, received: datetime, rtt_ms: float | None, elapsed_ms: float | None) -> Taken:
    """The credited time of an answer that was accepted.

    t = min(T', clamp(elapsed, server - credit, server)), at least 0; without `elapsed` the server's own. T' = T times
    the factor, and t is divided by the factor; `off`: min(t, T / 2). After `reopen` it is T.
    """
    server = ((received - ask.opens_at) // MICROSECOND - ask.paused_us) // MILLISECOND_US
    credit = credit_ms(rtt_ms)
    own = server
    if elapsed_ms is not None and isfinite(elapsed_ms):
        own = min(max(int(min(max(elapsed_ms, 0.0), 1e12)), server - credit), server)
    time = max(0, min(own, longest_ms(ask, factor)))
    if ask.reopened:
        time = ask.limit_ms
    elif factor == "off":
        time = min(time, ask.limit_ms // 2)
    else:
        over, under = PACE[factor]
        time = time * under // over
    return Taken(server, time, credit)


def longest_ms(ask: Ask, factor: TimeFactor) -> int:
    """T' of a seat."""
    over, under = PACE[factor]
    return ask.limit_ms * over // under


def closes_at(ask: Ask, factor: TimeFactor) -> datetime | None:
    """When the ask closes for a seat; None: when it is closed."""
    if ask.closed is not None:
        return ask.closed_at if ask.closed != "time" else _own_end(ask, factor) or ask.closed_at
    if ask.closes_at is None or factor == "off":
        return None
    return _own_end(ask, factor)


def _own_end(ask: Ask, factor: TimeFactor) -> datetime | None:
    if ask.closes_at is None or factor == "off":
        return None
    return ask.closes_at + timedelta(milliseconds=longest_ms(ask, factor) - ask.limit_ms)
