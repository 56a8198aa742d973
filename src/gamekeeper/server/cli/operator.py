"""What changes rooms. There is one writer: while a server runs it is asked, otherwise one is made for the moment."""

from typing import TYPE_CHECKING

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
        await _ask_server(settings, url, room, reason)
        return
    server = await Server.open(settings)
    try:
        await opening(server.log, room)
        await server.registry.close(room, reason, by=OPERATOR)
        await server.settled()
    finally:
        await server.close()


async def _ask_server(settings: "Settings", url: str, room: str, reason: str) -> None:
    """With a credential made from the data folder's secret: who can read that may do anything anyway."""
    from gamekeeper.client import Client
    from gamekeeper.server.auth.tokens import AccessTokens
    from gamekeeper.server.keys import Keyring
    from gamekeeper.server.server import Server, secrets_of

    tokens = AccessTokens(Keyring(secrets_of(settings)), 60.0, Server.now)
    token = tokens.issue(OPERATOR, "Operator", "account", frozenset({"admin"}), OPERATOR)
    async with Client(url, token) as client:
        await client.request("POST", f"/admin/rooms/{room}/close", {"reason": reason})
