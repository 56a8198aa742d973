"""Server-to-client WebSocket frames (RFC 6455 section 5.2): unmasked, unfragmented text, and close."""

MAX_REASON_BYTES = 123


def text_frame(payload: bytes) -> bytes:
    """A payload with its header, ready to be written; several may be joined into one write."""
    size = len(payload)
    if size < 126:
        return b"\x81%c%b" % (size, payload)
    if size < 65_536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


def payloads(frames: bytes) -> list[bytes]:
    """The payloads of frames that `text_frame` made: for a transport that does its own framing."""
    found: list[bytes] = []
    at, end = 0, len(frames)
    while at < end:
        size, start = frames[at + 1], at + 2
        if size == 126:
            size, start = int.from_bytes(frames[at + 2 : at + 4], "big"), at + 4
        elif size == 127:
            size, start = int.from_bytes(frames[at + 2 : at + 10], "big"), at + 10
        at = start + size
        found.append(frames[start:at])
    return found


def close_frame(code: int, reason: str) -> bytes:
    """Reason cut to what a control frame can carry."""
    body = code.to_bytes(2, "big") + reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore").encode()
    return b"\x88%c%b" % (len(body), body)
