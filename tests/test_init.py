"""The public promise."""

import subprocess
import sys

import gamekeeper
from gamekeeper import ADMIN, HOST, NO_SEAT, PLAYER, SPECTATOR, SYSTEM, Role, Seat


def test_every_promised_name_is_there_and_in_order() -> None:
    assert all(hasattr(gamekeeper, name) for name in gamekeeper.__all__)
    assert len(set(gamekeeper.__all__)) == len(gamekeeper.__all__)


def test_roles_and_seats_come_by_their_short_names() -> None:
    assert {ADMIN, HOST, PLAYER, SPECTATOR, SYSTEM} == set(Role)
    assert Seat(0) == NO_SEAT


def test_importing_it_does_nothing_else() -> None:
    """An application's rules must import without a server, a database or an event loop."""
    heavy = "{'asyncio', 'fastapi', 'sqlalchemy', 'picows', 'uvicorn', 'httpx', 'scipy'}"
    program = f"import sys, gamekeeper; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
