"""Rooms: open, find, join, leave, close. What is played in them goes over the socket."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from gamekeeper.app import App
from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.core.names import clean_name
from gamekeeper.core.record import MICROSECONDS
from gamekeeper.core.seats import HOST, PLAYER, SPECTATOR, Role, Seat
from gamekeeper.room.governance import LeaveRoom
from gamekeeper.server.access import Access, Reader, Writer, address, anyone, server_of
from gamekeeper.server.addresses import player_url
from gamekeeper.server.auth.identity import Identity
from gamekeeper.server.directory import Invitation, Listing, clean_room_name
from gamekeeper.server.http.schema import (
    AppAnswer,
    CloseBody,
    InvitationAnswer,
    JoinBody,
    OpenRoomBody,
    RoomAnswer,
    SeatAnswer,
    StatusAnswer,
    TimeAnswer,
)
from gamekeeper.server.limits import site
from gamekeeper.server.qr import qr_svg
from gamekeeper.server.server import Server
from gamekeeper.wire.schema import game_schema

router = APIRouter(tags=["rooms"])

Bearer = Annotated[Identity, Depends(Access("user", "guest"))]
"""Signed in, counted by address: who holds a code. Few addresses may try many codes, but a whole hall shares one."""


@router.get("/apps", dependencies=[anyone("read")])
async def apps(request: Request) -> list[AppAnswer]:
    """The applications of this server."""
    return [_app_answer(app) for app in server_of(request).apps.values()]


@router.get("/api/schema/{app}", dependencies=[anyone("read")])
async def schema(request: Request, app: str) -> dict[str, Any]:
    """JSON Schema of an application's commands and views: what the generic page builds its forms from."""
    found = server_of(request).apps.get(app)
    if found is None:
        raise Rejected(ErrorCode.UNKNOWN_APP, "there is no such application")
    whole = game_schema(found.game)
    shapes = whole["$defs"]
    commands = {
        name: {"by": one["by"], "schema": shapes[one["data"]["$ref"].rpartition("/")[2]] | {"$defs": shapes}}
        for name, one in whole["commands"].items()
    }
    return whole | {"commands": commands}


@router.get("/time", dependencies=[anyone("read")])
async def time(request: Request) -> TimeAnswer:
    return TimeAnswer(server_time=server_of(request).now() * 1000)


@router.post("/rooms", status_code=201)
async def open_room(request: Request, body: OpenRoomBody, who: Writer) -> RoomAnswer:
    """Open a room; you have seat 1."""
    server = server_of(request)
    name = clean_room_name(body.name)
    server.admit(body.app, who)
    room = await server.registry.create(body.app, who.user, who.name, config=body.config, name=name)
    await server.directory.give_codes(room)
    await server.settled()
    return await _room_answer(request, room, who)


@router.get("/rooms")
async def my_rooms(request: Request, who: Reader) -> list[RoomAnswer]:
    """The rooms you have a seat in, newest first."""
    return [_answer(listing) for listing in await server_of(request).directory.of_user(who.user)]


@router.get("/rooms/{room}")
async def show_room(request: Request, room: str, who: Reader) -> RoomAnswer:
    """One room you are in. The host and administrators are told its codes."""
    return await _room_answer(request, room, who)


@router.get("/codes/{code}")
async def find_code(request: Request, code: str, _: Bearer) -> InvitationAnswer:
    """Where a join code leads."""
    server = server_of(request)
    invitation = await _invitation(request, code)
    found = await server.directory.room(invitation.room)
    return InvitationAnswer(room=found.id, app=found.app, name=found.name, role=invitation.role)


@router.post("/rooms/{room}/join")
async def join_room(request: Request, room: str, body: JoinBody, who: Bearer) -> SeatAnswer:
    """Take a seat with a code. Who has one already keeps it."""
    server = server_of(request)
    invitation = await _invitation(request, body.code)
    if invitation.room != room:
        raise Rejected(ErrorCode.FORBIDDEN, "this code is of another room", field="code")
    app = server.admit((await server.directory.room(room)).app, who)
    name = clean_name(body.name) if body.name is not None else who.name
    member = await server.registry.join(room, who.user, name, invitation.role)
    await server.settled()
    return SeatAnswer(room=room, seat=member.seat, role=member.role, page=_page(app, member.role, room))


@router.post("/rooms/{room}/leave")
async def leave_room(request: Request, room: str, who: Writer) -> StatusAnswer:
    """Give your seat up. It stays yours should you come back."""
    server = server_of(request)
    found = await _seated(server, room, who)
    await server.registry.ask(room, LeaveRoom(), seat=Seat(found.seat), role=found.role or PLAYER, user=who.user)
    await server.settled()
    return StatusAnswer(status="left")


@router.post("/rooms/{room}/close")
async def close_room(request: Request, room: str, who: Writer, body: CloseBody | None = None) -> StatusAnswer:
    """End a room for ever. For its host and for administrators."""
    server = server_of(request)
    found = await server.directory.room(room, who.user)
    if found.role is not HOST and not who.is_admin:
        raise Rejected(ErrorCode.NOT_HOST, "only the host closes a room")
    await server.registry.close(room, (body or CloseBody()).reason, by=who.user)
    await server.settled()
    return StatusAnswer(status="closed")


@router.get("/rooms/{room}/qr.svg")
async def qr_code(request: Request, room: str, who: Reader, role: Role = PLAYER) -> Response:
    """The join link as a picture; `role=spectator` for the projector's. For the host."""
    answer = await _room_answer(request, room, who)
    code = {PLAYER: answer.code, SPECTATOR: answer.spectator_code}.get(role)
    if code is None:
        raise Rejected(ErrorCode.NOT_HOST, "only the host of an open room sees its codes")
    picture = qr_svg(_join_url(request, code))
    return Response(picture, media_type="image/svg+xml", headers={"Cache-Control": "private, no-cache"})


# -- answers ---------------------------------------------------------------------------------------------------------


async def _invitation(request: Request, code: str) -> Invitation:
    """Where a code leads. Raises `Rejected`: `unknown_code`, and `rate_limited` for who guesses."""
    server, caller = server_of(request), site(address(request))
    server.guesses.allow(code, caller)
    try:
        return await server.directory.invitation(code)
    except Rejected:
        server.guesses.wrong(code, caller)
        raise


async def _seated(server: Server, room: str, who: Identity) -> Listing:
    found = await server.directory.room(room, who.user)
    if found.role is None:
        raise Rejected(ErrorCode.FORBIDDEN, "you have no seat in this room")
    return found


async def _room_answer(request: Request, room: str, who: Identity) -> RoomAnswer:
    server = server_of(request)
    found = await server.directory.room(room, who.user)
    if found.role is None and not who.is_admin:
        raise Rejected(ErrorCode.FORBIDDEN, "you have no seat in this room")
    answer = _answer(found)
    if found.seat == 1 or found.role is HOST or who.is_admin:
        codes = await server.directory.codes(room)
        answer.code, answer.spectator_code = codes.get(PLAYER), codes.get(SPECTATOR)
        answer.digits = await server.directory.digits(room)
        answer.join_url = _join_url(request, answer.code) if answer.code else None
    return answer


def _answer(found: Listing) -> RoomAnswer:
    return RoomAnswer(
        id=found.id,
        app=found.app,
        name=found.name,
        role=found.role,
        seat=found.seat,
        members=found.members,
        created_at=datetime.fromtimestamp(found.created_at / MICROSECONDS, UTC),
        closed=found.closed,
    )


def _join_url(request: Request, code: str) -> str:
    return f"{player_url(server_of(request).settings, request.url)}/join/{code}"


def _app_answer(app: App) -> AppAnswer:
    return AppAnswer(
        name=app.name,
        title=app.title,
        description=app.description,
        creator=app.creator,
        page=app.page,
        host_page=app.host_page or app.page,
        spectator_page=app.spectator_page or app.page,
    )


def _page(app: App, role: Role, room: str) -> str:
    pages = {HOST: app.host_page, SPECTATOR: app.spectator_page}
    return (pages.get(role) or app.page).replace("{room}", room)
