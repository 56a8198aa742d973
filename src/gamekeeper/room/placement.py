"""Which node runs a room: any may run any, unless it says whose rooms it runs."""

import string
from collections.abc import Collection, Mapping
from hashlib import blake2b
from secrets import choice, token_urlsafe
from typing import Any

import msgspec

from gamekeeper.app import App
from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.core.seats import Role
from gamekeeper.room.claims import Claims, Elsewhere
from gamekeeper.room.governance import OpenRoom

RETRY_S = 2.0
_FIRST = string.ascii_letters + string.digits


def runs(owns: Collection[str] | None, app: str) -> bool:
    """Whether a node that owns these applications (None: all) runs rooms of this one."""
    return owns is None or app in owns


async def place_of(claims: Claims, room: str, app: str) -> str | None:
    """The node to ask about a room; None: this one, which may claim it. Of several that could run a room that nobody
    has, all who ask take the same. Raises `Rejected("unavailable")` when none could."""
    if runs(claims.owns, app):
        return None
    owned = await claims.owner(room)
    if owned is not None and owned.node != claims.node:
        return owned.node
    able = [one.node for one in await claims.nodes() if one.node != claims.node and runs(one.owns, app)]
    if not able:
        raise Rejected(ErrorCode.UNAVAILABLE, f"no node that runs rooms of {app!r} is up", retry_after_s=RETRY_S)
    return max(able, key=lambda node: blake2b(f"{node} {room}".encode(), digest_size=8).digest())


async def must_be_ours(claims: Claims, room: str, app: str) -> None:
    """Raises `Elsewhere` for a room that this node does not run, and `Rejected` as `place_of`."""
    place = await place_of(claims, room, app)
    if place is not None:
        raise Elsewhere(room, place)


def wish_to_open(
    apps: Mapping[str, App], app: str, user: str, user_name: str, config: Mapping[str, Any] | None, name: str,
    seed: str | None, role: Role | None,
) -> OpenRoom:  # fmt: skip
    """What begins a room. Raises `Rejected("unknown_app")`."""
    if app not in apps:
        raise Rejected(ErrorCode.UNKNOWN_APP, f"there is no application {app!r}", field="app")
    parameters = msgspec.Raw(msgspec.json.encode(config or {}))
    return OpenRoom(app, name, parameters, seed, user, user_name, role or apps[app].creator)


def new_room_id() -> str:
    """22 URL-safe characters, 131 random bits; the first is a letter or digit, so that no program takes an id for an
    option."""
    return choice(_FIRST) + token_urlsafe(16)[:21]
