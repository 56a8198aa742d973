"""The HTTP interface, to read, and that nobody breaks it unawares.

After an addition: store the `/openapi.json` of a server without applications' routes in `tests/golden/openapi.json`.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gamekeeper.server.http.docs import render
from tests.server.kit import Site

pytestmark = pytest.mark.anyio

GOLDEN = Path(__file__).parents[2] / "golden" / "openapi.json"


def operations(document: dict[str, Any]) -> dict[str, Any]:
    """What callers rely on: each operation and each schema, by name, without words for people."""
    paths: dict[str, dict[str, Any]] = document["paths"]
    found = {f"{verb} {path}": operation for path, verbs in paths.items() for verb, operation in verbs.items()}
    wordless: dict[str, Any] = json.loads(
        json.dumps(found | document["components"]["schemas"]), object_hook=without_words
    )
    return wordless


def without_words(value: dict[str, Any]) -> dict[str, Any]:
    words = ("description", "summary", "title")
    return {key: one for key, one in value.items() if not (key in words and isinstance(one, str))}


def changes(stored: dict[str, Any], document: dict[str, Any]) -> list[str]:
    """What stands in the stored document and is not so any more."""
    now = operations(document)
    return [name for name, operation in operations(stored).items() if now.get(name) != operation]


async def test_the_page_shows_every_operation_and_loads_nothing(site: Site) -> None:
    async with site.client() as client:
        document = (await client.get("/openapi.json")).json()
        page = (await client.get("/docs")).text
    assert len(document["paths"]) > 20
    for path in document["paths"]:
        assert path in page
    assert not re.search(r"<(script|link|img|style)", page)
    for schema in document["components"]["schemas"]:
        assert f"id={schema}>" in page


async def test_what_is_stored_is_still_there(site: Site) -> None:
    """R3-149: routes and schemas may be added; one that stands in the stored document stays as it is."""
    async with site.client() as client:
        document = (await client.get("/openapi.json")).json()
    stored = json.loads(GOLDEN.read_text())
    assert len(stored["paths"]) > 20
    assert changes(stored, document) == []


def test_a_change_is_seen() -> None:
    get: dict[str, Any] = {"/x": {"get": {"parameters": [{"name": "a"}]}}}
    stored: dict[str, Any] = {"paths": get, "components": {"schemas": {"S": {"type": "object"}}}}
    added: dict[str, Any] = {"paths": {**get, "/y": {"get": {}}}, "components": stored["components"]}
    gone: dict[str, Any] = {"paths": {}, "components": {"schemas": {"S": {"type": "string"}}}}
    assert changes(stored, added) == []
    assert changes(stored, gone) == ["get /x", "S"]


async def test_an_applications_routes_are_in_it(site: Site) -> None:
    async with site.client() as client:
        assert "/api/crowd/about" in (await client.get("/openapi.json")).json()["paths"]


def test_texts_are_escaped() -> None:
    page = "".join(
        render(
            {
                "info": {"title": "<b>", "version": "1"},
                "paths": {
                    "/x<y>": {
                        "get": {
                            "description": "<script>",
                            "parameters": [{"in": "query", "name": "<i>", "schema": {"anyOf": [{"type": "null"}]}}],
                            "responses": {"200": {"description": "<u>"}},
                        }
                    }
                },
            }
        )
    )
    assert not re.search(r"<(b|script|i|u|y)>", page)
