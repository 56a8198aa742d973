"""Zip files, inflated with limits that are counted while inflating."""

import io
import zipfile
import zlib

from gamekeeper_apps.quiz.formats.found import Refused

MAX_FILE = 20 * 1024 * 1024
MAX_UNPACKED = 100 * 1024 * 1024
MAX_RATIO = 200
MAX_ENTRIES = 2_000
CHUNK = 65_536
DIRECTORY_ENTRY = b"PK\x01\x02"
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others inflate without bounds before they can be counted
SMALL = 1024 * 1024  # what this little may inflate to is no bomb, whatever its ratio


class Package:
    """Reads entries one by one; the limits hold for all of them together."""

    def __init__(self, data: bytes) -> None:
        if data.count(DIRECTORY_ENTRY) > MAX_ENTRIES:
            raise Refused("error-too-large", f"more than {MAX_ENTRIES} entries")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, EOFError, OSError, NotImplementedError) as error:
            raise Refused("error-not-readable", f"no readable zip: {error}"[:120]) from None
        self._left = min(MAX_UNPACKED, max(MAX_RATIO * len(data), SMALL))
        self.names = self._zip.namelist()
        if any(entry.compress_type not in METHODS for entry in self._zip.infolist()):
            raise Refused("error-not-readable", "a compression that such packages do not use")
        for name in self.names:
            if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name[:3]:
                raise Refused("error-not-readable", f"entry {name[:60]!r} leads outside")

    def read(self, name: str) -> bytes:
        """One entry. Raises `Refused`; `KeyError` for a name that is not there."""
        parts: list[bytes] = []
        try:
            with self._zip.open(name) as entry:
                while part := entry.read(CHUNK):
                    self._left -= len(part)
                    if self._left < 0:
                        raise Refused("error-too-large", "inflates past 100 MiB or 200 to 1")
                    parts.append(part)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError) as error:
            raise Refused("error-not-readable", f"entry {name[:60]!r}: {error}"[:120]) from None
        return b"".join(parts)
