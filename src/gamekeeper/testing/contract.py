"""What every game owes its framework, checked by playing it: free tests for any application."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from gamekeeper.core.codec import encode_map
from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.core.game import Game
from gamekeeper.core.messages import Command
from gamekeeper.core.seats import PLAYER
from gamekeeper.room.fold import Fold
from gamekeeper.testing.rehearsal import Rehearsal, Seated

MAX_STEPS = 2_000
"""Moves and deadlines after which a game counts as endless."""

FAULTS = frozenset({ErrorCode.INTERNAL.value, ErrorCode.INVARIANT.value})

MISCHIEF = 0.1
"""How often a bot sends what another bot sent before instead of its own move."""


@dataclass
class Played:
    """What happened over all games."""

    games: int = 0
    commands: int = 0
    events: set[str] = field(default_factory=set[str])
    rejections: set[str] = field(default_factory=set[str])


def game_contract(
    make: Callable[[], Game[Any, Any, Any]],
    *,
    games: int = 1_000,
    players: int | None = None,
    config: dict[str, Any] | None = None,
    rejections: Iterable[str] = (),
    rare_events: Iterable[str] = (),
    endless: bool = False,
) -> Played:
    """Let the game's own bots play seeded games to the end (or, when `endless`, for 2,000 moves).

    Raises `AssertionError` when

    - a command or a deadline runs into a fault, or a game does not end;
    - a state is not what its log replays to, or does not survive JSON;
    - a seat's private view is not what the state says (a `touches=` claims too little);
    - an event of the catalogue (but the `rare_events`) or a rejection code of `rejections` never occurred.
    """
    played = Played()
    for seed in range(games):
        ended = _play(make(), str(seed), players, config, played)
        assert ended or endless, f"the game of seed {seed} goes on without end"
    unseen = set(make().catalogue.events) - played.events - set(rare_events)
    assert not unseen, f"no game ever produced {sorted(unseen)}"
    missing = set(rejections) - played.rejections
    assert not missing, f"nothing was ever rejected with {sorted(missing)}"
    return played


def _play(
    game: Game[Any, Any, Any], seed: str, players: int | None, config: dict[str, Any] | None, played: Played
) -> bool:
    """One game; False: it did not end."""
    rng = random.Random(seed)
    hosted = game.start == "host"
    rehearsal = Rehearsal(game, seed=seed, config=config)
    seats = [rehearsal.join(f"Bot {number}", PLAYER) for number in range(players or min(game.seats, 4))]
    if hosted:
        rehearsal.start()
    sent: list[Command] = []
    ended = False
    for _ in range(MAX_STEPS):
        ended = not _move(game, rehearsal, seats, rng, sent, played)
        if ended:
            break
        _check_views(game, rehearsal, seats)
    _check_replay(game, rehearsal)
    _check_deadlines(game, rehearsal)
    played.games += 1
    played.events |= {event.__wire_name__ for event in rehearsal.events}
    return ended


def _move(
    game: Game[Any, Any, Any],
    rehearsal: Rehearsal,
    seats: list[Seated],
    rng: random.Random,
    sent: list[Command],
    played: Played,
) -> bool:
    """One bot acts, or the next deadline passes; False: the game is over."""
    for seated in rng.sample(seats, len(seats)):
        command: Command | None = game.bot(seated.public, seated.private, rng)
        if sent and rng.random() < MISCHIEF:
            command = rng.choice(sent)
        if command is None:
            continue
        sent.append(command)
        played.commands += 1
        try:
            seated.send(command)
        except Rejected as rejected:
            assert rejected.code not in FAULTS, f"{command!r} ran into a fault; its traceback is in the log"
            played.rejections.add(rejected.code)
        return True
    if rehearsal.room.alarm.due_at is None:
        return False
    rehearsal.next_deadline()
    return True


def _check_views(game: Game[Any, Any, Any], rehearsal: Rehearsal, seats: list[Seated]) -> None:
    for seated in seats:
        expected = _plain(game.private(rehearsal.state, seated.seat))
        assert seated.private == expected, f"seat {seated.seat} was shown {seated.private}, not {expected}"
        assert seated.public == _plain(game.public(rehearsal.state)), "the public view was not kept up to date"


def _check_replay(game: Game[Any, Any, Any], rehearsal: Rehearsal) -> None:
    assert rehearsal.replayed() == rehearsal.state, "the log replays to another state"
    restored = Fold(game)
    restored.restore(rehearsal.room.fold.snapshot(None))
    assert restored.state == rehearsal.state, "the state does not survive its snapshot"


def _check_deadlines(game: Game[Any, Any, Any], rehearsal: Rehearsal) -> None:
    now = rehearsal.time.now()
    kept = [name for name, when in game.deadlines(rehearsal.state).items() if when.timestamp() <= now]
    assert not kept, f"deadlines passed and the game keeps them: {kept}"


def _plain(view: Any) -> Any:
    """A view as a client has it."""
    return msgspec.json.decode(msgspec.json.encode(view, enc_hook=encode_map))
