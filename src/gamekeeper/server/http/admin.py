"""What an operator looks at and does. Every act is an event in the room's log, with the administrator's id."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from gamekeeper.core.seats import PLAYER, SPECTATOR
from gamekeeper.server.access import Admin, server_of
from gamekeeper.server.directory import Listing
from gamekeeper.server.http.schema import CloseBody, ForgetBody, ForgottenAnswer, ResetAnswer, StatusAnswer
from gamekeeper.server.replay import MAX_RECORDS, record_json, records_after, room_at
from gamekeeper.server.server import Server

router = APIRouter(prefix="/admin", tags=["admin"])


@router.get("/rooms")
async def list_rooms(
    request: Request,
    _: Admin,
    closed: bool = True,
    before: int | None = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
) -> list[dict[str, Any]]:
    """Rooms, newest first; `before`: those created before that time (microseconds since the epoch)."""
    server = server_of(request)
    found = await server.directory.all(closed=closed, before=before, limit=limit)
    return [_summary(server, listing) for listing in found]


@router.get("/rooms/{room}")
async def show_room(
    request: Request, _: Admin, room: str, seq: Annotated[int | None, Query(ge=0)] = None
) -> dict[str, Any]:
    """A room's state and everybody's view of it, as of any seq."""
    server = server_of(request)
    found = await room_at(server.log, server.registry.games, room, seq)
    return {**found, "codes": await server.directory.codes(room), **_live(server, room)}


@router.get("/rooms/{room}/log")
async def read_log(
    request: Request,
    _: Admin,
    room: str,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_RECORDS)] = 1_000,
) -> list[dict[str, Any]]:
    """A room's events after a seq."""
    return [record_json(record) for record in await records_after(server_of(request).log, room, after, limit)]


@router.post("/rooms/{room}/close")
async def close_room(request: Request, who: Admin, room: str, body: CloseBody | None = None) -> StatusAnswer:
    """End a room for ever; everybody in it is told."""
    server = server_of(request)
    await server.registry.close(room, body.reason if body else "closed by an administrator", by=who.user)
    await server.settled()
    return StatusAnswer(status="closed")


@router.post("/rooms/{room}/reset", status_code=201)
async def reset_room(request: Request, who: Admin, room: str) -> ResetAnswer:
    """End a room for ever and open it anew as it was in the beginning, for the same host; everybody joins again with
    the new codes."""
    server = server_of(request)
    fresh = await server.registry.reset(room, by=who.user)
    await server.directory.give_codes(fresh.id)
    await server.settled()
    codes = await server.directory.codes(fresh.id)
    return ResetAnswer(room=fresh.id, code=codes[PLAYER], spectator_code=codes[SPECTATOR])


@router.post("/forget")
async def forget(request: Request, _: Admin, body: ForgetBody) -> ForgottenAnswer:
    """Remove names and other personal data of rooms of which nothing was heard for so many days; points stay."""
    return ForgottenAnswer(rooms=await server_of(request).retention.forget(body.older_than_days))


@router.get("/health")
async def health(request: Request, _: Admin) -> dict[str, Any]:
    """How the server is, in figures."""
    return await server_of(request).health()


def _summary(server: Server, listing: Listing) -> dict[str, Any]:
    return {
        "id": listing.id,
        "app": listing.app,
        "name": listing.name,
        "created_at": listing.created_at / 1000,
        "closed": listing.closed,
        "members": listing.members,
        **_live(server, listing.id),
    }


def _live(server: Server, id: str) -> dict[str, Any]:
    """What is known of a room only while it is awake."""
    room = server.registry.rooms.get(id)
    if room is None:
        return {"awake": False, "seq": None, "viewers": 0, "online": []}
    return {
        "awake": True,
        "committed_seq": room.stage.seq,
        "viewers": len(room.stage.audience.viewers),
        "online": room.presence.online,
        "bytes": room.fold.bytes,
    }
