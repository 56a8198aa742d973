"""Pictures of questions: in a view as a name made of what is in them, over HTTP as they are. A file's own name may tell
the answer and stays on the server."""

import base64
import binascii
from hashlib import sha256
from typing import Any, cast

from gamekeeper import View

KINDS = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
    "svg": "image/svg+xml",
}
MAX_PICTURE = 5 * 1024 * 1024
MAX_PICTURES = 20
"""Of one question."""


class Picture(View):
    """`hash`: SHA-256 of the picture; `alt` as its author wrote it."""

    hash: str
    alt: str


def pictures_of(media: Any) -> tuple[Picture, ...]:
    """What is shown beside a question. What is no picture is left out."""
    return tuple(Picture(_hash(text), str(one.get("alt") or "")) for one, text, _ in _given(media))


def found(media: Any, wanted: str) -> tuple[bytes, str] | None:
    """The bytes and the media type of a picture by its hash."""
    for _, text, kind in _given(media):
        if _hash(text) == wanted:
            try:
                return base64.b64decode(text), kind
            except binascii.Error:
                return None
    return None


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _given(media: Any) -> list[tuple[dict[str, Any], str, str]]:
    """(what was given, its base64, its media type) of every picture."""
    listed: list[Any] = media if isinstance(media, list) else [media]  # pyright: ignore[reportUnknownVariableType]
    known: list[tuple[dict[str, Any], str, str]] = []
    for entry in listed[:MAX_PICTURES]:
        if not isinstance(entry, dict):
            continue
        one = cast("dict[str, Any]", entry)
        text, kind = one.get("base64"), KINDS.get(str(one.get("name", "")).rpartition(".")[2].lower())
        if isinstance(text, str) and kind is not None and len(text) * 3 // 4 <= MAX_PICTURE:
            known.append((one, text, kind))
    return known
