"""`gamekeeper schema`: the protocol and an application's messages for other programs."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gamekeeper.app import load_apps
from gamekeeper.server.cli.output import FAILED, WRONG_CALL, fail, say
from gamekeeper.wire.schema import asyncapi, breaking_changes, frames_schema, game_schema
from gamekeeper.wire.typescript import frames_typescript, game_typescript


class Form(StrEnum):
    """What can be written."""

    JSON = "json"
    ASYNCAPI = "asyncapi"
    TYPESCRIPT = "typescript"


def command(
    app: Annotated[str | None, typer.Argument(help="An application; without one, the frames of the protocol.")] = None,
    form: Annotated[Form, typer.Option(help="JSON Schema, AsyncAPI (of the protocol) or TypeScript.")] = Form.JSON,
    against: Annotated[Path | None, typer.Option(help="An older frames schema: exit status 1 if it is broken.")] = None,
) -> None:
    """Print the protocol's frames, or one application's commands, events and views, as a schema."""
    if against is not None:
        found = breaking_changes(json.loads(against.read_text()), frames_schema())
        if found:
            fail("; ".join(found), FAILED)
        return
    if app is None:
        protocol = {Form.JSON: frames_schema, Form.ASYNCAPI: asyncapi}
        say(frames_typescript() if form is Form.TYPESCRIPT else json.dumps(protocol[form](), indent=2))
        return
    apps = load_apps()
    if app not in apps:
        fail(f"there is no application {app!r}", WRONG_CALL)
    game = apps[app].game
    say(game_typescript(game) if form is Form.TYPESCRIPT else json.dumps(game_schema(game), indent=2))
