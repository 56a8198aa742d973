"""The secret everything else is derived from: judged, read, generated, rotated.

The first secret signs; all of them verify. To rotate: put the new one first, keep the old one behind it until the
longest-lived token has expired, then drop it.
"""

import os
import re
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from secrets import token_urlsafe

MIN_SECRET_BYTES = 32
MIN_DISTINCT_CHARACTERS = 10
SECRET_FILE_NAME = "secret"

_KNOWN_BAD = re.compile(
    "your|secret|change|this|please|must|default|password|passw0rd|insecure|example|development|production|flask|django"
    "|jwt|token|key|dev|test|admin|gamekeeper|qwertyuiop|asdfghjkl|zxcvbnm|letmein|placeholder|replace|me|not|for|in|use"
    "|abcdefghijklmnopqrstuvwxyz|0123456789|1234567890|123456|abcdef|super|my|the|very|long|string|value|here|to"
)


def weakness(secret: str) -> str | None:
    """Why a secret cannot be used; None if it can."""
    if len(secret.encode()) < MIN_SECRET_BYTES:
        return f"shorter than {MIN_SECRET_BYTES} bytes"
    if len(set(secret)) < MIN_DISTINCT_CHARACTERS:
        return f"fewer than {MIN_DISTINCT_CHARACTERS} different characters"
    words = re.sub(r"[^a-z0-9]", "", secret.lower())
    if len(_KNOWN_BAD.sub("", words)) < len(words) / 2:
        return "made of well-known words"
    return None


def read_secrets(file: Path) -> list[str]:
    """The secrets of a file, one a line, the signing one first. Raises `OSError` or `UnicodeDecodeError`."""
    return [line.strip() for line in file.read_text().splitlines() if line.strip()]


def generated_secret(folder: Path) -> list[str]:
    """The embedded profile's secrets: those in the folder's file, made with the first start (mode 0600)."""
    file = folder / SECRET_FILE_NAME
    folder.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        file.chmod(0o600)
        return read_secrets(file) or _generate_again(file)
    with os.fdopen(descriptor, "w") as target:
        secret = token_urlsafe(48)
        target.write(secret + "\n")
    return [secret]


def _generate_again(file: Path) -> list[str]:
    """A file that a crash left empty."""
    secret = token_urlsafe(48)
    file.write_text(secret + "\n")
    return [secret]


class Keyring:
    """Keys for one purpose each, derived from every secret. May be given new secrets while running."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self.replace(secrets)

    def replace(self, secrets: Sequence[str]) -> None:
        """Rotate: the first signs from now on. Raises `ValueError` on an empty list."""
        if not secrets:
            raise ValueError("a keyring needs a secret")
        self._secrets = [secret.encode() for secret in secrets]
        self._derived: dict[str, dict[str, bytes]] = {}

    def signing(self, purpose: str) -> tuple[str, bytes]:
        """`(key id, key)` to sign with."""
        return next(iter(self.all(purpose).items()))

    def all(self, purpose: str) -> dict[str, bytes]:
        """Every key that verifies, by its id, the signing one first."""
        derived = self._derived.get(purpose)
        if derived is None:
            keys = [_derive(secret, purpose) for secret in self._secrets]
            derived = self._derived[purpose] = {blake2b(key, digest_size=8).hexdigest(): key for key in keys}
        return derived


def _derive(secret: bytes, purpose: str) -> bytes:
    return blake2b(purpose.encode(), key=blake2b(secret).digest(), digest_size=32).digest()
