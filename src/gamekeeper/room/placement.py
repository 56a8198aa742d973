"""Which node runs a room: any may run any, unless it says whose rooms it runs."""

import string
from collections.abc import Collection
from hashlib import blake2b
from secrets import choice, token_urlsafe

from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.room.claims import Claims

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


def new_room_id() -> str:
    """22 URL-safe characters, 131 random bits; the first is a letter or digit, so that no program takes an id for an
    option."""
    return choice(_FIRST) + token_urlsafe(16)[:21]
