"""The game that is measured: keep what is added, tell everybody."""

from typing import Any

from gamekeeper import PLAYER, App, Command, Context, Decision, Event, Game, Map, Rate, State


class Add(Command, by=PLAYER, rate=Rate(10**9)):
    ts: int
    c: int
    seq: int
    key: str
    val: int
    pad: str


class Added(Event, public=True, touches=()):
    ts: int
    c: int
    seq: int
    key: str
    val: int
    rev: int


class Values(State):
    values: Map[str, int] = Map()
    rev: int = 0


class Adding(Game[Values, Add, Added]):
    seats = 10_000
    start = "created"

    def decide(self, state: Values, command: Any, ctx: Context) -> Decision[Added, Values]:
        match command:
            case Add(ts, c, seq, key, val):
                yield Added(ts, c, seq, key, val, state.rev + 1)
            case _:
                pass

    def evolve(self, state: Values, event: Added) -> Values:
        return Values(state.values.set(event.key, event.val), event.rev)


app = App("adding", "Adding", Adding(), creator=PLAYER)
other = App("other", "Another kind of game", Adding(), creator=PLAYER)
apps = {app.name: app, other.name: other}
