"""`gamekeeper rooms`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gamekeeper.server.cli import offline
from gamekeeper.server.cli.options import AppReferences, AsJson, Data, load_settings
from gamekeeper.server.cli.output import progress, say, say_json, table

if TYPE_CHECKING:
    from gamekeeper.server.settings import Settings

command = typer.Typer(help="List, show, close, export and replay rooms.", no_args_is_help=True, add_completion=False)

RoomId = Annotated[str, typer.Argument(help="The room's id.", metavar="ROOM")]
Seq = Annotated[int | None, typer.Option(help="As of this seq [default: the last].", show_default=False, min=0)]
PAGE = 10_000


@command.command("list")
def list_rooms(data: Data = None, as_json: AsJson = False) -> None:
    """Every room in the log."""
    found = offline.run(_list(load_settings(data=data)))
    if as_json:
        say_json(found)
    else:
        table(["id", "app", "name", "seq", "closed"], found)


async def _list(settings: "Settings") -> list[dict[str, Any]]:
    from gamekeeper.room.history import opening

    found: list[dict[str, Any]] = []
    after = ""
    async with offline.reading(settings) as log:
        with progress("Reading rooms") as advance:
            while heads := await log.rooms(after):
                for head in heads:
                    opened = await opening(log, head.room)
                    last = await log.read(head.room, head.seq - 1, 1)
                    closed = bool(last) and last[-1].events[-1].type == "room.closed"
                    found.append(
                        {"id": head.room, "app": opened.app, "name": opened.name, "seq": head.seq, "closed": closed}
                    )
                advance(len(found), len(found))
                after = heads[-1].room
    return found


@command.command()
def show(room: RoomId, data: Data = None, app: AppReferences = None, as_json: AsJson = False) -> None:
    """What a room is, who is in it and where it stands."""
    found = _room_at(room, None, data, app)
    members = found.pop("members")
    for view in ("state", "public", "shared", "private"):
        del found[view]
    if as_json:
        say_json({**found, "members": members})
        return
    for name, value in found.items():
        say(f"{name + ':':<10}{value}")
    table(["seat", "role", "name", "user", "present"], members)


@command.command()
def replay(room: RoomId, seq: Seq = None, data: Data = None, app: AppReferences = None) -> None:
    """A room's state and everybody's view of it at any seq, from its log alone (JSON)."""
    say_json(_room_at(room, seq, data, app))


def _room_at(room: str, seq: int | None, data: Path | None, app: list[str] | None) -> dict[str, Any]:
    from gamekeeper.server.replay import room_at

    settings = load_settings(data=data)
    games = offline.games_of(app, settings)

    async def read() -> dict[str, Any]:
        async with offline.reading(settings) as log:
            return await room_at(log, games, room, seq)

    return offline.run(read())


@command.command()
def export(
    room: RoomId,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write here.", show_default=False)] = None,
    data: Data = None,
) -> None:
    """A room's events, one JSON object a line, to standard output or a file."""
    offline.run(_export(load_settings(data=data), room, output))


async def _export(settings: "Settings", room: str, output: Path | None) -> None:
    import msgspec

    from gamekeeper.room.history import opening
    from gamekeeper.server.replay import record_json, records_after

    async with offline.reading(settings) as log:
        await opening(log, room)
        total, after = await log.last_seq(room), 0
        with progress("Exporting") as advance, output.open("wb") if output else _standard_output() as target:
            while records := await records_after(log, room, after, PAGE):
                for record in records:
                    target.write(msgspec.json.encode(record_json(record)) + b"\n")
                after = records[-1].seq
                advance(after, total)


def _standard_output() -> Any:
    import contextlib

    return contextlib.nullcontext(sys.stdout.buffer)


@command.command()
def close(
    room: RoomId,
    reason: Annotated[str, typer.Option(help="What everybody in it is told.")] = "closed by an administrator",
    data: Data = None,
    app: AppReferences = None,
) -> None:
    """End a room for ever: through the running server, or without one."""
    from gamekeeper.server.cli.operator import close_room

    offline.run(close_room(load_settings(data=data, apps=tuple(app) if app else None), room, reason))
    say(f"closed {room}")


@command.command()
def forget(
    older_than: Annotated[float, typer.Option(help="Days since a room's last event.", min=0.0)],
    data: Data = None,
    app: AppReferences = None,
) -> None:
    """Remove names and other personal data of old rooms; points and answers stay. Through the running server, or
    without one; a server does it by itself after GAMEKEEPER_RETENTION_DAYS."""
    from gamekeeper.server.cli.operator import forget as carry_out

    settings = load_settings(data=data, apps=tuple(app) if app else None)
    say(f"forgot who was in {offline.run(carry_out(settings, older_than))} rooms")
