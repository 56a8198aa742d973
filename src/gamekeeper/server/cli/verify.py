"""`gamekeeper verify`."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from gamekeeper.server.cli import offline
from gamekeeper.server.cli.options import AppReferences, AsJson, Data, load_settings
from gamekeeper.server.cli.output import FAILED, progress, say, say_json

if TYPE_CHECKING:
    from gamekeeper.room.history import Games
    from gamekeeper.server.settings import Settings
    from gamekeeper.server.verify import Verdict


def command(data: Data = None, app: AppReferences = None, as_json: AsJson = False) -> None:
    """Replay every room and check all that can be checked. Exit status 1 when anything is wrong."""
    settings = load_settings(data=data)
    verdicts = offline.run(_verify(settings, offline.games_of(app, settings)))
    wrong = [verdict for verdict in verdicts if verdict.faults]
    if as_json:
        say_json({"rooms": len(verdicts), "faulty": [asdict(verdict) for verdict in wrong]})
    else:
        for verdict in wrong:
            for fault in verdict.faults:
                say(f"{verdict.room} ({verdict.app}): {fault}")
        say(f"{len(verdicts)} rooms, {len(wrong)} with something wrong")
    if wrong:
        raise SystemExit(FAILED)


async def _verify(settings: "Settings", games: "Games") -> "list[Verdict]":
    from gamekeeper.server.verify import verify_room

    verdicts: list[Verdict] = []
    after = ""
    async with offline.reading(settings) as log:
        with progress("Verifying rooms") as advance:
            while heads := await log.rooms(after):
                for head in heads:
                    verdicts.append(await verify_room(log, games, head.room))
                    advance(len(verdicts), len(verdicts) - 1 + len(heads))
                after = heads[-1].room
    return verdicts
