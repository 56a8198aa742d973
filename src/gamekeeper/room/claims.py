"""What a registry needs to know of the other nodes: whose room is it, and how to ask there."""

from collections.abc import Sequence
from typing import Protocol

from gamekeeper.log.ownership import Claim, Node, OwnedBy
from gamekeeper.room.governance import Member
from gamekeeper.room.mailbox import Envelope


class Elsewhere(Exception):
    """The room is another node's."""

    def __init__(self, room: str, node: str) -> None:
        super().__init__(f"room {room} is on node {node}")
        self.room = room
        self.node = node


class Claims(Protocol):
    """The part of `log.ownership.Ownership` a registry uses."""

    @property
    def node(self) -> str: ...

    @property
    def owns(self) -> tuple[str, ...] | None: ...

    @property
    def believes(self) -> bool: ...

    async def nodes(self) -> list[Node]: ...

    async def owner(self, room: str) -> OwnedBy | None: ...

    async def claim(self, room: str) -> Claim | OwnedBy: ...

    async def release(self, rooms: Sequence[str]) -> None: ...


class Neighbours(Protocol):
    """How rooms on other nodes are asked."""

    async def ask(self, node: str, room: str, wish: Envelope) -> Member | None:
        """Have it carried out there; the seat of its user, if that is a member. Raises `Rejected`, and `Elsewhere`
        when the room is not there or the node does not answer."""
        ...


class Alone:
    """No other nodes: everything is ours."""

    node = "here"
    owns = None
    believes = True

    async def nodes(self) -> list[Node]:
        return []

    async def owner(self, room: str) -> OwnedBy | None:
        return None

    async def claim(self, room: str) -> Claim | OwnedBy:
        return Claim(room, 1)

    async def release(self, rooms: Sequence[str]) -> None:
        pass


ALONE = Alone()
