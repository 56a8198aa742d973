"""HTTP for overlays of a stream and other programs: what the big screen sees, with a key that can do nothing else."""

from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from secrets import token_urlsafe
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Body, Header, Response

from gamekeeper import HOST, ErrorCode, Rejected
from gamekeeper_apps.quiz.console import screen
from gamekeeper_apps.quiz.messages import MakeHook, MakeReadKey, RevokeHook, RevokeReadKey, Scope
from gamekeeper_apps.quiz.reading import MAX_URL, digest_of, may_read
from gamekeeper_apps.quiz.state import Room
from gamekeeper_apps.quiz.views import board_of, public

NOT_MODIFIED = 304


def overlay_routes(router: APIRouter, server: Any) -> None:
    """Add them to the application's router."""
    _keys(router, server)
    _hooks(router, server)
    server.call_hooks(calls_of)

    async def read(room: str, authorization: str, scope: Scope) -> Room:
        scheme, _, key = authorization.partition(" ")
        try:
            state: Any = await server.live_state(room)
        except Rejected:
            state = None
        if scheme.lower() != "bearer" or not isinstance(state, Room) or not may_read(state, key.strip(), scope):
            raise Rejected(ErrorCode.UNAUTHENTICATED, "this key does not read this room")
        return state

    @router.get("/rooms/{room}/live", dependencies=[server.anyone()])
    async def live(
        room: str, authorization: Annotated[str, Header()] = "", if_none_match: Annotated[str, Header()] = ""
    ) -> Response:
        """What the big screen sees, `{public, screen}`, for who holds a key of this room."""
        return _answer(told(await read(room, authorization, "state"), "state"), if_none_match)

    @router.get("/rooms/{room}/live/scores", dependencies=[server.anyone()])
    async def scores(
        room: str, authorization: Annotated[str, Header()] = "", if_none_match: Annotated[str, Header()] = ""
    ) -> Response:
        """The boards as they are shown, `{phase, board, segment_board}`: rank, name and score of the top 10."""
        return _answer(told(await read(room, authorization, "scores"), "scores"), if_none_match)


def told(state: Room, scope: Scope) -> bytes:
    """What a scope reads, the same whether it is asked for or sent."""
    if scope == "state":
        return msgspec.json.encode({"public": public(state), "screen": screen(state)})
    boards = {"phase": state.phase, "board": board_of(state), "segment_board": state.shown_segment or None}
    return msgspec.json.encode(boards)


def calls_of(state: Room) -> Iterator[tuple[str, str, Callable[[], bytes]]]:
    """The addresses of a room, with what each is told."""
    return ((hook.id, hook.url, partial(told, state, hook.scope)) for hook in state.hooks.values())


def _keys(router: APIRouter, server: Any) -> None:
    @router.post("/rooms/{room}/read-keys", status_code=201)
    async def make(
        room: str,
        member: Annotated[Any, server.member(HOST, rate="write")],
        name: Annotated[str, Body(embed=True, max_length=80)] = "",
        scope: Annotated[Scope, Body(embed=True)] = "state",
    ) -> dict[str, str]:
        """`{id, name, scope, key}`. The key is told this once: only its digest is kept."""
        id, key = token_urlsafe(6), token_urlsafe(32)
        command = MakeReadKey(id, name, digest_of(key), scope)
        await server.ask(room, command, seat=member.seat, role=HOST, user=member.user)
        return {"id": id, "name": name, "scope": scope, "key": key}

    @router.get("/rooms/{room}/read-keys")
    async def keys(room: str, member: Annotated[Any, server.member(HOST)]) -> list[dict[str, Any]]:
        """The keys that are good now, without what they are."""
        state: Room = await server.live_state(room)
        made = sorted(state.read_keys.values(), key=lambda one: (one.at, one.id))
        return [{"id": one.id, "name": one.name, "scope": one.scope, "at": one.at} for one in made]

    @router.delete("/rooms/{room}/read-keys/{id}")
    async def revoke(room: str, id: str, member: Annotated[Any, server.member(HOST, rate="write")]) -> dict[str, str]:
        """From now on it reads nothing."""
        await server.ask(room, RevokeReadKey(id), seat=member.seat, role=HOST, user=member.user)
        return {"status": "revoked"}


def _hooks(router: APIRouter, server: Any) -> None:
    @router.post("/rooms/{room}/hooks", status_code=201)
    async def make(
        room: str,
        member: Annotated[Any, server.member(HOST, rate="write")],
        url: Annotated[str, Body(embed=True, max_length=MAX_URL)],
        name: Annotated[str, Body(embed=True, max_length=80)] = "",
        scope: Annotated[Scope, Body(embed=True)] = "state",
    ) -> dict[str, str]:
        """`{id, name, url, scope, secret}`. The secret that calls are signed with is told this once."""
        server.hooks.check(url)
        id = token_urlsafe(6)
        await server.ask(room, MakeHook(id, name, url, scope), seat=member.seat, role=HOST, user=member.user)
        return {"id": id, "name": name, "url": url, "scope": scope, "secret": server.hooks.secret(room, id)}

    @router.get("/rooms/{room}/hooks")
    async def hooks(room: str, member: Annotated[Any, server.member(HOST)]) -> dict[str, Any]:
        """`{on, hooks}`: whether this server calls anybody, and the addresses; `failing`: a call was given up."""
        state: Room = await server.live_state(room)
        listed = [
            {"id": one.id, "name": one.name, "url": one.url, "scope": one.scope, "at": one.at}
            | {"failing": server.hooks.failing(room, one.id)}
            for one in sorted(state.hooks.values(), key=lambda one: (one.at, one.id))
        ]
        return {"on": server.hooks.on, "hooks": listed}

    @router.delete("/rooms/{room}/hooks/{id}")
    async def revoke(room: str, id: str, member: Annotated[Any, server.member(HOST, rate="write")]) -> dict[str, str]:
        """From now on it is told nothing."""
        await server.ask(room, RevokeHook(id), seat=member.seat, role=HOST, user=member.user)
        return {"status": "revoked"}


def _answer(body: bytes, known: str) -> Response:
    """The answer, or that it is still what the caller has. Its tag is made of what is told, not of what happened."""
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if known.removeprefix("W/") == tag:
        return Response(status_code=NOT_MODIFIED, headers=headers)
    return Response(body, media_type="application/json", headers=headers)
