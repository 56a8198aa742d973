"""TypeScript types made from the message types.

After a change of the frames: `python -c "from tests.wire.test_typescript import write; write()"`.
"""

from pathlib import Path
from typing import Any, Literal

import pytest

from gamekeeper.core.game import Game
from gamekeeper.core.messages import Command, Event, State, View
from gamekeeper.core.seats import PLAYER, Seat
from gamekeeper.wire.typescript import WIDTH, frames_typescript, game_typescript

MESSAGES = Path(__file__).parents[2] / "clients" / "typescript" / "src" / "messages.ts"


def write() -> None:
    """Write the client's types anew."""
    MESSAGES.write_text(frames_typescript())


def test_the_client_has_todays_types() -> None:
    assert MESSAGES.read_text() == frames_typescript()


@pytest.mark.parametrize(
    "line",
    [
        'export type Role = "host" | "player" | "spectator" | "admin" | "system";',
        "export type FromClient = Hello | CommandFrame | Pong;",
        "export type FromServer = Welcome | Patch | Ack | Rejected | Presence | Signal | Ping | Closing;",
        '  type: "rejected";',
        "  retry_after_s?: number;",
        "  public?: ViewPatch;",
        "  events?: readonly PublicEvent[];",
        '  4015: { code: "fault", reconnect: true },',
        "export const MAX_UNANSWERED = 32;",
    ],
)
def test_the_protocol_in_typescript(line: str) -> None:
    assert line in frames_typescript().splitlines()


def test_no_line_is_too_long() -> None:
    assert max(map(len, frames_typescript().splitlines())) <= WIDTH


class Play(Command, by=PLAYER):
    """Lay a card. */ Not the end of the comment."""

    card: Literal["ace", "king"]
    target: Seat | None = None
    path: tuple[int, str] = (0, "")
    marks: tuple[int | None, ...] = ()


class Pass(Command, by=PLAYER):
    pass


class Played(Event, public=True):
    seats: dict[Seat, bool]


class Hand(View):
    cards: list[str]
    anything: Any
    odd_name: dict[str, Any] = {}


class Round(State):
    pass


class Cards(Game[Round, Play | Pass, Played]):
    def private(self, state: Round, seat: Seat) -> Hand:
        return Hand([], None)


def test_a_game_in_typescript() -> None:
    assert (
        game_typescript(Cards())
        == """\
/** What this game's clients send and see. Generated from its message types: do not edit. */

/** Lay a card. * / Not the end of the comment. */
export interface Play {
  card: "ace" | "king";
  target?: number | null;
  path?: readonly [number, string];
  marks?: readonly (number | null)[];
}

export interface Pass {
}

export interface Played {
  seats: Readonly<Record<string, boolean>>;
}

/** A room's parameters, fixed in its first event. Give every field a default. */
export interface Config {
}

export interface Hand {
  cards: readonly string[];
  anything: unknown;
  odd_name?: Readonly<Record<string, unknown>>;
}

export interface Commands {
  play: Play;
  pass: Pass;
}

export interface Events {
  played: Played;
}

export interface Views {
  public: unknown;
  shared: unknown;
  private: Hand;
}
"""
    )


def test_names_that_are_no_identifiers_are_quoted() -> None:
    class Renamed(View, rename="kebab"):
        two_words: int

    class Odd(Cards):
        def private(self, state: Round, seat: Seat) -> Renamed:
            return Renamed(1)

    Odd.private.__annotations__["return"] = Renamed
    assert '  "two-words": number;' in game_typescript(Odd())
