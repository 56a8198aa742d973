"""WebSockets by picows, on the port uvicorn serves HTTP from.

uvicorn hands the transport of an upgrade request to a class made with `(config, server_state, app_state)`: the
connection, then the request again as bytes, then it sets the protocol. `Upgraded` is a picows protocol that takes part
in that. Frames to the client bypass picows: they are framed once for all viewers and written once to each.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from picows import (
    WSAutoPingStrategy,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
    picows,
)

from gamekeeper.transport.connection import Receiver
from gamekeeper.transport.framing import close_frame, text_frame
from gamekeeper.transport.reception import Reception, Refusal
from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.frames import MAX_FRAME_BYTES

_WSProtocol: Any = picows.__dict__["WSProtocol"]
"""Not among picows' declared names; a contract test watches over it."""

_TEXT = WSMsgType.TEXT  # looked up once, like those of `room/ledger.py`
READ_BUFFER_BYTES = 4096
TOO_BIG = 1009
UNSUPPORTED = 1003
LOW_WATER_BYTES = 16 * 1024
HIGH_WATER_BYTES = 64 * 1024

_log = logging.LoggerAdapter(logging.getLogger("gamekeeper.websocket"))
"""An adapter, because picows makes a child of a plain logger for every connection."""


class SocketPeer(WSListener):
    """One WebSocket: what picows calls when something arrives, and what its receiver writes to."""

    frame = staticmethod(text_frame)

    def __init__(self, reception: Reception) -> None:
        self._reception = reception
        self._receiver: Receiver | None = None
        self._transport: asyncio.Transport | None = None
        self._parts: list[bytes] = []
        self._parts_bytes = 0

    def accept(self, request: WSUpgradeRequest) -> Refusal | None:
        """Ask the reception."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        answer = self._reception.accept(request.path.decode("ascii", "replace"), headers, self)
        if isinstance(answer, Refusal):
            return answer
        self._receiver = answer
        return None

    # -- from picows -------------------------------------------------------------------------------------------------

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport.underlying_transport
        self._transport.set_write_buffer_limits(HIGH_WATER_BYTES, LOW_WATER_BYTES)
        if self._receiver is not None:
            self._receiver.opened()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        kind = frame.msg_type
        if kind is _TEXT and frame.fin and not self._parts:
            self._received(frame.get_payload_as_bytes())
        elif kind is _TEXT or kind is WSMsgType.CONTINUATION:
            self._received_part(frame)
        elif kind is WSMsgType.BINARY:
            self.close(UNSUPPORTED, "text frames only")
        elif kind is WSMsgType.CLOSE:
            if not transport.is_close_frame_sent:
                transport.send_close(frame.get_close_code())
            transport.disconnect()

    def _received(self, payload: bytes) -> None:
        receiver = self._receiver
        if receiver is not None and not receiver.closed:
            receiver.received(payload, self._reception.now())

    def _received_part(self, frame: WSFrame) -> None:
        """A fragment of a message; the whole is bounded like an unfragmented one."""
        self._parts.append(frame.get_payload_as_bytes())
        self._parts_bytes += frame.payload_size
        if self._parts_bytes > MAX_FRAME_BYTES:
            self._parts, self._parts_bytes = [], 0
            self.close(TOO_BIG, "the message is too big")
        elif frame.fin:
            payload, self._parts, self._parts_bytes = b"".join(self._parts), [], 0
            self._received(payload)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        receiver, self._receiver = self._receiver, None
        self._transport = None
        if receiver is not None:
            self._reception.gone(receiver)

    def pause_writing(self) -> None:
        pass  # what is written is counted by `buffered`

    def resume_writing(self) -> None:
        if self._receiver is not None:
            self._receiver.drained()

    # -- from the receiver -------------------------------------------------------------------------------------------

    @property
    def buffered(self) -> int:
        return self._transport.get_write_buffer_size() if self._transport is not None else 0

    def write(self, framed: bytes) -> None:
        if self._transport is not None:
            self._transport.write(framed)

    def close(self, code: int, reason: str) -> None:
        self.write(close_frame(code, reason))

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def shutdown(self) -> None:
        if self._receiver is not None:
            self._receiver.end(ClosingCode.DRAINING, "the server restarts")


def _server_side(greet: Callable[[WSUpgradeRequest], Any]) -> tuple[Any, ...]:
    """picows' own arguments, in its order."""
    return (
        None,  # host_port
        None,  # ws_path
        False,  # is_client_side
        greet,
        _log,
        True,  # disconnect_on_exception
        None,  # websocket_handshake_timeout: the request is here already
        False,  # enable_auto_ping: the heartbeat does it
        0,
        0,
        WSAutoPingStrategy.PING_WHEN_IDLE,
        True,  # enable_auto_pong
        MAX_FRAME_BYTES,
        None,
        READ_BUFFER_BYTES,
    )


def protocol_class(reception: Reception) -> type[asyncio.Protocol]:
    """What to give to uvicorn as `ws=`."""

    class Upgraded(_WSProtocol):  # type: ignore[misc]
        def __init__(self, config: Any, server_state: Any, app_state: Any) -> None:
            _WSProtocol.__init__(self, *_server_side(self._greet))
            self._peer = SocketPeer(reception)
            self._connections = server_state.connections

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self._connections.add(self)
            _WSProtocol.connection_made(self, transport)

        def connection_lost(self, error: Exception | None) -> None:
            self._connections.discard(self)
            _WSProtocol.connection_lost(self, error)

        def data_received(self, data: bytes) -> None:
            """The upgrade request, as uvicorn puts it together again."""
            while data:
                buffer = self.get_buffer(-1)
                size = min(len(buffer), len(data))
                buffer[:size] = data[:size]
                self.buffer_updated(size)
                data = data[size:]

        def shutdown(self) -> None:
            """uvicorn is going down."""
            self._peer.shutdown()

        def _greet(self, request: WSUpgradeRequest) -> Any:
            refusal = self._peer.accept(request)
            if refusal is None:
                return self._peer
            response = WSUpgradeResponse.create_error_response(refusal.status, refusal.reason.encode())
            return WSUpgradeResponseWithListener(response, None)

    return Upgraded


__all__ = ["SocketPeer", "protocol_class"]
