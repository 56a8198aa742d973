"""The protocol and a game's messages as TypeScript types, made from their JSON Schema.

`clients/typescript/src/messages.ts` is what `frames_typescript` gives; a test keeps it so.
"""

import json
import textwrap
from collections.abc import Iterable
from typing import Any

from gamekeeper.core.game import Game
from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.frames import MAX_UNANSWERED
from gamekeeper.wire.schema import PROTOCOL_VERSION, Schema, frames_schema, game_schema

WIDTH = 120

_NAMES = {"Rejection": "Rejected"}
"""The client has a class of its own called `Rejection`, which it throws."""
_PRIMITIVES = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
_VIEW_PATCH = """\
/** `[]` remove this key, `[value]` replace, `[start, delete_count, items]` splice, `{key: patch}` merge. */
export type ViewPatch =
  | readonly []
  | readonly [unknown]
  | readonly [start: number, deleteCount: number, items: readonly unknown[]]
  | { readonly [key: string]: ViewPatch };
"""


def frames_typescript() -> str:
    """Every frame, the closing codes and the bound on unanswered commands: a module without imports."""
    definitions = frames_schema()["$defs"]
    parts = ["/** What client and server say to each other. Generated from the server's frame types: do not edit. */\n"]
    for name, schema in definitions.items():
        parts.append(_VIEW_PATCH if name == "ViewPatch" else _declaration(name, schema, null=False))
    parts.append(_close_codes())
    parts.append(
        "/** How many commands a session may have unanswered at once. */\n"
        f"export const MAX_UNANSWERED = {MAX_UNANSWERED};\n"
    )
    parts.append(
        "/** Raised with every change that an older client would not understand. */\n"
        f"export const PROTOCOL_VERSION = {PROTOCOL_VERSION};\n"
    )
    return "\n".join(parts)


def game_typescript(game: Game[Any, Any, Any]) -> str:
    """One game's commands, public events and views: `Commands` and `Events` map names to data."""
    schema = game_schema(game)
    parts = ["/** What this game's clients send and see. Generated from its message types: do not edit. */\n"]
    parts += [_declaration(name, definition) for name, definition in schema["$defs"].items()]
    parts.append(_map("Commands", {name: one["data"] for name, one in schema["commands"].items()}))
    parts.append(_map("Events", schema["events"]))
    parts.append(_map("Views", schema["views"]))
    return "\n".join(parts)


def _close_codes() -> str:
    lines = "".join(
        f'  {code.websocket_code}: {{ code: "{code.word}", reconnect: {str(code.reconnect).lower()} }},\n'
        for code in ClosingCode
    )
    return (
        "/** Why a connection ended, by WebSocket close code, for the case that the `closing` frame was lost. */\n"
        f"export const CLOSE_CODES: Readonly<Record<number, {{ code: string; reconnect: boolean }}>> = {{\n{lines}}};\n"
    )


def _map(name: str, members: dict[str, Schema]) -> str:
    lines = "".join(f"  {member}: {_type(schema)};\n" for member, schema in members.items())
    return f"export interface {name} {{\n{lines}}}\n"


def _declaration(name: str, schema: Schema, *, null: bool = True) -> str:
    """`null=False`: what may be left out is never null, as both sides of the protocol have it."""
    name = _NAMES.get(name, name)
    comment = _comment(schema.get("description", ""))
    properties = schema.get("properties")
    if properties is None:
        return f"{comment}export type {name} = {_type(schema)};\n"
    required = schema.get("required", ())
    fields = "".join(f"  {_field(key, one, key in required, null)};\n" for key, one in properties.items())
    return f"{comment}export interface {name} {{\n{fields}}}\n"


def _field(name: str, schema: Schema, required: bool, null: bool) -> str:
    key = name if name.isidentifier() else json.dumps(name)
    if required:
        return f"{key}: {_type(schema)}"
    choices = [one for one in schema.get("anyOf", [schema]) if null or one.get("type") != "null"]
    return f"{key}?: {_union(choices)}"


def _comment(text: str) -> str:
    text = " ".join(text.replace("*/", "* /").split())
    if not text:
        return ""
    if len(text) + 7 <= WIDTH:
        return f"/** {text} */\n"
    return "/**\n" + textwrap.fill(text, WIDTH, initial_indent=" * ", subsequent_indent=" * ") + "\n */\n"


def _type(schema: Schema) -> str:
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return _NAMES.get(name, name)
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    if "anyOf" in schema:
        return _union(schema["anyOf"])
    kind = schema.get("type")
    if kind == "array":
        return _array(schema)
    if kind == "object":
        return _object(schema)
    return _PRIMITIVES.get(str(kind), "unknown")


def _union(schemas: Iterable[Schema]) -> str:
    return " | ".join(dict.fromkeys(_type(one) for one in schemas))


def _array(schema: Schema) -> str:
    if "prefixItems" in schema:
        return f"readonly [{', '.join(_type(one) for one in schema['prefixItems'])}]"
    item = _type(schema.get("items") or {})
    return f"readonly ({item})[]" if " " in item else f"readonly {item}[]"


def _object(schema: Schema) -> str:
    values = schema.get("additionalProperties")
    return f"Readonly<Record<string, {_type(values) if isinstance(values, dict) else 'unknown'}>>"  # pyright: ignore[reportUnknownArgumentType]
