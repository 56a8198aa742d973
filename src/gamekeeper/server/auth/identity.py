"""Who is asking: what a verified credential says, and nothing else."""

from dataclasses import dataclass, field
from typing import Literal

ADMIN_ROLE = "admin"
ROLES = (ADMIN_ROLE,)
"""The roles an account can have on the server. Roles in a room (host, player, spectator) are the room's."""

UserKind = Literal["guest", "account"]


@dataclass(frozen=True)
class Identity:
    """A user as a token states them. `login` is the login the token came from: signing out ends that one alone."""

    user: str
    name: str
    kind: UserKind = "guest"
    roles: frozenset[str] = field(default_factory=frozenset[str])
    login: str = ""
    issued_at: float = 0.0
    expires_at: float = 0.0

    @property
    def is_admin(self) -> bool:
        return ADMIN_ROLE in self.roles


LOCAL_ADMIN = Identity("local", "Local administrator", "account", frozenset(ROLES))
"""Who everybody is where authentication is off."""
