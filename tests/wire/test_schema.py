"""The protocol for machines, and that nobody breaks it unawares.

After an addition: `python -c "from tests.wire.test_schema import freeze; freeze()"`.
"""

import copy
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from examples.pennies import Pennies
from immutables import Map

from gamekeeper.core.game import Game
from gamekeeper.core.messages import Command, Config, Event, State, View
from gamekeeper.core.seats import HOST, PLAYER, Seat
from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.frames import FromClient, FromServer
from gamekeeper.wire.schema import (
    PROTOCOL_VERSION,
    asyncapi,
    breaking_changes,
    frames_schema,
    game_schema,
)

GOLDEN = Path(__file__).parents[1] / "golden" / "protocol.json"


def freeze() -> None:
    """Write the golden file anew."""
    golden = {"version": PROTOCOL_VERSION, "schema": frames_schema()}
    GOLDEN.write_text(json.dumps(golden, indent=1, sort_keys=True) + "\n")


def golden() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(GOLDEN.read_text())
    return found


def test_the_protocol_is_not_broken_without_a_new_version() -> None:
    changes = breaking_changes(golden()["schema"], frames_schema())
    assert not changes or golden()["version"] < PROTOCOL_VERSION, changes


def test_the_frozen_protocol_is_todays() -> None:
    assert golden() == {"version": PROTOCOL_VERSION, "schema": json.loads(json.dumps(frames_schema()))}


def changed(path: str, value: Any = None, *, remove: bool = False) -> dict[str, Any]:
    """The schema with one part of it replaced or gone."""
    schema = copy.deepcopy(frames_schema())
    *parents, last = path.split(".")
    part: Any = schema["$defs"]
    for name in parents:
        part = part[name]
    if remove:
        del part[last]
    else:
        part[last] = value
    return schema


@pytest.mark.parametrize(
    ("new", "changes"),
    [
        (changed("Ack.properties.at", {"type": "number"}), []),
        (changed("Ack.description", "Said otherwise."), []),
        (changed("News", {"type": "object", "properties": {}}), []),
        (changed("Hello.properties.locale", {"type": "string"}), []),
        (changed("Ping", remove=True), ["Ping is gone"]),
        (changed("Ack.properties.id", remove=True), ["Ack has lost id"]),
        (changed("Hello.properties.token", remove=True), ["Hello has lost token"]),
        (changed("Ack.properties.id", {"type": "string"}), ["Ack has another id"]),
        (changed("Ack.properties.type", {"enum": ["acknowledged"]}), ["Ack has another type"]),
        (changed("Hello.required", ["type", "token"]), ["Hello must now have token"]),
        (changed("Welcome.required", ["type"]), None),
        (changed("Ack.required", ["type"]), ["Ack may now come without id"]),
        (changed("Ping.required", ["type", "t", "rtt_ms"]), []),
        (changed("Role", {"enum": ["host"]}), ["Role is something else"]),
        (changed("Pong.required", ["type"]), []),
    ],
)
def test_a_breaking_change_is_seen_and_an_addition_is_none(new: dict[str, Any], changes: list[str] | None) -> None:
    found = breaking_changes(frames_schema(), new)
    assert len(found) == 13 if changes is None else found == changes


def test_every_frame_is_in_the_schema_by_its_tag() -> None:
    definitions = frames_schema()["$defs"]
    for side, union in (("FromClient", FromClient), ("FromServer", FromServer)):
        kinds = {kind.__struct_config__.tag: kind.__name__ for kind in union.__args__}
        mapping = definitions[side]["discriminator"]["mapping"]
        assert mapping == {tag: f"#/$defs/{name}" for tag, name in kinds.items()}
        for tag, name in kinds.items():
            assert definitions[name]["properties"]["type"] == {"enum": [tag]}


def references(schema: Any) -> list[str]:
    if isinstance(schema, dict):
        own = [schema["$ref"]] if "$ref" in schema else []
        return own + [one for value in schema.values() for one in references(value)]
    return [one for value in schema for one in references(value)] if isinstance(schema, list) else []


@pytest.mark.parametrize("document", [frames_schema(), asyncapi(), game_schema(Pennies())], ids=["all", "async", "one"])
def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    found = references(document)
    assert found
    for reference in found:
        part = document
        for name in reference.removeprefix("#/").split("/"):
            part = part[name]


def test_asyncapi_says_who_says_what() -> None:
    document = asyncapi()
    assert document["asyncapi"].startswith("3.")
    assert document["channels"]["room"]["address"] == "/rooms/{room}/socket"
    operations = document["operations"]
    said = {side: [one["$ref"].rpartition("/")[2] for one in operations[side]["messages"]] for side in operations}
    assert said == {
        "FromClient": ["Hello", "CommandFrame", "Pong"],
        "FromServer": ["Welcome", "Patch", "Ack", "Rejection", "Presence", "Signal", "Ping", "Closing"],
    }
    assert [operations[side]["action"] for side in said] == ["receive", "send"]
    assert set(document["components"]["messages"]) == {*said["FromClient"], *said["FromServer"]}
    assert document["components"]["messages"]["Rejection"]["name"] == "rejected"
    assert all(f"{code.websocket_code} {code.word}" in document["info"]["description"] for code in ClosingCode)
    json.dumps(document)


class Bid(Command, by=(PLAYER, HOST)):
    """Offer so much."""

    amount: int = 1


class Bought(Event, public=True):
    seat: Seat


class Secret(Event):
    seat: Seat


class Market(State):
    pass


class Stalls(View):
    prices: dict[str, int]
    open: Map[Seat, int] = msgspec.field(default_factory=Map)


class Terms(Config):
    coins: int = 10


class Bazaar(Game[Market, Bid, Bought | Secret]):
    config = Terms

    def public(self, state: Market) -> Stalls:
        return Stalls({})

    def private(self, state: Market, seat: Seat) -> Stalls | None:
        return None


def test_a_games_schema_says_what_may_be_sent_and_seen() -> None:
    schema = game_schema(Bazaar())
    assert schema["commands"] == {"bid": {"by": ["host", "player"], "data": {"$ref": "#/$defs/Bid"}}}
    assert schema["events"] == {"bought": {"$ref": "#/$defs/Bought"}}, "what is not public is not told"
    assert schema["config"] == {"$ref": "#/$defs/Terms"}
    assert schema["views"] == {
        "public": {"$ref": "#/$defs/Stalls"},
        "shared": {},
        "private": {"anyOf": [{"$ref": "#/$defs/Stalls"}, {"type": "null"}]},
    }
    assert schema["$defs"]["Stalls"]["properties"]["open"] == {"type": "object"}
    assert "Secret" not in json.dumps(schema)


def test_what_has_no_schema_is_named() -> None:
    class Odd(Game[Market, Bid, Bought]):
        def public(self, state: Market) -> complex:
            return 1j

    with pytest.raises((NotImplementedError, TypeError), match="complex"):
        game_schema(Odd())
