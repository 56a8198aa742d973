"""`gamekeeper bots` for applications without bots of their own."""

from pathlib import Path
from random import Random
from typing import Any

import pytest

from gamekeeper import App
from gamekeeper.core.seats import HOST, PLAYER
from gamekeeper.server.cli import loading
from gamekeeper.server.cli.bots import command_for
from gamekeeper.testing.tally import Add, Tally
from tests.server import process
from tests.server.cli.kit import Shell


class Eager(Tally):
    """Adds until there is enough."""

    seats = 3

    def bot(self, public: Any, private: Any, rng: Random) -> Add | None:
        return Add(rng.choice([1, 2, -1])) if public["total"] < 20 else None


class Hosted(Eager):
    start = "host"


app = App("eager", "Eager", Eager(), creator=PLAYER)
hosted = App("hosted", "Hosted", Hosted(), creator=HOST)


@pytest.mark.parametrize("reference", ["app", "hosted"])
def test_they_play_over_real_sockets_on_a_server_of_their_own(shell: Shell, reference: str) -> None:
    played = shell("bots", f"{__name__}:{reference}", "--rooms", "2", "--seed", "3", "--patience", "0.3", "--json")
    assert played.status == 0, played.err
    counted = played.json
    assert (counted["rooms"], counted["players"]) == (2, 6)
    assert counted["commands"] >= 20 and counted["rejections"] > 0


def test_moves_are_bounded(shell: Shell) -> None:
    counted = shell("bots", f"{__name__}:app", "--players", "1", "--moves", "2", "--json").json
    assert counted["commands"] + counted["rejections"] == 2


def test_they_play_on_a_running_server(shell: Shell, tmp_path: Path) -> None:
    with process.server(tmp_path) as (_, ready):
        played = shell("bots", process.GAME, "--server", ready["url"], "--players", "2", "--patience", "0.2")
    assert played.status == 0 and "players: 2" in played.out


def test_each_application_has_its_command() -> None:
    assert command_for(app, "eager").__doc__ and loading.find_app(f"{__name__}:app") is app
