"""`/docs`: the HTTP interface as a plain page, from the same OpenAPI document as `/openapi.json`. It loads nothing."""

from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from gamekeeper.server.access import anyone

router = APIRouter(include_in_schema=False, dependencies=[anyone("read")])

METHODS = ("get", "post", "put", "patch", "delete")


@router.get("/openapi.json")
async def openapi(request: Request) -> dict[str, Any]:
    """The OpenAPI document."""
    document: dict[str, Any] = request.app.openapi()
    return document


@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    """The same, to read."""
    return HTMLResponse("".join(render(request.app.openapi())))


def render(document: dict[str, Any]) -> Iterator[str]:
    """The page, piece by piece."""
    info = document["info"]
    yield f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(info['title'])}</title>"
    yield "<meta name=viewport content='width=device-width'>"
    yield f"<h1>{escape(info['title'])} {escape(info['version'])}</h1><p>{escape(info.get('description', ''))}</p>"
    yield "<p><a href=/openapi.json>openapi.json</a></p>"
    for path, operations in sorted(document["paths"].items()):
        for method in METHODS:
            if method in operations:
                yield from _operation(method, path, operations[method])
    yield "<h2>Types</h2>"
    for name, schema in sorted(document.get("components", {}).get("schemas", {}).items()):
        yield f"<h3 id={escape(name, quote=True)}>{escape(name)}</h3><ul>"
        required = schema.get("required", [])
        for field, kind in schema.get("properties", {}).items():
            need = " (required)" if field in required else ""
            yield f"<li><code>{escape(field)}</code>: {_kind(kind)}{need}</li>"
        yield "</ul>"
    yield "</html>"


def _operation(method: str, path: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"<h3><code>{method.upper()} {escape(path)}</code></h3><p>{escape(operation.get('description', ''))}</p><ul>"
    for parameter in operation.get("parameters", []):
        kind = _kind(parameter.get("schema", {}))
        yield f"<li>{parameter['in']} <code>{escape(parameter['name'])}</code>: {kind}</li>"
    for content in operation.get("requestBody", {}).get("content", {}).values():
        yield f"<li>body: {_kind(content.get('schema', {}))}</li>"
    for status, response in operation.get("responses", {}).items():
        kinds = [_kind(content.get("schema", {})) for content in response.get("content", {}).values()]
        yield f"<li>{status}: {' or '.join(kinds) or escape(response.get('description', ''))}</li>"
    yield "</ul>"


def _kind(schema: dict[str, Any]) -> str:
    """A type in words."""
    if reference := schema.get("$ref"):
        name = escape(reference.rpartition("/")[2], quote=True)
        return f"<a href=#{name}>{name}</a>"
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return " or ".join(map(_kind, schema[word]))
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return escape(str(schema.get("const") or " | ".join(map(str, schema.get("enum", []))) or schema.get("type", "any")))
