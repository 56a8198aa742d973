"""HTTP under /api/quiz: questions too long for a frame, exports, the whole list of players."""

import asyncio
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Body, Query, Request, Response

from gamekeeper import HOST, PLAYER, ErrorCode, Rejected
from gamekeeper_apps.quiz.cli_import import report_of
from gamekeeper_apps.quiz.console import person
from gamekeeper_apps.quiz.desk import desk_routes
from gamekeeper_apps.quiz.export import MEDIA, Form, export
from gamekeeper_apps.quiz.formats.apart import data_apart
from gamekeeper_apps.quiz.formats.reading import FORMATS
from gamekeeper_apps.quiz.gallery import picture_routes
from gamekeeper_apps.quiz.items import item_statistics
from gamekeeper_apps.quiz.messages import AddSegment, AddTranscript
from gamekeeper_apps.quiz.overlay import overlay_routes

PAGE = 10_000
READING = asyncio.Semaphore(2)
"""Files that are read at once, each in a process of its own."""


def routes(server: Any) -> APIRouter:
    """What the host's pages and programs ask for beside the live view."""
    router = APIRouter(tags=["quiz"])
    _reading(router, server)
    _results(router, server)
    picture_routes(router, server)
    desk_routes(router, server)
    overlay_routes(router, server)
    if server.has_reactors:
        _transcripts(router, server)

    @router.get("/abilities", dependencies=[server.user("read")])
    async def abilities() -> dict[str, bool]:
        """What this installation can do besides: `drafter`, questions made of a transcript."""
        return {"drafter": bool(server.has_reactors)}

    @router.post("/rooms/{room}/segments", status_code=201)
    async def add_segment(
        room: str, member: Annotated[Any, server.member(HOST, rate="write")], body: Annotated[dict[str, Any], Body()]
    ) -> dict[str, str]:
        """`{title, questions, preset?, limit_s?, points?}`: the questions of a quiz file."""
        try:
            command = msgspec.convert(body, type=AddSegment)
        except msgspec.ValidationError as error:
            raise Rejected(ErrorCode.BAD_REQUEST, str(error)[:200], field="questions") from error
        await server.ask(room, command, seat=member.seat, role=HOST, user=member.user)
        return {"status": "added"}

    @router.get("/rooms/{room}/export")
    async def take_away(
        room: str,
        member: Annotated[Any, server.member(HOST)],
        form: Annotated[Form, Query(alias="format")] = "xlsx",
    ) -> Response:
        state = await server.state(room)
        if state.settings.host_plays and state.phase != "ended":
            raise Rejected("wrong_phase", "keys are told when the gathering has ended")
        body = export(room, await _all_records(server, room), form)
        headers = {"Content-Disposition": f'attachment; filename="quiz-{room}.{form}"', "Cache-Control": "no-store"}
        return Response(body, media_type=MEDIA[form], headers=headers)

    return router


def _reading(router: APIRouter, server: Any) -> None:
    @router.post("/import", dependencies=[server.user("write")])
    async def import_file(
        request: Request,
        format_: Annotated[str, Query(alias="format")] = "auto",
        name: Annotated[str, Query(max_length=200)] = "file",
    ) -> dict[str, Any]:
        """A file of any format that is read, as the body: `{questions, problems, counts}`. Nothing is kept."""
        if format_ not in FORMATS:
            raise Rejected(ErrorCode.BAD_REQUEST, ", ".join(FORMATS), field="format")
        data = await request.body()
        async with READING:
            found, _ = await asyncio.to_thread(data_apart, data, name, format_)
        return report_of([found])


def _results(router: APIRouter, server: Any) -> None:
    @router.get("/rooms/{room}/statistics")
    async def statistics(room: str, member: Annotated[Any, server.member(HOST)]) -> Response:
        """Of every question that was told: how hard it was and how well it told players apart."""
        found = item_statistics(await server.state(room))
        return Response(msgspec.json.encode(found), media_type="application/json")

    @router.get("/rooms/{room}/players")
    async def players(
        room: str, member: Annotated[Any, server.member(HOST)], search: Annotated[str, Query(max_length=80)] = ""
    ) -> Response:
        """Everybody whose name holds the text."""
        state, wanted = await server.state(room), search.casefold()
        found = [
            person(state, one)
            for one in state.players.values()
            if one.active and wanted in f"{one.name}\n{one.custom_id}".casefold()
        ]
        return Response(msgspec.json.encode(found), media_type="application/json")


def _transcripts(router: APIRouter, server: Any) -> None:
    """There is no such route without a drafter."""

    @router.post("/rooms/{room}/transcript", status_code=201)
    async def add_transcript(
        room: str,
        member: Annotated[Any, server.member(HOST, PLAYER, rate="write")],
        body: Annotated[dict[str, Any], Body()],
    ) -> dict[str, str]:
        """`{segment, text}`: what was said, for the drafter. For the host and the segment's presenter."""
        try:
            command = msgspec.convert(body, type=AddTranscript)
        except msgspec.ValidationError as error:
            raise Rejected(ErrorCode.BAD_REQUEST, str(error)[:200], field="text") from error
        await server.ask(room, command, seat=member.seat, role=member.role, user=member.user)
        return {"status": "added"}


async def _all_records(server: Any, room: str) -> list[Any]:
    """The whole log of a room, page by page."""
    found: list[Any] = []
    while page := await server.records(room, found[-1].seq if found else 0, PAGE):
        found += page
    return found
