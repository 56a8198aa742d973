"""M11, the other half: everything the table of rights allows takes effect over a real line, in a phase that fits, and
is heard in every other.

`QUIZ_MATRIX=all pytest tests/apps/quiz/test_allowed.py` asks in every phase (two minutes), the suite in one; what is
forbidden is asked in every phase by `test_wire.py`, and the whole matrix without lines by `test_rights.py`.
"""

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gamekeeper_apps.quiz.game import COMMANDS
from gamekeeper_apps.quiz.rights import RIGHTS
from tests.apps.quiz.hall import Hall, hall, outcome
from tests.apps.quiz.stage import SINGLE
from tests.apps.quiz.test_rights import EXAMPLES, PHASES
from tests.apps.quiz.test_wire import reach

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
SENDERS = {"host": "Host", "presenter": "Pia", "moderator": "Mod", "player": "Pat"}
"""From the most to the least."""
FITS = {
    "show": "intro", "open": "shown", "close": "open", "reveal": "closed", "board": "revealed", "next": "board",
    "skip": "intro", "skip_segment": "intro", "extend": "open", "reopen": "closed", "intro": "segment_done",
    "resume": "paused", "undo_end": "ended", "void": "revealed", "fix_key": "revealed", "grade": "revealed",
    "hand_over": "intro", "answer": "open", "reopen_segment": "segment_done", "draw_remix": "remix_ready",
    "skip_remix": "remix_ready",
}  # fmt: skip
"""The phase in which a command does something; the lobby for all others."""
SPENT = {"start", "end", "kick", "purge", "forget_me", "skip_segment", "move_segment", "pause"}
"""After these the lobby is not what it was."""
MOVING = SPENT | {"set_presenter", "set_moderator", "hand_over"}
"""After these people are not who they were."""
ELSE = {
    "grade": "bad_value",
    "approve": "not_found",
    "reject": "not_found",
    "approve_draft": "not_found",
    "edit_draft": "not_found",
    "reject_draft": "not_found",
    "answer": "not_open",
    "begin_ask": "wrong_phase",
}
"""What there is nothing for in this gathering: the sender is heard, and told so."""


async def gathering(room: Hall, phase: str, sender: str) -> int:
    """A gathering with the host and one sender on the line, all signed in already; Pat's seat."""
    host = room.clients["Host"]
    settings = {"pre_read_s": 3, "teams": ["Red"], "lead_ms": 400, "close_when_all": False}
    room.room = await host.open("quiz", {"title": "Hall", "settings": settings})
    for title in ("One", "Two"):
        await room.add(title, (SINGLE,))
    seats = {name: (await room.clients[name].join(room.room["code"])).seat for name in {"Pat", sender} - {"Host"}}
    for line in room.lines.values():
        await line.close()
    for name in dict.fromkeys(["Host", sender]):
        room.lines[name] = room.clients[name].connect(room.room["id"], device="phone")
        await room.lines[name].__aenter__()
    if sender == "Pia":
        for segment in (1, 2):
            await room.desk.send("set_presenter", {"segment": segment, "player": seats["Pia"]})
    if sender == "Mod":
        await room.desk.send("set_moderator", {"player": seats["Mod"], "on": True})
    await reach(room, phase)
    return int(seats["Pat"])


def asked(kind: Any, pat: int) -> tuple[str, dict[str, Any]]:
    """A command's name and data that fit the gathering."""
    data = msgspec.to_builtins(EXAMPLES.get(kind) or kind())
    if data.get("player"):
        data["player"] = pat
    return kind.__wire_name__, data


def least(post: str) -> dict[str, list[Any]]:
    """By phase, what is sent by this post: each command by the least of those who may."""
    found: dict[str, list[Any]] = {}
    order = list(SENDERS)
    for kind in COMMANDS:
        if post == max((one for one in RIGHTS[kind]), key=order.index):
            found.setdefault(FITS.get(kind.__wire_name__, "lobby"), []).append(kind)
    return found


@pytest.mark.parametrize("post", SENDERS)
async def test_what_is_allowed_takes_effect(tmp_path: Path, post: str) -> None:
    """A gathering serves for as long as it is as it was."""
    sender = SENDERS[post]
    async with hall(tmp_path) as room:
        for name in SENDERS.values():
            await room.client(name)
        for phase, kinds in least(post).items():
            pat, spent = 0, True
            for kind in kinds:
                if spent:
                    pat = await gathering(room, phase, sender)
                name, data = asked(kind, pat)
                told = await outcome(room.lines[sender], name, data)
                assert told == ELSE.get(name, ""), (post, name, told)
                spent = name in SPENT or phase != "lobby"
        for line in room.lines.values():
            await line.close()


@pytest.mark.parametrize("phase", PHASES if os.environ.get("QUIZ_MATRIX") == "all" else ("closed",))
@pytest.mark.parametrize("post", SENDERS)
async def test_whoever_has_the_right_is_heard_in_every_phase(tmp_path: Path, phase: str, post: str) -> None:
    """Every allowed cell of the matrix over a real line: it takes effect, or is refused for another reason than who
    asks. A gathering serves until one of them moves it."""
    sender = SENDERS[post]
    posts = {post} if post == "host" else {post, "player"}
    allowed = [kind for kind in COMMANDS if RIGHTS[kind] & posts]
    async with hall(tmp_path) as room:
        for name in SENDERS.values():
            await room.client(name)
        heard, pat, spent = 0, 0, True
        for kind in allowed:
            if spent:
                pat = await gathering(room, phase, sender)
            name, data = asked(kind, pat)
            own = post == "presenter" and name == "answer"  # nobody answers what they present
            told = await outcome(room.lines[sender], name, data)
            assert told != "not_allowed" or own, (phase, post, name)
            heard += 1
            spent = name in MOVING or (not told and phase_of(room) != phase)
        assert heard == len(allowed) >= len({kind for kind in COMMANDS if post in RIGHTS[kind]})
        for line in room.lines.values():
            await line.close()


def phase_of(room: Hall) -> str:
    public = room.desk.public
    return "paused" if public["pause"] else str(public["phase"])
