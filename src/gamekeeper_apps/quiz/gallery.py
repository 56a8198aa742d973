"""HTTP for pictures of questions that have been put: fetched once by each page, whatever the number of frames."""

import asyncio
from collections import OrderedDict
from typing import Annotated, Any

from fastapi import APIRouter, Response

from gamekeeper import HOST, PLAYER, SPECTATOR, ErrorCode, Rejected
from gamekeeper_apps.quiz.pictures import found
from gamekeeper_apps.quiz.state import Room

MAX_KEPT_BYTES = 64 * 1024 * 1024
HEADERS = {
    "Cache-Control": "private, max-age=31536000, immutable",
    # A drawing may hold a script: opened by itself it must not run.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Content-Disposition": "attachment",
}


class Gallery:
    """Pictures asked for lately. One log is read at a time, so a hall that asks for a new picture reads it once."""

    def __init__(self, most_bytes: int = MAX_KEPT_BYTES) -> None:
        self._kept: OrderedDict[tuple[str, str], tuple[bytes, str]] = OrderedDict()
        self._bytes = 0
        self._most_bytes = most_bytes
        self._reading = asyncio.Lock()

    async def picture(self, server: Any, room: str, wanted: str) -> tuple[bytes, str] | None:
        """(bytes, media type); None: no question that was put has it."""
        key = (room, wanted)
        if key not in self._kept:
            async with self._reading:
                if key not in self._kept:
                    self._keep(key, _in(await server.state(room), wanted))
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key]

    def _keep(self, key: tuple[str, str], picture: tuple[bytes, str] | None) -> None:
        if picture is None:
            return
        self._kept[key] = picture
        self._bytes += len(picture[0])
        while self._bytes > self._most_bytes and len(self._kept) > 1:
            _, (old, _) = self._kept.popitem(last=False)
            self._bytes -= len(old)


def _in(room: Room, wanted: str) -> tuple[bytes, str] | None:
    put = [*room.asks.values(), *([room.ask] if room.ask is not None else [])]
    shown = (ask for ask in put if any(one.hash == wanted for one in ask.pictures))
    return next((picture for ask in shown if (picture := found(ask.question.media, wanted))), None)


def picture_routes(router: APIRouter, server: Any) -> None:
    """Add them to the application's router."""
    gallery = Gallery()

    @router.get("/rooms/{room}/pictures/{picture}")
    async def one_picture(
        room: str, picture: str, member: Annotated[Any, server.member(HOST, PLAYER, SPECTATOR)]
    ) -> Response:
        """A picture by its hash, which a question that was put names. It never changes."""
        shown = await gallery.picture(server, room, picture)
        if shown is None:
            raise Rejected(ErrorCode.NOT_FOUND, "there is no such picture", field="picture")
        return Response(shown[0], media_type=shown[1], headers=HEADERS)
