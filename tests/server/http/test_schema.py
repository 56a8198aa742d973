"""Bodies: unknown fields and excessive lengths go no further."""

import pytest
from pydantic import ValidationError

from gamekeeper.server.http.schema import CloseBody, GuestBody, JoinBody, OpenRoomBody


def test_defaults() -> None:
    assert GuestBody(name="Ann").delivery == "cookie"
    assert OpenRoomBody(app="tally").config == {}
    assert CloseBody().reason == "closed by the host"


@pytest.mark.parametrize(
    "make",
    [
        lambda: GuestBody.model_validate({"name": "Ann", "admin": True}),
        lambda: GuestBody(name="x" * 201),
        lambda: GuestBody.model_validate({"name": "Ann", "delivery": "smoke"}),
        lambda: OpenRoomBody(app="x" * 65),
        lambda: JoinBody(code="x" * 33),
    ],
)
def test_refused(make: object) -> None:
    with pytest.raises(ValidationError):
        make()  # type: ignore[operator]
