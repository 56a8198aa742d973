"""HTTP under /api/chsh: exports, run details, replays, power."""

from functools import cache
from math import exp
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query, Response

from gamekeeper import HOST, SPECTATOR, ErrorCode, Rejected
from gamekeeper_apps.chsh.cells import MODES
from gamekeeper_apps.chsh.chronicle import Chronicle, chronicle
from gamekeeper_apps.chsh.dashboard import summaries
from gamekeeper_apps.chsh.details import pair_detail, replay_of
from gamekeeper_apps.chsh.export import MEDIA, export
from gamekeeper_apps.chsh.statistics.binomial import log_tail
from gamekeeper_apps.chsh.statistics.evidence import critical_wins
from gamekeeper_apps.chsh.statistics.research import rounds_needed

PAGE = 10_000
MAX_POWER_ROUNDS = 100_000


def routes(server: Any) -> APIRouter:
    """What the host's pages ask for beside the live view."""
    router = APIRouter(tags=["chsh"])

    async def told(room: str) -> Chronicle:
        return chronicle(room, await _all_records(server, room))

    @router.get("/rooms/{room}/export")
    async def take_away(
        room: str,
        member: Annotated[Any, server.member(HOST)],
        form: Annotated[Literal["rounds-csv", "answers-csv", "jsonl", "report"], Query(alias="format")] = "rounds-csv",
    ) -> Response:
        media, suffix = MEDIA[form]
        text = export(room, await _all_records(server, room), form)
        headers = {"Content-Disposition": f'attachment; filename="bell-{form}.{suffix}"', "Cache-Control": "no-store"}
        return Response(text.encode(), media_type=media, headers=headers)

    @router.get("/rooms/{room}/runs")
    async def runs(room: str, member: Annotated[Any, server.member(HOST, SPECTATOR)]) -> Response:
        return _json(summaries((await told(room)).state))

    @router.get("/rooms/{room}/runs/{run}/replay")
    async def replay(room: str, run: int, member: Annotated[Any, server.member(HOST, SPECTATOR)]) -> Response:
        log = await told(room)
        found = replay_of(log, run, named=member.role is HOST or log.state.policy.show_names)
        if found is None:
            raise Rejected(ErrorCode.NOT_FOUND, "there is no such run")
        return _json(found)

    @router.get("/rooms/{room}/runs/{run}/pairs/{pair}")
    async def pair(room: str, run: int, pair: str, member: Annotated[Any, server.member(HOST)]) -> Response:
        found = pair_detail(await told(room), run, pair)
        if found is None:
            raise Rejected(ErrorCode.NOT_FOUND, "there is no such pair in this run")
        return _json(found)

    @router.get("/power")
    async def power(
        who: Annotated[Any, server.anyone()],
        rounds: Annotated[int, Query(ge=1, le=MAX_POWER_ROUNDS)],
        mode: Annotated[str, Query()] = "chsh",
        visibility: Annotated[float, Query(ge=0, le=1)] = 1.0,
    ) -> Any:
        return {"rounds": rounds, "levels": levels(rounds, mode, visibility), "planned": planned()}

    return router


def levels(rounds: int, mode: str, visibility: float) -> dict[str, Any]:
    """Per significance level: the wins it takes, and how likely the ideal device reaches them."""
    ideal = MODES[mode].quantum if mode in MODES and mode != "symmetric" else MODES["chsh"].quantum
    rate = 0.5 + (ideal - 0.5) * visibility
    found: dict[str, Any] = {}
    for alpha in (0.05, 0.01, 0.001):
        wins = critical_wins(rounds, alpha)
        reachable = wins <= rounds
        found[str(alpha)] = {
            "wins_needed": wins if reachable else None,
            "power": exp(log_tail(rounds, wins, rate)) if reachable else 0.0,
        }
    return found


def _json(value: Any) -> Response:
    """Views are msgspec structs, which the framework's own encoder writes."""
    return Response(msgspec.json.encode(value), media_type="application/json")


@cache
def planned() -> dict[str, list[int]]:
    """Per significance level: the rounds to plan for 80, 90 and 95 % power with the ideal device."""
    return {str(alpha): [rounds_needed(alpha, power)[0] for power in (0.8, 0.9, 0.95)] for alpha in (0.05, 0.01, 0.001)}


async def _all_records(server: Any, room: str) -> list[Any]:
    """The whole log of a room, page by page."""
    found: list[Any] = []
    while page := await server.records(room, found[-1].seq if found else 0, PAGE):
        found += page
    return found
