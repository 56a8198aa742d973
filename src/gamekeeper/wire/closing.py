"""Why a connection ends, and whether coming back makes sense."""

from enum import Enum


class ClosingCode(Enum):
    """`(word, WebSocket close code, reconnect)`."""

    REPLACED = ("replaced", 4000, False)
    UNAUTHENTICATED = ("unauthenticated", 4001, False)
    FORBIDDEN = ("forbidden", 4003, False)
    UNKNOWN_ROOM = ("unknown_room", 4004, False)
    SLOW = ("slow", 4008, True)
    ROOM_CLOSED = ("room_closed", 4009, False)
    IDLE = ("idle", 4010, True)
    PROTOCOL = ("protocol", 4011, False)
    DRAINING = ("draining", 4012, True)
    REVOKED = ("revoked", 4013, False)
    ALREADY_CONNECTED = ("rejected_connection", 4014, False)
    FAULT = ("fault", 4015, True)
    FULL = ("full", 4016, True)
    MOVED = ("moved", 4017, True)

    def __init__(self, word: str, websocket_code: int, reconnect: bool) -> None:
        self.word = word
        self.websocket_code = websocket_code
        self.reconnect = reconnect
