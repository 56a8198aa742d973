"""What HTTP bodies look like. Unknown fields are refused; lengths beyond these are refused before anything is done."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from gamekeeper.server.auth.tokens import MAX_TOKEN_CHARACTERS
from gamekeeper.server.auth.usernames import MAX_PASSWORD_BYTES

MAX_TEXT_CHARACTERS = 200
"""Longer than any name may be, so that the refusal names the real rule."""


class Body(BaseModel):
    """A request's body."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Delivered(Body):
    """`delivery`: `cookie` sets HttpOnly cookies; `body` answers with the refresh token, for programs without any."""

    delivery: Literal["cookie", "body"] = "cookie"


class GuestBody(Delivered):
    name: str = Field(max_length=MAX_TEXT_CHARACTERS)


class RegisterBody(Delivered):
    username: str = Field(max_length=MAX_TEXT_CHARACTERS)
    password: str = Field(max_length=MAX_PASSWORD_BYTES)
    name: str | None = Field(None, max_length=MAX_TEXT_CHARACTERS)


class LoginBody(Delivered):
    username: str = Field(max_length=MAX_TEXT_CHARACTERS)
    password: str = Field(max_length=MAX_PASSWORD_BYTES)


class RefreshBody(Body):
    refresh_token: str | None = Field(None, max_length=MAX_TOKEN_CHARACTERS)


class OpenRoomBody(Body):
    app: str = Field(max_length=64)
    config: dict[str, Any] = Field(default_factory=dict[str, Any])
    name: str = Field("", max_length=MAX_TEXT_CHARACTERS)


class JoinBody(Body):
    code: str = Field(max_length=32)
    name: str | None = Field(None, max_length=MAX_TEXT_CHARACTERS)


class ForgetBody(Body):
    older_than_days: float = Field(ge=0)


class ForgottenAnswer(BaseModel):
    """In how many rooms names went."""

    rooms: int


class CloseBody(Body):
    reason: str = Field(default="closed by the host", max_length=MAX_TEXT_CHARACTERS)


class UserAnswer(BaseModel):
    id: str
    name: str
    kind: Literal["guest", "account"]
    roles: list[str]


class GrantAnswer(BaseModel):
    access_token: str
    expires_in_s: float
    user: UserAnswer
    refresh_token: str | None = None


class MeAnswer(BaseModel):
    user: UserAnswer
    expires_in_s: float | None


class AppAnswer(BaseModel):
    name: str
    title: str
    description: str
    creator: str
    page: str
    host_page: str
    spectator_page: str


class RoomAnswer(BaseModel):
    id: str
    app: str
    name: str
    role: str | None
    seat: int
    members: int
    created_at: datetime
    closed: bool
    code: str | None = None
    spectator_code: str | None = None
    join_url: str | None = None
    digits: str | None = None


class InvitationAnswer(BaseModel):
    room: str
    app: str
    name: str
    role: str


class ResetAnswer(BaseModel):
    room: str
    code: str
    spectator_code: str


class SeatAnswer(BaseModel):
    room: str
    seat: int
    role: str
    page: str


class TimeAnswer(BaseModel):
    server_time: float
    """Milliseconds since the epoch."""


class StatusAnswer(BaseModel):
    status: str
