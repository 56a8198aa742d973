"""Commands, events, states and views: frozen msgspec structs that know what the framework must know of them.

A *command* is a wish and names the roles that may utter it; an *event* is a fact and is kept for ever; a *state* is
the fold of its events; a *view* is what some viewer may know of a state. All refuse unknown fields.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from math import inf
from typing import Any, ClassVar, dataclass_transform

import msgspec

from gamekeeper.core.errors import Misuse
from gamekeeper.core.frozen import Frozen, FrozenMeta
from gamekeeper.core.names import snake_case
from gamekeeper.core.personal import PersonalFields
from gamekeeper.core.seats import ADMIN, HOST, PLAYER, SPECTATOR, SYSTEM, Role, Seat

Touches = str | tuple[str, ...] | Callable[[Any, Any], Iterable[Seat]] | None
Upcaster = Callable[[dict[str, Any]], dict[str, Any]]


class Rate(Frozen):
    """A token bucket per seat and command: `count` at once, refilled over `per_s` seconds."""

    count: int
    per_s: float = 1.0
    code: str = "rate_limited"

    def __post_init__(self) -> None:
        if self.count < 1 or not 0 < self.per_s < inf:
            raise Misuse(f"a rate of {self.count} in {self.per_s} s lets nothing in")


DEFAULT_RATE = Rate(30, per_s=1.0)


@dataclass_transform(field_specifiers=(msgspec.field,), frozen_default=True)
class _CommandMeta(FrozenMeta):
    def __new__(
        mcls,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        /,
        *,
        by: Role | tuple[Role, ...] | None = None,
        rate: Rate = DEFAULT_RATE,
        **options: Any,
    ) -> Any:
        cls: Any = super().__new__(mcls, name, bases, namespace, **options)
        roles: Any = by if isinstance(by, tuple) else (by,) if by else ()
        if bases != (msgspec.Struct,) and not (roles and all(isinstance(role, Role) for role in roles)):
            raise Misuse(f"command {name} names no role: write `class {name}(Command, by=PLAYER)`")
        cls.__roles__ = frozenset(roles)
        cls.__rate__ = rate
        cls.__wire_name__ = snake_case(name)
        return cls


class Command(msgspec.Struct, metaclass=_CommandMeta):
    """A wish. `class Show(Command, by=PLAYER)`; a class without `by=` cannot be defined.

    `rate=Rate(10, per_s=1)` limits each seat; what is over is rejected with the rate's code, never dropped silently.
    """

    __roles__: ClassVar[frozenset[Role]]
    __rate__: ClassVar[Rate]
    __wire_name__: ClassVar[str]


@dataclass_transform(field_specifiers=(msgspec.field,), frozen_default=True)
class _EventMeta(FrozenMeta):
    def __new__(
        mcls,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        /,
        *,
        public: bool = False,
        version: int = 1,
        upcast: Mapping[int, Upcaster] | None = None,
        touches: Touches = None,
        wire_name: str = "",
        personal: tuple[str, ...] = (),
        person: str = "",
        forgets: str = "",
        **options: Any,
    ) -> Any:
        cls: Any = super().__new__(mcls, name, bases, namespace, **options)
        if version < 1:
            raise Misuse(f"event {name} has version {version}: they count from 1")
        missing = [old for old in range(1, version) if old not in (upcast or {})]
        if missing:
            raise Misuse(f"event {name} v{version} has no upcasters from {missing}: old logs could not be read")
        cls.__public__ = public
        cls.__version__ = version
        cls.__upcasters__ = dict(upcast or {})
        cls.__touches__ = staticmethod(_toucher(cls, touches))
        cls.__touches_all__ = touches is None
        cls.__personal__ = _personal(cls, personal, person)
        cls.__forgets__ = forgets
        if forgets and forgets not in cls.__struct_fields__:
            raise Misuse(f"event {name} forgets {forgets!r}, which is none of its fields")
        cls.__wire_name__ = wire_name or snake_case(name)
        return cls


def _toucher(cls: Any, touches: Touches) -> Callable[[Any, Any], Iterable[Seat]]:
    if callable(touches):
        return touches
    fields = (touches,) if isinstance(touches, str) else (touches or ())
    for field in fields:
        if field not in cls.__struct_fields__:
            raise Misuse(f"event {cls.__name__} touches {field!r}, which is none of its fields")
    return lambda event, state: [getattr(event, field) for field in fields]


def _personal(cls: Any, fields: tuple[str, ...], person: str) -> PersonalFields | None:
    if bool(fields) is not bool(person):
        raise Misuse(f"event {cls.__name__}: `personal=` and `person=` go together")
    for field in (*fields, *filter(None, [person])):
        if field not in cls.__struct_fields__:
            raise Misuse(f"event {cls.__name__} has no field {field!r} that could be personal")
    return PersonalFields(fields, person) if fields else None


class Event(msgspec.Struct, metaclass=_EventMeta):
    """A fact, written down for ever: add fields with defaults or raise `version=` with `upcast={1: ...}`; never edit.

    `public=True`: also delivered to every viewer as a feed. `touches="seat"` (a field that holds a seat, several, or a
    function of the event and the committed state) narrows whose private view may change; the default, everybody, is
    always safe.

    `personal=("name",), person="seat"`: these texts say who the member in that seat is. They are kept beside the log
    and put back when it is read; once they are forgotten they read as "", which the fold must take. `forgets="seat"`:
    with this event all that is kept of the member in that seat goes.
    """

    __public__: ClassVar[bool]
    __version__: ClassVar[int]
    __upcasters__: ClassVar[dict[int, Upcaster]]
    __touches__: ClassVar[Callable[[Any, Any], Collection[Seat]]]
    __touches_all__: ClassVar[bool]
    __personal__: ClassVar[PersonalFields | None]
    __forgets__: ClassVar[str]
    __wire_name__: ClassVar[str]


class State(Frozen):
    """What a room is: the fold of its events. Make the next one with `msgspec.structs.replace`."""


class View(Frozen):
    """What some viewer may know. Parts that did not change should be the *same object* as before: that is what is
    compared first, and what makes a patch small.

    `__identity__ = "number"`: the view is of one thing, which this field names. The view of another thing replaces it
    whole, so that not even the names of what was known of the one are said of the other.
    """

    __identity__: ClassVar[str] = ""


class Config(Frozen):
    """A room's parameters, fixed in its first event. Give every field a default."""


class Lifecycle(Command, by=SYSTEM):
    """What happens to a room rather than what somebody asks for. A game that does not care matches none of them."""


class Started(Lifecycle, by=SYSTEM):
    """The room begins: at once, when full or when the host says so (`Game.start`)."""


class Joined(Lifecycle, by=SYSTEM):
    """A user has taken a seat for the first time."""

    seat: Seat
    name: str
    role: Role


class Left(Lifecycle, by=SYSTEM):
    """A member has given the seat up or was removed."""

    seat: Seat
    reason: str


class Connected(Lifecycle, by=SYSTEM):
    """The seat has a live connection again, or for the first time."""

    seat: Seat


class Disconnected(Lifecycle, by=SYSTEM):
    """The seat has had no live connection for `Game.grace_s` seconds."""

    seat: Seat


class Woken(Lifecycle, by=SYSTEM):
    """The room is awake again after a sleep or a restart of the server; `at`: when the log was last written to. Decided
    before any deadline that passed meanwhile, so that a game can stop a clock nobody could race against."""

    at: datetime


class TimedOut(Lifecycle, by=SYSTEM):
    """The deadline of this name, as `Game.deadlines` gave it, has passed."""

    deadline: str


__all__ = [
    "ADMIN",
    "HOST",
    "PLAYER",
    "SPECTATOR",
    "SYSTEM",
    "Command",
    "Config",
    "Connected",
    "Disconnected",
    "Event",
    "Joined",
    "Left",
    "Lifecycle",
    "Rate",
    "Started",
    "State",
    "TimedOut",
    "View",
    "Woken",
]
