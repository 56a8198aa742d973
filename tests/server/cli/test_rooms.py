"""`gamekeeper rooms`."""

import json
from pathlib import Path

from tests.server.cli.kit import GAME, Shell


def test_list(shell: Shell, played: tuple[str, str]) -> None:
    data, room = played
    listed = shell("rooms", "list", "--data", data, "--json").json
    assert listed == [{"id": room, "app": "tally", "name": "Played", "seq": listed[0]["seq"], "closed": False}]
    assert room in shell("rooms", "list", "--data", data).out


def test_show(shell: Shell, played: tuple[str, str]) -> None:
    data, room = played
    shown = shell("rooms", "show", room, "--data", data, "--app", GAME, "--json").json
    assert shown["members"][0]["name"] == "Ann" and "state" not in shown
    assert "Ann" in shell("rooms", "show", room, "--data", data, "--app", GAME).out


def test_replay_at_any_seq(shell: Shell, played: tuple[str, str]) -> None:
    data, room = played
    last = shell("rooms", "replay", room, "--data", data, "--app", GAME).json
    assert last["state"]["total"] == 5 and last["private"]["1"] == {"secret": 3}
    before = shell("rooms", "replay", room, "--seq", str(last["seq"] - 1), "--data", data, "--app", GAME).json
    assert before["private"]["1"] == {"secret": 0} and before["seq"] == last["seq"] - 1


def test_export_to_a_file(shell: Shell, played: tuple[str, str], tmp_path: Path) -> None:
    data, room = played
    target = tmp_path / "room.jsonl"
    assert shell("rooms", "export", room, "-o", str(target), "--data", data).status == 0
    events = [json.loads(line) for line in target.read_text().splitlines()]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[0]["type"] == "room.opened" and events[-1]["data"] == {"seat": 1, "amount": 3}


def test_unknown_rooms_and_folders(shell: Shell, played: tuple[str, str], tmp_path: Path) -> None:
    for command in ("show", "replay", "export", "close"):
        failed = shell("rooms", command, "nothing", "--data", played[0])
        assert failed.status == 2 and "no such room" in failed.err, command
    assert shell("rooms", "list", "--data", str(tmp_path / "nowhere")).status == 1


def test_close_without_a_server(shell: Shell, played: tuple[str, str]) -> None:
    data, room = played
    assert shell("rooms", "close", room, "--reason", "over", "--data", data, "--app", GAME).status == 0
    assert shell("rooms", "list", "--data", data, "--json").json[0]["closed"] is True
    shown = shell("rooms", "show", room, "--data", data, "--app", GAME, "--json").json
    assert shown["closed"] == "over"


def test_forget_without_a_server(shell: Shell, played: tuple[str, str]) -> None:
    data, room = played
    assert "in 0 rooms" in shell("rooms", "forget", "--older-than", "1", "--data", data, "--app", GAME).out
    assert "in 1 rooms" in shell("rooms", "forget", "--older-than", "0", "--data", data, "--app", GAME).out
    shown = shell("rooms", "show", room, "--data", data, "--app", GAME, "--json").json
    assert {member["name"] for member in shown["members"]} == {""}
    assert shell("rooms", "replay", room, "--data", data, "--app", GAME).json["state"]["total"] == 5
    assert shell("rooms", "forget", "--data", data).status == 2


def test_rooms_in_postgresql(shell: Shell, on_postgres: tuple[str, str]) -> None:
    data, room = on_postgres
    assert shell("rooms", "close", room, "--data", data, "--app", GAME).status == 0
    assert shell("rooms", "list", "--data", data, "--json").json[0]["closed"] is True
