"""What can go wrong, by name.

Three nouns: a `Rejected` command (the sender asked for something the rules do not allow; nothing changed), a `Fault`
(the author's or our own code is wrong; nothing changed, somebody should look) and a `Misuse` (the program around
the framework is wrong; raised at definition or start, never while playing).
"""

from enum import StrEnum


class ErrorCode(StrEnum):
    """Every code the framework itself answers with. Games add their own rejection codes to these."""

    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_HOST = "not_host"
    NOT_FOUND = "not_found"
    UNKNOWN_ROOM = "unknown_room"
    UNKNOWN_APP = "unknown_app"
    UNKNOWN_CODE = "unknown_code"
    UNKNOWN_COMMAND = "unknown_command"
    UNKNOWN_FIELD = "unknown_field"
    BAD_FRAME = "bad_frame"
    BAD_COMMAND = "bad_command"
    BAD_NAME = "bad_name"
    BAD_REQUEST = "bad_request"
    CONFLICT = "conflict"
    RATE_LIMITED = "rate_limited"
    CAPACITY = "capacity"
    TOO_LARGE = "too_large"
    STALE_COMMAND = "stale_command"
    ROOM_CLOSED = "room_closed"
    DRAINING = "draining"
    UNAVAILABLE = "unavailable"
    DATABASE_ERROR = "database_error"
    INVARIANT = "invariant"
    INTERNAL = "internal"


class Rejected(Exception):
    """The command is refused: everything it yielded is discarded and only its sender is told.

    `code` is a stable snake_case word (a game's own or an `ErrorCode`), `field` names the offending input if one
    does, `retry_after_s` says when trying again can help.
    """

    def __init__(
        self, code: str, message: str = "", *, field: str | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(code, message)
        self.code = str(code)
        self.message = message or self.code.replace("_", " ")
        self.field = field
        self.retry_after_s = retry_after_s

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class Fault(Exception):
    """Code is wrong. The room's state and log are unchanged; the sender is told `internal`, never the text."""


class InvariantViolated(Fault):
    """A state that the game says cannot be. Raise it from `Game.invariants`."""


class Undecodable(Fault):
    """A stored event cannot be read: unknown type, or a version without an upcaster."""


class Misuse(TypeError):
    """A definition the framework refuses: a command without a role, an event version without its upcaster."""
