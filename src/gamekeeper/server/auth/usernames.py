"""What accounts may be called and how long passwords are. Display names follow `gamekeeper.clean_name`."""

import re
import unicodedata

from gamekeeper.core.errors import ErrorCode, Rejected

MIN_USERNAME_CHARACTERS = 3
MAX_USERNAME_CHARACTERS = 32
MIN_PASSWORD_CHARACTERS = 8
MAX_PASSWORD_BYTES = 1024

_ALLOWED = re.compile(r"[a-z0-9](?:[a-z0-9]|[._-](?=[a-z0-9]))*")
_RESERVED = frozenset({"system", "guest", "gamekeeper", "local"})


def clean_username(text: str) -> str:
    """The one spelling of a user name: NFKC, lower case, 3-32 letters a-z, digits and single `.`, `_`, `-` between.

    Raises `Rejected("bad_name")`.
    """
    name = unicodedata.normalize("NFKC", text).strip().lower()
    if not MIN_USERNAME_CHARACTERS <= len(name) <= MAX_USERNAME_CHARACTERS:
        raise _bad(f"a user name has {MIN_USERNAME_CHARACTERS} to {MAX_USERNAME_CHARACTERS} characters")
    if not _ALLOWED.fullmatch(name):
        raise _bad("a user name has letters a-z, digits, and single . _ - between them")
    if name in _RESERVED:
        raise _bad(f"{name!r} is reserved")
    return name


def check_password(password: str, username: str) -> None:
    """Length and the one content rule that matters. Raises `Rejected("bad_request")`."""
    if len(password) < MIN_PASSWORD_CHARACTERS:
        raise Rejected(
            ErrorCode.BAD_REQUEST, f"a password has at least {MIN_PASSWORD_CHARACTERS} characters", field="password"
        )
    if len(password.encode()) > MAX_PASSWORD_BYTES:
        raise Rejected(ErrorCode.BAD_REQUEST, f"a password has at most {MAX_PASSWORD_BYTES} bytes", field="password")
    if password.strip().lower() == username:
        raise Rejected(ErrorCode.BAD_REQUEST, "the password is the user name", field="password")


def _bad(message: str) -> Rejected:
    return Rejected(ErrorCode.BAD_NAME, message, field="username")
