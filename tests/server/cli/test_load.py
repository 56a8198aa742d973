"""`gamekeeper load`: a hundred members over real sockets."""

from pathlib import Path
from random import Random
from typing import Any

from gamekeeper import App
from gamekeeper.core.seats import HOST, PLAYER
from gamekeeper.testing.tally import Add, Tally
from tests.server import process
from tests.server.cli.kit import Shell


class Steady(Tally):
    """Everybody always has a wish; some of them are refused, and some never have one."""

    seats = 50

    def bot(self, public: Any, private: Any, rng: Random) -> Add | None:
        wish = rng.choice([1, 1, 1, -1, 0])
        return Add(wish) if wish else None


class Hosted(Steady):
    start = "host"


class Silent(Steady):
    def bot(self, public: Any, private: Any, rng: Random) -> Add | None:
        return None


app = App("steady", "Steady", Steady(), creator=PLAYER)
hosted = App("hosted", "Hosted", Hosted(), creator=HOST)
silent = App("silent", "Silent", Silent(), creator=PLAYER)


def test_a_hundred_members_on_a_durable_server_of_their_own(shell: Shell) -> None:
    size = ("--rooms", "10", "--members", "10", "--rate", "200", "--seconds", "1", "--seed", "7")
    told = shell("load", f"{__name__}:app", *size, "--json")
    assert told.status == 0, told.err
    found = told.json
    assert found["members"] == 100 and found["unanswered"] == found["reconnects"] == 0
    assert found["commands"] + found["rejections"] + found["idle"] == 200, "every moment of the timetable was kept"
    assert found["commands"] > 0 < found["rejections"]
    assert 0 < found["p50_ms"] <= found["p99_ms"] <= found["p99_9_ms"] <= found["longest_ms"] * 1.01
    assert found["server_rss_mib"] > 0 <= found["server_cpu_share"]


def test_rooms_that_a_host_starts(shell: Shell) -> None:
    told = shell("load", f"{__name__}:hosted", "--rooms", "1", "--members", "2", "--rate", "20", "--seconds", "0.5")
    assert told.status == 0 and "members: 2" in told.out and "p99_ms: " in told.out


def test_on_a_running_server_nothing_is_known_of_its_process(shell: Shell, tmp_path: Path) -> None:
    size = ("--rooms", "1", "--members", "2", "--rate", "20", "--seconds", "0.3", "--json")
    with process.server(tmp_path) as (_, ready):
        told = shell("load", process.GAME, "--server", ready["url"], *size)
    assert told.status == 0, told.err
    assert "server_rss_mib" not in told.json and told.json["idle"] > 0, "the test game has no bot"


def test_without_any_wish_there_is_no_percentile(shell: Shell) -> None:
    told = shell(
        "load", f"{__name__}:silent", "--rooms", "1", "--members", "1", "--rate", "9", "--seconds", "0.3", "--json"
    )
    assert told.json["p99_ms"] is None and told.json["commands"] == 0


def test_over_socketio(shell: Shell) -> None:
    size = ("--rooms", "2", "--members", "5", "--rate", "100", "--seconds", "0.5", "--transport", "socketio", "--json")
    told = shell("load", f"{__name__}:app", *size)
    assert told.status == 0, told.err
    assert told.json["members"] == 10 and told.json["unanswered"] == told.json["reconnects"] == 0
    assert told.json["commands"] > 0 < told.json["rejections"] and told.json["p99_ms"] > 0


def test_what_it_cannot_do(shell: Shell) -> None:
    assert shell("load", f"{__name__}:app", "--transport", "pigeon").status == 2
    assert shell("load", "nothing").status == 2
