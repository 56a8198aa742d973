"""Images that belong to a question: taken along where they are part of what was given, missed where they are not."""

import base64
import posixpath
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from gamekeeper_apps.quiz.formats.xml import Element

MAX_MEDIA = 5 * 1024 * 1024
KINDS = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".mp3", ".mp4", ".ogg", ".webm")
BASES = re.compile(r"^(\$|%24)IMS[-_]CC[-_]FILE_?BASE(\$|%24)/?", re.I)
SOURCE = re.compile(r"""<img\b[^<>]*?\bsrc\s*=\s*("[^"]*"|'[^']*')""", re.I)


class Attached:
    """Looks for what an item names, beside the item."""

    def __init__(self, folder: str, fetch: Callable[[str], bytes | None]) -> None:
        self._folder = folder
        self._fetch = fetch
        self.media: list[dict[str, Any]] = []

    def anew(self) -> "Attached":
        """The same place, for another item."""
        return Attached(self._folder, self._fetch)

    def all_there(self, part: Element) -> bool:
        """Whether every image inside an element could be taken along."""
        return all([self._take(one.get("src", "data")) for one in part.all("img", "object")])

    def all_named(self, text: str) -> bool:
        """Whether every image in a text with markup could be taken along."""
        found = [self._take(source[1:-1]) for source in SOURCE.findall(text)]
        return all(found) and (bool(found) or not re.search(r"<img\b|\$IMS_CC_FILE", text, re.I))

    def _take(self, source: str) -> bool:
        if source.startswith("data:image/") or any(one["name"] == source for one in self.media):
            return True
        relative = BASES.sub("web_resources/", source)
        path = posixpath.normpath(posixpath.join(self._folder, unquote(relative.partition("?")[0])))
        if not path.lower().endswith(KINDS) or path.startswith(("..", "/")) or ":" in path:
            return False
        data = self._fetch(path)
        if data is None and relative != source:
            data = self._fetch(path.replace("web_resources/", "", 1))
        if data is None or len(data) > MAX_MEDIA:
            return False
        self.media.append({"name": source, "base64": base64.b64encode(data).decode()})
        return True
