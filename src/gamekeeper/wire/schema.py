"""The protocol for machines: JSON Schema and AsyncAPI, made from the message types themselves.

`breaking_changes` tells what an older client or server would trip over; the frozen schema under `tests/golden` and a
test keep anybody from doing that without raising `PROTOCOL_VERSION`.
"""

from collections.abc import Mapping
from typing import Any, get_type_hints

import msgspec
from immutables import Map

from gamekeeper.core.game import Game
from gamekeeper.core.seats import Role
from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.frames import FromClient, FromServer, PublicEvent

PROTOCOL_VERSION = 1
"""Raised with every change that an older client or server would not understand."""

JSON_SCHEMA = "https://json-schema.org/draft/2020-12/schema"
SOCKET = "/rooms/{room}/socket"

Schema = dict[str, Any]

_SHARED: dict[str, Schema] = {
    "Role": {"title": "Role", "enum": [role.value for role in Role]},
    "ViewPatch": {
        "title": "ViewPatch",
        "description": "`[]` remove this key, `[value]` replace, `[start, delete_count, items]` splice, "
        "`{key: patch}` merge.",
        "anyOf": [
            {"type": "array", "maxItems": 0},
            {"type": "array", "minItems": 1, "maxItems": 1, "prefixItems": [{}], "items": False},
            {
                "type": "array",
                "minItems": 3,
                "maxItems": 3,
                "prefixItems": [{"type": "integer"}, {"type": "integer"}, {"type": "array", "items": {}}],
                "items": False,
            },
            {"type": "object", "additionalProperties": {"$ref": "#/$defs/ViewPatch"}},
        ],
    },
}


def frames_schema() -> Schema:
    """JSON Schema of every frame: `$defs` with one definition each, `FromClient` and `FromServer` among them."""
    (client, server), frames = _components((FromClient, FromServer))
    return {
        "$schema": JSON_SCHEMA,
        "title": f"Gamekeeper protocol {PROTOCOL_VERSION}",
        "$defs": {**_SHARED, **frames, "FromClient": client, "FromServer": server},
    }


def game_schema(game: Game[Any, Any, Any]) -> Schema:
    """JSON Schema of what one game puts into the frames: its commands with the roles that may send them, its public
    events, its config and the views as far as `public`, `shared` and `private` name their types.

    A `Map` field of these takes its default as `msgspec.field(default_factory=Map)`: JSON Schema cannot show another.
    """
    commands, catalogue = game.catalogue.commands, game.catalogue.events
    events = {name: kind for name, kind in catalogue.items() if kind.__public__}
    views = {name: _view(game, name) for name in ("public", "shared", "private")}
    schemas, definitions = _components((*commands.values(), *events.values(), game.config, *views.values()))
    rest = iter(schemas)
    return {
        "$schema": JSON_SCHEMA,
        "commands": {
            name: {"by": sorted(kind.__roles__), "data": next(rest)} for name, kind in commands.items()
        },
        "events": {name: next(rest) for name in events},
        "config": next(rest),
        "views": {name: next(rest) for name in views},
        "$defs": definitions,
    }  # fmt: skip


def asyncapi() -> Schema:
    """The AsyncAPI 3 document of the socket."""
    schema = frames_schema()["$defs"]
    messages = {
        name: {"name": one["properties"]["type"]["enum"][0], "payload": {"$ref": f"#/components/schemas/{name}"}}
        for name, one in schema.items()
        if name != PublicEvent.__name__ and "type" in one.get("properties", {})
    }
    said = {side: [one["$ref"].rpartition("/")[2] for one in schema[side]["anyOf"]] for side in _SIDES}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Gamekeeper", "version": str(PROTOCOL_VERSION), "description": _about()},
        "defaultContentType": "application/json",
        "channels": {
            "room": {
                "address": SOCKET,
                "parameters": {"room": {"description": "The room's id."}},
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": {
            side: {
                "action": action,
                "channel": {"$ref": "#/channels/room"},
                "messages": [{"$ref": f"#/channels/room/messages/{name}"} for name in said[side]],
            }
            for side, action in _SIDES.items()
        },
        "components": {"messages": messages, "schemas": _moved(schema)},
    }


_SIDES = {"FromClient": "receive", "FromServer": "send"}


def _about() -> str:
    codes = ", ".join(f"{code.websocket_code} {code.word}" for code in ClosingCode)
    return f"One WebSocket, one room. JSON text frames, told apart by `type`. Close codes: {codes}."


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """What of `old` (a schema of frames) programs that rely on it would miss in `new`; empty: nothing.

    Additions break nobody, but for a field that clients must now send.
    """
    before, after = old["$defs"], new["$defs"]
    found = [f"{name} is gone" for name in before if name not in after]
    sent = {one["$ref"].rpartition("/")[2] for one in before["FromClient"]["anyOf"]}
    for name in before.keys() & after.keys() - _SIDES.keys():
        found += [f"{name} {change}" for change in _changes(before[name], after[name], sent=name in sent)]
    return sorted(found)


def _changes(old: Schema, new: Schema, *, sent: bool) -> list[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    required = set(old.get("required", ())), set(new.get("required", ()))
    found = [f"has lost {field}" for field in before if field not in after]
    found += [
        f"has another {field}"
        for field in before.keys() & after.keys()
        if _bare(before[field]) != _bare(after[field])
    ]  # fmt: skip
    if sent:
        return found + [f"must now have {field}" for field in required[1] - required[0]]
    if "properties" not in old and _bare(old) != _bare(new):
        found.append("is something else")
    return found + [f"may now come without {field}" for field in required[0] & after.keys() - required[1]]


def _bare(schema: Any) -> Any:
    """Without what is said for people."""
    if isinstance(schema, Mapping):
        items: Mapping[str, Any] = schema  # pyright: ignore[reportUnknownVariableType]
        return {key: _bare(value) for key, value in items.items() if key not in ("description", "title")}
    if isinstance(schema, list):
        return [_bare(one) for one in schema]  # pyright: ignore[reportUnknownVariableType]
    return schema


def _moved(schema: Any) -> Any:
    """With references as AsyncAPI wants them."""
    if isinstance(schema, Mapping):
        items: Mapping[str, Any] = schema  # pyright: ignore[reportUnknownVariableType]
        return {key: _moved(value) for key, value in items.items() if key != "discriminator"}
    if isinstance(schema, list):
        return [_moved(one) for one in schema]  # pyright: ignore[reportUnknownVariableType]
    return schema.replace("#/$defs/", "#/components/schemas/") if isinstance(schema, str) else schema


def _components(kinds: tuple[Any, ...]) -> tuple[tuple[Schema, ...], dict[str, Schema]]:
    schemas, definitions = msgspec.json.schema_components(
        kinds, schema_hook=_schema_of_map, ref_template="#/$defs/{name}"
    )  # fmt: skip
    return schemas, definitions


def _view(game: Game[Any, Any, Any], name: str) -> Any:
    return get_type_hints(getattr(type(game), name)).get("return", Any)


def _schema_of_map(kind: Any) -> Schema:
    if getattr(kind, "__origin__", kind) is not Map:
        raise NotImplementedError(f"{kind} has no JSON Schema")
    return {"type": "object"}
