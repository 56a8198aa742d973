"""The handshake: path, origin, capacity, cookie."""

from http import HTTPStatus
from typing import Any

import pytest

from gamekeeper.transport.connection import Connection
from gamekeeper.transport.reception import Reception, Refusal


class Nobody:
    frame = staticmethod(bytes)
    buffered = 0

    def write(self, framed: bytes) -> None: ...
    def close(self, code: int, reason: str) -> None: ...
    def abort(self) -> None: ...
    def enter(self, connection: Any, hello: Any) -> None: ...
    def left(self, connection: Any) -> None: ...


def reception(**options: Any) -> Reception:
    return Reception(Nobody(), lambda: 0.0, **options)


@pytest.mark.parametrize(
    "path", ["/", "/rooms/x", "/rooms//socket", "/rooms/a b/socket", "/rooms/" + "x" * 65 + "/socket"]
)
def test_other_paths(path: str) -> None:
    answer = reception().accept(path, {}, Nobody())
    assert isinstance(answer, Refusal)
    assert answer.status == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("headers", "let_in"),
    [
        ({}, True),
        ({"origin": "https://school.example"}, True),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "null"}, False),
        ({"origin": "http://here.test:8000", "host": "here.test:8000"}, True),
        ({"origin": "http://here.test:9000", "host": "here.test:8000"}, False),
    ],
)
def test_origins(headers: dict[str, str], let_in: bool) -> None:
    answer = reception(origins=["https://school.example"]).accept("/rooms/r/socket", headers, Nobody())
    assert isinstance(answer, Connection) is let_in


def test_a_cookie_is_a_credential() -> None:
    headers = {"cookie": "a=b; gamekeeper_access=token; c=d"}
    answer = reception().accept("/rooms/r/socket?x=1", headers, Nobody())
    assert isinstance(answer, Connection)
    assert (answer.credential, answer.room_id) == ("token", "r")


def test_capacity_and_closing() -> None:
    small = reception(capacity=1)
    first = small.accept("/rooms/r/socket", {}, Nobody())
    assert isinstance(first, Connection)
    second = small.accept("/rooms/r/socket", {}, Nobody())
    assert isinstance(second, Refusal)
    assert second.status == HTTPStatus.SERVICE_UNAVAILABLE
    small.gone(first)
    assert isinstance(small.accept("/rooms/r/socket", {}, Nobody()), Connection)
    small.closing = True
    assert isinstance(small.accept("/rooms/r/socket", {}, Nobody()), Refusal)
