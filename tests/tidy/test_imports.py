"""Imports point one way, and time and chance stay outside the pure packages."""

import pytest

import gamekeeper
from tests.tidy.imports import LAYERS, defines_game, impurities, layer_of, private_doors, wrong_direction
from tests.tidy.tree import APPLICATIONS, FRAMEWORK, Module, assert_clean, modules


def planted(path: str, source: str) -> list[Module]:
    return [Module(path, source)]


def test_imports_point_one_way() -> None:
    assert_clean(wrong_direction(modules(FRAMEWORK)))


def test_every_part_of_the_framework_has_a_layer() -> None:
    layers = {layer_of(module.name) for module in modules(FRAMEWORK)}
    assert layers - {None, "__main__"} <= set(LAYERS)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("src/gamekeeper/core/game.py", "from gamekeeper.wire.frames import Patch"),
        ("src/gamekeeper/core/game.py", "from ..log import sqlite"),
        ("src/gamekeeper/wire/session.py", "import gamekeeper.room.room"),
        ("src/gamekeeper/log/sqlite.py", "def late():\n    from gamekeeper.room import registry"),
        ("src/gamekeeper/room/room.py", "from gamekeeper.transport.outbox import Outbox"),
        ("src/gamekeeper/transport/outbox.py", "from gamekeeper.server.settings import Settings"),
        ("src/gamekeeper/server/http.py", "from gamekeeper.testing import Rehearsal"),
        ("src/gamekeeper/__init__.py", "from gamekeeper.testing import Rehearsal"),
        ("src/gamekeeper/app.py", "from gamekeeper_apps.chsh import app"),
        ("src/gamekeeper/core/game.py", "from gamekeeper import log"),
    ],
)
def test_an_import_against_the_direction_is_seen(path: str, source: str) -> None:
    assert len(wrong_direction(planted(path, source))) == 1


def test_imports_along_the_direction_are_free() -> None:
    source = "from gamekeeper.core.errors import Rejected\nfrom . import frames\nimport msgspec"
    assert wrong_direction(planted("src/gamekeeper/wire/session.py", source)) == []


def test_applications_use_public_names_only() -> None:
    assert_clean(private_doors(modules(APPLICATIONS, "examples"), gamekeeper.__all__))


@pytest.mark.parametrize(
    "source",
    [
        "from gamekeeper.core.game import Game",
        "import gamekeeper.room.registry",
        "from gamekeeper import _hidden",
        "from gamekeeper import Unpromised",
        "from gamekeeper.testing import _helper",
        "from gamekeeper_apps.quiz import app",
    ],
)
def test_an_application_that_reaches_inside_is_seen(source: str) -> None:
    assert len(private_doors(planted("src/gamekeeper_apps/chsh/rules.py", source), ["Game"])) == 1


def test_public_doors_are_open() -> None:
    source = "from gamekeeper import Game, testing\nfrom gamekeeper_apps.chsh import x"
    assert private_doors(planted("src/gamekeeper_apps/chsh/cli.py", source), ["Game"]) == []


def test_core_wire_and_rules_are_pure() -> None:
    assert_clean(impurities(modules(FRAMEWORK, APPLICATIONS, "examples")))


@pytest.mark.parametrize(
    "source",
    [
        "import asyncio",
        "from time import monotonic",
        "import os.path",
        "from random import shuffle",
        "import random\nx = random.random()",
        "import uvloop",
        "from datetime import datetime\nx = datetime.now()",
        "x = open('file')",
    ],
)
def test_an_impurity_in_core_is_seen(source: str) -> None:
    assert len(impurities(planted("src/gamekeeper/core/machine.py", source))) == 1


def test_an_impurity_in_the_rules_of_a_game_is_seen() -> None:
    rules = "import time\nclass Pennies(Game[Table, Show, Happened]): ..."
    assert defines_game(Module("src/gamekeeper_apps/pennies.py", rules))
    assert len(impurities(planted("src/gamekeeper_apps/pennies.py", rules))) == 1


def test_random_types_are_no_chance() -> None:
    source = "import random\nfrom random import Random\nx: random.Random = random.SystemRandom()"
    assert impurities(planted("src/gamekeeper/core/context.py", source)) == []
    assert impurities(planted("src/gamekeeper/server/auth.py", "import time")) == []
