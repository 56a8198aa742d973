"""The built pages: one file per address where there is one, else the nearest `index.html` above, which routes itself.

Files under `assets/` carry a hash of their content in their name and are kept by browsers for ever; everything else is
asked for again each time and answered with 304 while it is the same. Texts go packed to browsers that take them so.
"""

import gzip
from functools import lru_cache
from hashlib import blake2b
from mimetypes import guess_type
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.server.access import anyone, server_of
from gamekeeper.server.gate import SAFE_METHODS

router = APIRouter(include_in_schema=False, dependencies=[anyone("read")])

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
PACKED = (".js", ".css", ".html", ".svg", ".json")
LEAST_PACKED_BYTES = 1_000
DATA_PREFIXES = ("api", "auth", "rooms", "codes", "apps", "health", "metrics", "time")
"""First parts of addresses that answer with data: nothing below them is a page."""
NOT_BUILT = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>Gamekeeper</title><h1>The pages are not built</h1>"
    "<p>The server runs; its pages are missing. In a checkout, <code>make build</code> builds them and "
    "<code>make run</code> does so before it starts.<p><a href=/docs>What the server answers without pages</a></html>"
)


@router.api_route("/{path:path}", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
async def page(request: Request, path: str) -> Response:
    """A page or one of its files."""
    folder = server_of(request).pages
    if request.method not in SAFE_METHODS or path.partition("/")[0] in DATA_PREFIXES:
        raise Rejected(ErrorCode.NOT_FOUND, "there is nothing at this address")
    if not (folder / "index.html").is_file():
        return HTMLResponse(NOT_BUILT, 503, {"Cache-Control": "no-store"})
    file = find(folder, path)
    if file is None:
        raise Rejected(ErrorCode.NOT_FOUND, "there is nothing at this address")
    return _respond(request, file, forever=path.startswith("assets/"))


def find(folder: Path, path: str) -> Path | None:
    """The file for an address; None: there is none. Never one outside the folder."""
    root = folder.resolve()
    wanted = (root / path).resolve()
    if not wanted.is_relative_to(root):
        return None
    if wanted.is_file():
        return wanted
    if wanted.suffix or path.startswith("assets/"):
        return None
    beside = wanted.with_name(wanted.name + ".html")
    if wanted != root and beside.is_file():
        return beside
    return next(index for above in (wanted, *wanted.parents) if (index := above / "index.html").is_file())


def _respond(request: Request, file: Path, *, forever: bool) -> Response:
    content = file.read_bytes()
    packs = file.suffix in PACKED and len(content) >= LEAST_PACKED_BYTES
    packing = packs and "gzip" in request.headers.get("accept-encoding", "")
    tag = f'"{blake2b(content, digest_size=12).hexdigest()}{"-gzip" if packing else ""}"'
    headers = {"ETag": tag, "Cache-Control": FOR_EVER if forever else ASK_AGAIN}
    if packs:
        headers["Vary"] = "Accept-Encoding"
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    if packing:
        content, headers["Content-Encoding"] = _packed(content), "gzip"
    return Response(content, media_type=guess_type(file.name)[0] or "application/octet-stream", headers=headers)


@lru_cache(maxsize=256)
def _packed(content: bytes) -> bytes:
    """Packed once, however many ask for it."""
    return gzip.compress(content, mtime=0)
