"""The rules of a room, as an author writes them."""

import random
from collections.abc import Generator, Mapping
from datetime import datetime
from typing import Any, ClassVar, Generic, Literal, TypeVar, get_args, get_origin

from gamekeeper.core.catalogue import Catalogue
from gamekeeper.core.context import Context
from gamekeeper.core.errors import Misuse
from gamekeeper.core.messages import Command, Config, Event, Lifecycle, State
from gamekeeper.core.record import Record, Stored
from gamekeeper.core.seats import Role, Seat

StateT = TypeVar("StateT", bound=State)
CommandT = TypeVar("CommandT", bound=Command)
EventT = TypeVar("EventT", bound=Event)

Decision = Generator[EventT, StateT, None]
"""What `decide` is: yield an event, receive the state after it."""


class Game(Generic[StateT, CommandT, EventT]):
    """One kind of room: `class Pennies(Game[Table, Show, Happened])` with the state, the commands and the events.

    `decide` chooses, `evolve` records; neither mutates. Replay runs only `evolve`, so rules may change without
    rewriting history. A viewer knows what `public`, `shared` or `private` say and nothing else.
    """

    seats: ClassVar[int] = 100
    """How many players may join. The host does not count."""
    start: ClassVar[Literal["full", "created", "host"]] = "full"
    """When `Started` is decided: when the last seat is taken, when the room is opened, or when the host says so."""
    config: ClassVar[type[Config]] = Config
    """The room's parameters and their defaults; written into its first event."""
    refresh_s: ClassVar[Mapping[Role, float]] = {}
    """Least seconds between two changes of `shared` sent to a role: what a dashboard needs, not more. It grows with the
    viewers: to 2,500 of one role a change is sent once a second."""
    grace_s: ClassVar[float] = 10.0
    """How long a seat may be without a connection before `Disconnected` is decided."""
    timed: ClassVar[bool] = False
    """Whether round trips are measured as soon as somebody connects, for games that judge how fast an answer was."""
    presence: ClassVar[Literal["hosts", "everyone", "nobody"]] = "hosts"
    """Who is told that a seat came or went. Being online can be a secret, so others must be let in on purpose."""

    state_type: ClassVar[type[State]]
    catalogue: ClassVar[Catalogue]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for base in cls.__dict__.get("__orig_bases__", ()):
            arguments = get_args(base)
            if get_origin(base) is Game and not any(isinstance(argument, TypeVar) for argument in arguments):
                cls.state_type = arguments[0]
                cls.catalogue = Catalogue.of(arguments[1], arguments[2])
        if not hasattr(cls, "catalogue") and not getattr(cls, "__parameters__", ()):
            raise Misuse(f"{cls.__name__} names no messages: write Game[State, Commands, Events]")

    def initial(self, config: Any) -> StateT:
        """The state before the first event; `config` is an instance of `self.config`."""
        return self.state_type()  # type: ignore[return-value]

    def read(self, record: Record) -> EventT | None:
        """The event of a record of the log, brought up to today's shape; None: it is the framework's own.

        Raises `Undecodable` on a record of another game.
        """
        if record.type.startswith("room."):
            return None
        event: Any = self.catalogue.read_event(Stored(record.type, record.version, record.data))
        return event  # type: ignore[no-any-return]

    def decide(self, state: StateT, command: CommandT | Lifecycle, ctx: Context) -> Decision[EventT, StateT] | None:
        """What a command makes happen: yield events. Raising `Rejected` refuses it and discards all it yielded."""
        raise NotImplementedError

    def evolve(self, state: StateT, event: EventT) -> StateT:
        """The state after an event. Pure and total: every event that was ever written must fold."""
        raise NotImplementedError

    def deadlines(self, state: StateT) -> Mapping[str, datetime]:
        """What is due when. A function of the state: leaving the state cancels, recovery needs no timer table."""
        return {}

    def public(self, state: StateT) -> Any:
        """What everybody may know: a `View`, a mapping or None."""
        return None

    def shared(self, state: StateT, role: Role) -> Any:
        """What everybody in one role may know besides. Computed and encoded once per role."""
        return None

    def private(self, state: StateT, seat: Seat) -> Any:
        """What one seat may know besides."""
        return None

    def bot(self, public: Any, private: Any, rng: random.Random) -> CommandT | None:
        """What a simple player would do, knowing only what a seat knows; None: nothing now. The views come as a
        client has them: plain JSON values."""
        return None

    def invariants(self, state: StateT) -> None:
        """Raise `InvariantViolated` on a state that cannot be. Runs after each command; nothing is kept on failure."""


def defines(game: Game[Any, Any, Any], method: str) -> bool:
    """Whether the author wrote this optional method; what nobody wrote need not be called."""
    return getattr(type(game), method) is not getattr(Game, method)
