"""HTTP for the host's pages: the programme with its questions, reports, and what a big screen shows for joining."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Body, Request, Response

from gamekeeper import HOST, SPECTATOR, ErrorCode, Rejected, Seat
from gamekeeper_apps.quiz.messages import EditSegment
from gamekeeper_apps.quiz.report import given, report, way
from gamekeeper_apps.quiz.state import Room


def desk_routes(router: APIRouter, server: Any) -> None:
    """Add them to the application's router."""
    _programme(router, server)
    _reports(router, server)

    @router.get("/rooms/{room}/invitation")
    async def invitation(
        room: str, request: Request, member: Annotated[Any, server.member(HOST, SPECTATOR)]
    ) -> dict[str, str | None]:
        """What a big screen shows for joining: `{code, join_url, qr_svg}`; None once the room is closed."""
        told: dict[str, str | None] = await server.invitation(request, room)
        return told


def _programme(router: APIRouter, server: Any) -> None:
    @router.get("/rooms/{room}/segments")
    async def segments(room: str, member: Annotated[Any, server.member(HOST)]) -> Response:
        """Every segment with its questions and keys."""
        return _json((await _keyed(server, room)).segments)

    @router.put("/rooms/{room}/segments/{segment}")
    async def edit_segment(
        room: str,
        segment: int,
        member: Annotated[Any, server.member(HOST, rate="write")],
        body: Annotated[dict[str, Any], Body()],
    ) -> dict[str, str]:
        """`{title, questions, preset?, limit_s?, points?}`: all of a segment that has not begun, as it shall be."""
        try:
            command = msgspec.convert(body | {"segment": segment}, type=EditSegment)
        except msgspec.ValidationError as error:
            raise Rejected(ErrorCode.BAD_REQUEST, str(error)[:200], field="questions") from error
        await server.ask(room, command, seat=member.seat, role=HOST, user=member.user)
        return {"status": "edited"}


def _reports(router: APIRouter, server: Any) -> None:
    @router.get("/rooms/{room}/report")
    async def whole(room: str, member: Annotated[Any, server.member(HOST)]) -> Response:
        """Scores and boards, and every question with its counts, fraction right and times."""
        return _json(report(await _keyed(server, room)))

    @router.get("/rooms/{room}/answers/{ask}")
    async def answers(room: str, ask: int, member: Annotated[Any, server.member(HOST)]) -> Response:
        """What everybody answered to one question that is closed, and the grades given by hand."""
        state = await _keyed(server, room)
        found = state.ask if state.ask is not None and state.ask.id == ask else state.asks.get(ask)
        if found is None or found.closed is None:
            raise Rejected(ErrorCode.NOT_FOUND, "there is no such closed question", field="ask")
        return _json(given(state, found))

    @router.get("/rooms/{room}/report/{player}")
    async def one(room: str, player: int, member: Annotated[Any, server.member(HOST)]) -> Response:
        """One player's answers and what they were worth."""
        state = await _keyed(server, room)
        if player not in state.players:
            raise Rejected(ErrorCode.NOT_FOUND, "there is no such player", field="player")
        return _json(way(state, Seat(player)))


async def _keyed(server: Any, room: str) -> Room:
    """The state with its keys. A host who plays sees none of them before the end."""
    state: Room = await server.state(room)
    if state.settings.host_plays and state.phase != "ended":
        raise Rejected("wrong_phase", "keys are told when the gathering has ended")
    return state


def _json(value: Any) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(msgspec.json.encode(value), media_type="application/json", headers=headers)
