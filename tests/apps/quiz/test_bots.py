"""M1 in small: a whole hosted game over real sockets and a real log, lines cut all the time."""

import json
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from typer import Typer
from typer.testing import CliRunner

from gamekeeper.embedded import Apart, serving_apart
from gamekeeper_apps.quiz import app
from gamekeeper_apps.quiz.bots import bots, load, percentiles
from gamekeeper_apps.quiz.playing import Bot, Plan, Tally
from tests.apps.quiz.stage import EVERY, MATCH, SINGLE, TYPED

program = Typer()
program.command()(bots)
KEYS = [
    "players", "questions", "answers_sent", "answers_acknowledged", "answers_stored", "lost", "double", "totals_match",
    "fanout_ms", "ack_ms", "reconnects", "frames_per_player_per_question", "bytes_per_player_per_question",
    "server_rss_mib",
]  # fmt: skip


def run(folder: Path, questions: tuple[Any, ...], *arguments: str) -> dict[str, Any]:
    file = folder / "quiz.json"
    file.write_bytes(msgspec.json.encode({"questions": questions}))
    result = CliRunner().invoke(program, ["--questions", str(file), "--json", *arguments])
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.mark.slow
def test_nothing_is_lost_or_doubled_when_lines_are_cut(tmp_path: Path) -> None:
    found = run(tmp_path, EVERY, "--players", "25", "--answer-within", "0.5", "--drop", "0.5", "--seed", "7")
    assert list(found) == KEYS
    answerable = len(EVERY) - 1
    assert found["answers_sent"] == found["answers_acknowledged"] == found["answers_stored"] == 25 * answerable
    assert (found["lost"], found["double"], found["totals_match"]) == (0, 0, True)
    assert found["reconnects"] > 50 and found["server_rss_mib"] > 0


@pytest.mark.slow
def test_two_hundred_players_lose_nothing(tmp_path: Path) -> None:
    """M1 as the suite can afford it, on a server in a process of its own; ten runs with a thousand are a command."""
    asked = (SINGLE, TYPED, MATCH)
    found = run(tmp_path, asked, "--players", "200", "--answer-within", "1", "--drop", "0.3", "--seed", "11")
    assert found["answers_sent"] == found["answers_acknowledged"] == found["answers_stored"] == 200 * len(asked)
    assert (found["lost"], found["double"], found["totals_match"]) == (0, 0, True)
    assert found["reconnects"] > 100


def test_frames_and_bytes_are_within_their_limits(tmp_path: Path) -> None:
    """M4: at most 6 data frames (mean) and 4 KiB beside the question's text."""
    found = run(tmp_path, (SINGLE, TYPED, MATCH), "--players", "12", "--answer-within", "0.3")
    assert found["frames_per_player_per_question"] <= 6
    assert found["bytes_per_player_per_question"] <= 4096
    assert found["reconnects"] == 0


def test_the_application_names_its_bots() -> None:
    assert app.bots == "gamekeeper_apps.quiz.bots:bots"


def test_unreadable_questions_are_status_two(tmp_path: Path) -> None:
    empty = tmp_path / "empty.json"
    empty.write_text('{"questions": []}')
    for file in (empty, tmp_path / "missing.json"):
        assert CliRunner().invoke(program, ["--questions", str(file)]).exit_code == 2
    with pytest.raises(ValueError, match="no question"):
        load(empty)
    assert percentiles([]) == {"p50": None, "p99": None}
    assert percentiles([float(n) for n in range(1, 101)]) == {"p50": 50.0, "p99": 99.0}


@pytest.mark.anyio
async def test_a_server_apart_has_its_own_memory_and_goes_with_the_block(tmp_path: Path) -> None:
    async with serving_apart("quiz", tmp_path) as server:
        assert isinstance(server, Apart) and server.url.startswith("http://127.0.0.1:")
        assert all(figure and figure > 0 for figure in (server.peak_rss_mib, server.rss_mib, server.cpu_s))
    assert server.rss_mib is None


def test_a_seed_fixes_what_is_chosen_however_the_options_are_mixed() -> None:
    """Ids and order are the server's chance; the same seed means the same texts."""
    bot = Bot(1, Plan(1, (), 1.0, 0.0, 5), "http://127.0.0.1:9", Tally())
    texts = ("red", "green", "blue", "black")
    chosen: set[tuple[str, ...]] = set()
    for seed in range(5):
        mixed = Random(seed).sample(texts, len(texts))
        options = [{"oid": f"{seed}{text}", "text": text} for text in mixed]
        ask = {"type": "multi", "number": 1, "options": options, "rights": None}
        chosen.add(tuple(sorted(oid[1:] for oid in bot._choose(ask, Random("9")))))
    assert len(chosen) == 1


def test_questions_come_from_any_file_that_is_read(tmp_path: Path) -> None:
    file = tmp_path / "q.gift"
    file.write_text("Q {=a ~b}\n\nBad {~a}")
    (question,) = load(file)
    assert (question.type, [option.weight for option in question.options]) == ("single", [100, 0])
    file.write_text("Bad {~a}")
    with pytest.raises(ValueError, match="skip-too-few-options"):
        load(file)
