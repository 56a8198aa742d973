"""What changes rooms. There is one writer: while a server runs it is asked, otherwise one is made for the moment."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gamekeeper.server.settings import Settings

OPERATOR = "operator"


async def close_room(settings: "Settings", room: str, reason: str) -> None:
    """Raises `Rejected`, `StartError`."""
    from gamekeeper.room.history import opening
    from gamekeeper.server.addresses import read_address
    from gamekeeper.server.server import Server

    url = read_address(settings)
    if url is not None:
        await _ask_server(settings, url, f"/admin/rooms/{room}/close", {"reason": reason})
        return
    server = await Server.open(settings)
    try:
        await opening(server.log, room)
        await server.registry.close(room, reason, by=OPERATOR)
        await server.settled()
    finally:
        await server.close()


async def forget(settings: "Settings", days: float) -> int:
    """Remove personal data of rooms not written to for so long; how many. Raises `Rejected`, `StartError`."""
    from gamekeeper.server.addresses import read_address
    from gamekeeper.server.server import Server

    url = read_address(settings)
    if url is not None:
        answer: dict[str, int] = await _ask_server(settings, url, "/admin/forget", {"older_than_days": days})
        return answer["rooms"]
    server = await Server.open(settings)
    try:
        return await server.retention.forget(days)
    finally:
        await server.close()


async def _ask_server(settings: "Settings", url: str, path: str, body: dict[str, Any]) -> Any:
    """With a credential made from the data folder's secret: who can read that may do anything anyway."""
    from gamekeeper.client import Client
    from gamekeeper.server.auth.tokens import AccessTokens
    from gamekeeper.server.keys import Keyring
    from gamekeeper.server.server import Server, secrets_of

    tokens = AccessTokens(Keyring(secrets_of(settings)), 60.0, Server.now)
    token = tokens.issue(OPERATOR, "Operator", "account", frozenset({"admin"}), OPERATOR)
    async with Client(url, token) as client:
        return await client.request("POST", path, body)
