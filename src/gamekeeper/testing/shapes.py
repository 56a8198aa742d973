"""Event shapes are for ever: a frozen copy of them, and a check that nobody edits one."""

import json
from pathlib import Path
from typing import Any

import msgspec

from gamekeeper.core.game import Game


def event_shapes(game: Game[Any, Any, Any]) -> dict[str, Any]:
    """JSON Schema of every event of a game, by name and version."""
    return {
        f"{name} v{kind.__version__}": _without_words(msgspec.json.schema(kind, schema_hook=_schema_of_map))
        for name, kind in sorted(game.catalogue.events.items())
    }


def assert_shapes_kept(game: Game[Any, Any, Any], frozen: Path, *, update: bool = False) -> None:
    """Compare with the frozen file; new events and versions may be added, none may change or vanish.

    `update=True` writes additions into the file. Raises `AssertionError` naming the event.
    """
    shapes = json.loads(json.dumps(event_shapes(game)))
    kept: dict[str, Any] = json.loads(frozen.read_text()) if frozen.exists() else {}
    for key, shape in kept.items():
        name, _, version = key.rpartition(" v")
        kind = game.catalogue.events.get(name)
        assert kind is not None, f"event {name} is gone: logs that hold it could not be read"
        readable = int(version) == kind.__version__ or int(version) in kind.__upcasters__
        assert readable, f"event {name} v{version} can no longer be read"
        if key in shapes:
            assert shapes[key] == shape, f"event {name} changed: give it version={int(version) + 1} and an upcaster"
    added = {key: shape for key, shape in shapes.items() if key not in kept}
    if update and added:
        frozen.write_text(json.dumps(kept | added, indent=1, sort_keys=True) + "\n")
    else:
        assert not added, f"not frozen yet: {sorted(added)}"


def _without_words(schema: Any, named: bool = False) -> Any:
    """The shape without what is said of it to people; `named`: the keys are names that somebody chose."""
    if isinstance(schema, dict):
        parts: dict[str, Any] = schema  # pyright: ignore[reportUnknownVariableType]
        return {
            key: _without_words(part, key in ("properties", "$defs"))
            for key, part in parts.items()
            if named or key != "description"
        }
    return schema


def _schema_of_map(kind: Any) -> dict[str, Any]:
    del kind
    return {"type": "object"}
