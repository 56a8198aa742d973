"""`gamekeeper chsh export` and `verify` as programs, on a data folder that a server has written."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gamekeeper.client import Client
from gamekeeper.embedded import records_of, serving
from gamekeeper_apps.chsh import app
from gamekeeper_apps.chsh.cli import commands


async def play(data: Path) -> tuple[str, str, str, str]:
    """A committed run of three rounds; the room, its code, secret and commitment."""
    async with serving(app, data, log_store="sqlite") as server, Client(server.url) as host:
        await host.guest("Host")
        room = await host.open("chsh")
        players = [Client(server.url) for _ in range(2)]
        for number, player in enumerate(players):
            await player.guest(f"P{number}")
            await player.join(room["code"])
        async with (
            host.connect(room["id"]) as desk,
            players[0].connect(room["id"]) as one,
            players[1].connect(room["id"]) as two,
        ):
            await desk.send(
                "open_run", {"planned_rounds": 3, "feedback_pause_s": 0, "deadline_s": None, "committed": True}
            )
            await desk.send("start_run", {})
            for number in (1, 2, 3):
                for live in (one, two):
                    await live.until(lambda live=live: live.private["question"], 5)
                    await live.send("answer", {"run": 1, "round": number, "answer": "F"})
            await desk.until(lambda: desk.public["run"]["secret"], 5)
            run = desk.public["run"]
        for player in players:
            await player.__aexit__(None, None, None)
        return room["id"], room["code"], run["secret"], run["commitment"]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str, str, str]:
    data = tmp_path_factory.mktemp("data")
    return (data, *asyncio.run(play(data)))


@pytest.mark.parametrize("form", ["rounds-csv", "answers-csv", "jsonl", "report"])
def test_every_format(written: tuple[Path, str, str, str, str], form: str, tmp_path: Path) -> None:
    data, room, code, *_ = written
    runner = CliRunner()
    printed = runner.invoke(commands, ["export", "--format", form, "--data", str(data), room])
    assert printed.exit_code == 0, printed.output
    file = tmp_path / "out"
    saved = runner.invoke(commands, ["export", "--format", form, "-o", str(file), "--data", str(data), room])
    assert saved.exit_code == 0
    assert file.read_bytes() == printed.stdout_bytes
    by_code = runner.invoke(commands, ["export", code, "--format", form, "--data", str(data)])
    assert by_code.stdout_bytes == printed.stdout_bytes
    if form == "rounds-csv":
        assert runner.invoke(commands, ["analyse", str(file), "--json"]).exit_code == 0


def test_an_unknown_room(written: tuple[Path, str, str, str, str], tmp_path: Path) -> None:
    for folder in (written[0], tmp_path):
        result = CliRunner().invoke(commands, ["export", "nowhere", "--format", "jsonl", "--data", str(folder)])
        assert result.exit_code == 2
        assert result.stdout == ""


def test_the_commitment_is_verified(written: tuple[Path, str, str, str, str], tmp_path: Path) -> None:
    data, room, _, secret, commitment = written
    file = tmp_path / "rounds.csv"
    runner = CliRunner()
    runner.invoke(commands, ["export", "--format", "rounds-csv", "-o", str(file), "--data", str(data), room])
    call = ["verify", str(file), "--secret", secret, "--commitment", commitment]
    told = runner.invoke(commands, call)
    assert (told.exit_code, told.stdout) == (0, "3 of 3 questions are what the secret says\n")
    assert runner.invoke(commands, [*call[:-1], "0" * 64]).exit_code == 1
    assert runner.invoke(commands, ["verify", str(file), "--secret", "zz", "--commitment", commitment]).exit_code == 2


def test_records_without_a_server(written: tuple[Path, str, str, str, str]) -> None:
    records = asyncio.run(records_of(written[1], written[0]))
    assert records[0].type == "room.opened"
    assert [record.seq for record in records] == list(range(1, len(records) + 1))
    assert asyncio.run(records_of("nowhere", written[0])) == []
