"""Frames to the client, read back by an independent parser."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Close, Frame, Opcode
from websockets.streams import StreamReader

from gamekeeper.transport.framing import close_frame, payloads, text_frame


def parsed(data: bytes) -> Frame:
    reader = StreamReader()
    reader.feed_data(data)
    parse = Frame.parse(reader.read_exact, mask=False)
    try:
        next(parse)
    except StopIteration as done:
        frame: Frame = done.value
        return frame
    raise AssertionError("not a whole frame")


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 100_000])
def test_text(size: int) -> None:
    frame = parsed(text_frame(b"x" * size))
    assert (frame.opcode, frame.fin, bytes(frame.data)) == (Opcode.TEXT, True, b"x" * size)


@pytest.mark.parametrize("reason", ["", "bye", "x" * 500, "ü" * 200])
def test_close(reason: str) -> None:
    frame = parsed(close_frame(4008, reason))
    close = Close.parse(bytes(frame.data))
    assert close.code == 4008
    assert reason.startswith(close.reason)
    assert len(frame.data) <= 125


@given(st.lists(st.sampled_from([b"", b"x", b"y" * 125, b"z" * 126, b"\x81\x05", b"w" * 70_000]), max_size=8))
def test_frames_are_taken_apart_again(written: list[bytes]) -> None:
    assert payloads(b"".join(map(text_frame, written))) == written
