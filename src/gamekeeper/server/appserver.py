"""What an application's `routes(server)` gets: who may call, who sits where, and the rooms of its own game."""

from dataclasses import dataclass
from typing import Any

from fastapi import Depends, Request

from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.core.messages import Command
from gamekeeper.core.record import Record
from gamekeeper.core.seats import HOST, NO_SEAT, PLAYER, SYSTEM, Role, Seat
from gamekeeper.log.database import Database
from gamekeeper.log.readmodels import ReadModels
from gamekeeper.room import history
from gamekeeper.server.access import Access, RateClass, server_of
from gamekeeper.server.addresses import player_url
from gamekeeper.server.auth.identity import Identity
from gamekeeper.server.hooks import Hooks, Source
from gamekeeper.server.qr import qr_svg
from gamekeeper.server.replay import records_after
from gamekeeper.server.server import Server


@dataclass(frozen=True)
class Seatholder:
    """The caller of a route about a room."""

    room: str
    user: str
    name: str
    seat: Seat
    role: Role


@dataclass(frozen=True)
class Membership(Access):
    """Access for those with a seat in the room `{room}` of the route's path. Administrators count as hosts."""

    app: str = ""
    roles: frozenset[Role] = frozenset()

    async def __call__(self, request: Request) -> Any:
        identity = await super().__call__(request)
        if identity is None:
            raise Rejected(ErrorCode.UNAUTHENTICATED, "sign in first")
        room = str(request.path_params.get("room", ""))
        found = await server_of(request).directory.room(room, identity.user)
        if found.app != self.app:
            raise Rejected(ErrorCode.UNKNOWN_ROOM, "there is no such room")
        role = HOST if identity.is_admin else found.role
        if role is None or (self.roles and role not in self.roles):
            raise Rejected(ErrorCode.FORBIDDEN, "your seat in this room does not allow that")
        return Seatholder(room, identity.user, identity.name, Seat(found.seat), role)


class AppServer:
    """One application's view of the server.

    def routes(server):
        router = APIRouter()

        @router.get("/{room}/export.csv")
        async def export(member: Annotated[Any, server.member(HOST)]):
            return csv_of(await server.records(member.room))

        return router
    """

    def __init__(self, server: Server, app: str) -> None:
        self._server = server
        self.app = app

    @property
    def database(self) -> Database:
        """Where the application's projections are: `async with server.database.begin() as connection`."""
        return self._server.database

    @property
    def read_models(self) -> ReadModels:
        """The same for reading what may be a moment old, from a replica where there is one:
        `async with server.read_models.read() as connection`."""
        return self._server.storage.read_models

    @property
    def has_reactors(self) -> bool:
        """Whether slow work of the application runs here: routes that only feed it are left out otherwise."""
        return bool(self._server.apps[self.app].reactors)

    def anyone(self, rate: RateClass = "read") -> Any:
        """`Annotated[Any, server.anyone()]`: the caller's `Identity`, None for one who is not signed in."""
        return Depends(Access("anyone", rate))

    def user(self, rate: RateClass = "read") -> Any:
        """`Annotated[Any, server.user()]`: the caller's `Identity`; others are refused."""
        return Depends(Access("user", rate))

    def admin(self) -> Any:
        """`Annotated[Any, server.admin()]`: an administrator's `Identity`; others are refused."""
        return Depends(Access("admin", "admin"))

    def member(self, *roles: Role, rate: RateClass = "read") -> Any:
        """`Annotated[Any, server.member(HOST)]`: the caller's `Seatholder` in the room `{room}` of the path. Who has
        none of these roles there (none named: no seat) is refused."""
        return Depends(Membership("user", rate, self.app, frozenset(roles)))

    async def records(self, room: str, after: int = 0, limit: int = 10_000) -> list[Record]:
        """The room's events after a seq; at most 10,000 at a time."""
        return await records_after(self._server.log, room, after, limit)

    async def state(self, room: str, seq: int | None = None) -> Any:
        """The room's state as its log gives it, as of a seq. Raises `Rejected("unknown_room")`."""
        return (await history.replay(self._server.log, room, self._server.registry.games, seq)).state

    async def live_state(self, room: str) -> Any:
        """The room's committed state as it is now, without a replay where one can be spared. Raises
        `Rejected("unknown_room")`."""
        return await self._server.glances.state(room)

    async def open(self, who: Identity, *, config: dict[str, Any] | None = None, name: str = "") -> str:
        """A new room of this application for a user, with join codes; its id. Raises `Rejected`."""
        self._server.admit(self.app, who)
        room = await self._server.registry.create(self.app, who.user, who.name, config=config, name=name)
        await self._server.directory.give_codes(room)
        await self._server.settled()
        return room

    async def ask(
        self, room: str, command: Command, *, seat: Seat = NO_SEAT, role: Role = SYSTEM, user: str = ""
    ) -> None:
        """Have a room carry out a command; returns once it is written down. Raises `Rejected`."""
        await self._server.registry.ask(room, command, seat=seat, role=role, user=user)

    @property
    def hooks(self) -> Hooks:
        """Addresses that are called: whether any may be, what signs a call, whether calls arrive."""
        return self._server.hooks

    def call_hooks(self, source: Source) -> None:
        """Have what `source` says of a room's committed state called when it has changed: `Call`s, each with what it is
        told. Asked after every commit: it must not take long where a room has none."""
        self._server.hooks.follow(self.app, source)

    async def invitation(self, request: Request, room: str) -> dict[str, str | None]:
        """What a page may show so that others come in: `code`, `join_url` and `qr_svg`, the link as a picture. All are
        None once the room is closed. Who may see it is for the route to say."""
        code = (await self._server.directory.codes(room)).get(PLAYER)
        url = f"{self.player_url(request)}/join/{code}" if code is not None else None
        return {"code": code, "join_url": url, "qr_svg": qr_svg(url).decode() if url is not None else None}

    def player_url(self, request: Request) -> str:
        """The address players reach this server at."""
        return player_url(self._server.settings, request.url)
