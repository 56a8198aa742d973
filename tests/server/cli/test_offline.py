"""The data folder without a server."""

import asyncio

import pytest

from gamekeeper import Rejected
from gamekeeper.log.protocol import LogUnavailable
from gamekeeper.server.cli import offline
from gamekeeper.server.settings import load
from tests.server.cli.kit import GAME


async def failing(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(
    ("error", "status"),
    [(Rejected("unknown_room", "no such room"), 2), (LogUnavailable("gone"), 1), (OSError("full"), 1)],
)
def test_what_can_go_wrong_is_a_message(error: Exception, status: int, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        offline.run(failing(error))
    assert caught.value.code == status and capsys.readouterr().err.startswith("gamekeeper: ")


def test_a_mistake_of_ours_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        offline.run(failing(ZeroDivisionError()))


def test_reading_writes_nothing(played: tuple[str, str]) -> None:
    async def read() -> int:
        async with offline.reading(load(data=played[0])) as log:
            answered: asyncio.Future[object] = asyncio.get_running_loop().create_future()
            log.append(played[1], 99, 99, b"[]", answered.set_result)
            assert isinstance(await answered, LogUnavailable)
            return await log.last_seq(played[1])

    assert offline.run(read()) > 0


def test_games_by_reference(capsys: pytest.CaptureFixture[str]) -> None:
    assert "tally" in offline.games_of([GAME], load())
    with pytest.raises(SystemExit):
        offline.games_of(["nothing:app"], load())
    assert "nothing" in capsys.readouterr().err
