"""Everything the product promises is tested, documented and used."""

from importlib import import_module

import pytest
from packaging.requirements import Requirement

from gamekeeper.core.errors import ErrorCode
from tests.tidy import promises
from tests.tidy.imports import APPLICATION_DOORS
from tests.tidy.sources import SETTINGS
from tests.tidy.tree import (
    APPLICATIONS,
    FRAMEWORK,
    ROOT,
    Module,
    Text,
    assert_clean,
    modules,
    pyproject,
    read,
    texts,
)

WITHOUT_OWN_TEST: dict[str, str] = {
    "src/gamekeeper_apps/chsh/cells.py": "held against enumeration by tests/apps/chsh/statistics/test_bell.py",
    "src/gamekeeper_apps/chsh/chronicle.py": "read back by tests/apps/chsh/test_export.py",
    "src/gamekeeper_apps/chsh/cli.py": "run by tests/apps/chsh/test_cli_analyse.py",
    "src/gamekeeper_apps/chsh/cli_verify.py": "run by tests/apps/chsh/test_cli_export.py",
    "src/gamekeeper_apps/chsh/counts.py": "held against vectors by tests/apps/chsh/statistics/test_bell.py",
    "src/gamekeeper_apps/chsh/details.py": "read back by tests/apps/chsh/test_export.py",
    "src/gamekeeper_apps/chsh/folding.py": "played through by tests/apps/chsh/test_game.py",
    "src/gamekeeper_apps/chsh/labels.py": "read back by tests/apps/chsh/test_export.py",
    "src/gamekeeper_apps/chsh/messages.py": "played through by tests/apps/chsh/test_game.py",
    "src/gamekeeper_apps/chsh/offline.py": "read back by tests/apps/chsh/test_export.py",
    "src/gamekeeper_apps/chsh/playing.py": "played by tests/apps/chsh/test_bots.py",
    "src/gamekeeper_apps/chsh/report.py": "read back by tests/apps/chsh/test_export.py",
    "src/gamekeeper_apps/chsh/seating.py": "played through by tests/apps/chsh/test_game.py",
    "src/gamekeeper_apps/chsh/state.py": "played through by tests/apps/chsh/test_game.py",
    "src/gamekeeper_apps/chsh/statistics/matrices.py": "held against vectors by statistics/test_signalling.py",
    "src/gamekeeper_apps/chsh/strategies.py": "played by tests/apps/chsh/test_bots.py",
    "src/gamekeeper_apps/quiz/alone.py": "shown by tests/apps/quiz/test_pacing.py",
    "src/gamekeeper_apps/quiz/chronicle.py": "read back by tests/apps/quiz/test_export.py",
    "src/gamekeeper_apps/quiz/cli.py": "run by tests/apps/quiz/test_cli_export.py",
    "src/gamekeeper_apps/quiz/clock.py": "held against vectors by tests/apps/quiz/test_answering.py",
    "src/gamekeeper_apps/quiz/console.py": "read by tests/apps/quiz/test_routes.py",
    "src/gamekeeper_apps/quiz/facts.py": "frozen by tests/apps/quiz/test_shapes.py",
    "src/gamekeeper_apps/quiz/folding.py": "played through by tests/apps/quiz/test_game.py",
    "src/gamekeeper_apps/quiz/gallery.py": "visited by tests/apps/quiz/test_pictures.py",
    "src/gamekeeper_apps/quiz/guessing.py": "plays tests/apps/quiz/test_game.py",
    "src/gamekeeper_apps/quiz/marking.py": "refuses in tests/apps/quiz/test_answering.py",
    "src/gamekeeper_apps/quiz/messages.py": "every one sent by tests/apps/quiz/test_rights.py",
    "src/gamekeeper_apps/quiz/paced.py": "folded by tests/apps/quiz/test_pacing.py",
    "src/gamekeeper_apps/quiz/phases.py": "played through by tests/apps/quiz/test_game.py",
    "src/gamekeeper_apps/quiz/playing.py": "played by tests/apps/quiz/test_bots.py",
    "src/gamekeeper_apps/quiz/programme.py": "played through by tests/apps/quiz/test_game.py",
    "src/gamekeeper_apps/quiz/putting.py": "forked by tests/apps/quiz/test_secrecy.py",
    "src/gamekeeper_apps/quiz/questions.py": "every type in tests/apps/quiz/stage.py",
    "src/gamekeeper_apps/quiz/settings.py": "refused by tests/apps/quiz/test_totals.py",
    "src/gamekeeper_apps/quiz/state.py": "played through by tests/apps/quiz/test_game.py",
    "src/gamekeeper_apps/quiz/texts.py": "moderated by tests/apps/quiz/test_amending.py",
    "src/gamekeeper_apps/quiz/touching.py": "searched by tests/apps/quiz/test_secrecy.py",
    "src/gamekeeper_apps/quiz/views.py": "searched by tests/apps/quiz/test_secrecy.py",
}
"""Modules without a test file of their own: path -> why."""

CODES = [code.value for code in ErrorCode]


def public_names() -> list[str]:
    return [name for door in APPLICATION_DOORS for name in import_module(door).__all__]


def product() -> list[Module]:
    return modules(FRAMEWORK, APPLICATIONS)


def suite() -> list[Module]:
    return [module for module in modules("tests") if not module.path.startswith("tests/tidy/")]


def reference() -> list[Text]:
    return [page for page in texts() if page.path.startswith("docs/reference/") and page.suffix == ".md"]


def settings() -> Module:
    found = read(ROOT, ROOT / SETTINGS)
    assert isinstance(found, Module)
    return found


def test_every_module_has_its_test_file() -> None:
    paths = {module.path for module in modules("tests")}
    assert_clean(promises.missing_tests(product(), paths, WITHOUT_OWN_TEST))


def test_a_module_without_test_file_is_seen() -> None:
    sample = [Module("src/gamekeeper/log/sqlite.py", "x = 1"), Module("src/gamekeeper/log/__init__.py", "x = 1")]
    owed = promises.missing_tests(sample, [], {})
    assert owed == ["src/gamekeeper/log/sqlite.py: no tests/log/test_sqlite.py"]
    exempt = {"src/gamekeeper/log/sqlite.py": "why"}
    assert promises.missing_tests(sample, [], exempt) == []
    assert len(promises.missing_tests(sample, ["tests/log/test_sqlite.py"], exempt)) == 1


@pytest.mark.parametrize(
    ("path", "test"),
    [
        ("src/gamekeeper/client.py", "tests/test_client.py"),
        ("src/gamekeeper_apps/chsh/rules.py", "tests/apps/chsh/test_rules.py"),
        ("src/gamekeeper/testing/__init__.py", "tests/test_testing.py"),
        ("src/gamekeeper/log/migrations/versions/0001_first.py", "tests/log/test_migrations.py"),
    ],
)
def test_tests_mirror_modules(path: str, test: str) -> None:
    assert promises.expected_test(path) == test


def test_every_public_name_is_documented() -> None:
    assert_clean(promises.undocumented(public_names(), reference()))


def test_every_error_code_is_documented() -> None:
    assert_clean(promises.undocumented(CODES, reference()))


def test_an_undocumented_name_is_seen() -> None:
    page = Text("docs/reference/api.md", "`Game` and `Rejected(code)`; a Room in prose; `gamekeeper`")
    assert promises.undocumented(["Game", "Rejected", "Room", "game"], [page]) == ["Room", "game"]


def test_every_public_name_is_tested() -> None:
    assert_clean(promises.untested(public_names(), suite()))


def test_every_error_code_is_provoked() -> None:
    unused = set(promises.untested([member.name for member in ErrorCode], suite()))
    used = {member.value for member in ErrorCode if member.name not in unused}
    assert_clean(promises.untested([code for code in CODES if code not in used], suite()))


def test_every_rejection_of_an_application_is_provoked() -> None:
    assert_clean(promises.untested({code for _, _, code in promises.literal_codes(modules(APPLICATIONS))}, suite()))


def test_an_untested_name_is_seen() -> None:
    sample = Module("tests/x.py", "from gamekeeper import Room, Game\nGame()\nassert code == 'too_fast'")
    assert promises.untested(["Room", "Game", "too_fast", "late"], [sample]) == ["Room", "late"]


def test_the_framework_answers_with_its_own_codes() -> None:
    literal = promises.literal_codes(modules(FRAMEWORK))
    assert_clean(f"{path}:{line}: {code}" for path, line, code in literal if code not in CODES)


def test_a_literal_code_is_seen() -> None:
    source = "raise Rejected('odd')\nraise errors.Rejected(ErrorCode.CONFLICT)"
    assert promises.literal_codes([Module("src/x.py", source)]) == [("src/x.py", 1, "odd")]


def test_every_setting_is_read() -> None:
    assert promises.settings_fields(settings()), "no settings found: the check is blind"
    assert_clean(promises.unread_settings(settings(), product()))


def test_every_setting_is_documented() -> None:
    names = [f"GAMEKEEPER_{field.upper()}" for field in promises.settings_fields(settings())]
    assert_clean(promises.undocumented(names, reference()))


def test_an_unread_setting_is_seen() -> None:
    source = (
        "class Settings(BaseSettings):\n    port: int = 1\n    idle_s: int = 2\n    dead: int = 3\n"
        "    @field_validator('dead')\n    def check(self): return self.dead\n    def limit(self): return self.idle_s"
    )
    user = Module("src/gamekeeper/server/cli.py", "serve(settings.port)")
    assert promises.unread_settings(Module(SETTINGS, source), [user]) == ["dead"]


def test_every_route_is_visited() -> None:
    found = promises.routes(product())
    assert found, "no routes found: the check is blind"
    assert_clean(promises.unvisited_routes(found, suite()))


def test_an_unvisited_route_is_seen() -> None:
    source = (
        "router = APIRouter(prefix='/rooms')\n@router.get('/{room_id}')\ndef show(): ...\n"
        "@router.post('/{room_id}/join')\ndef join(): ...\nrouter.add_api_route('/old', show)\nclient.get('/elsewhere')"
    )
    found = promises.routes([Module("src/x.py", source)])
    visitor = Text("tests/test_x.py", "await client.post(f'/rooms/{room}/join')")
    assert promises.unvisited_routes(found, [visitor]) == ["src/x.py: /rooms/{room_id}", "src/x.py: /rooms/old"]


def test_nothing_is_left_unused() -> None:
    assert_clean(promises.unused_definitions(product(), [*public_names(), *entry_points()]))


def entry_points() -> list[str]:
    project = pyproject()["project"]
    groups = [project["scripts"], *project["entry-points"].values()]
    return [reference.partition(":")[2] for group in groups for reference in group.values()]


def test_an_unused_definition_is_seen() -> None:
    source = (
        "rooms = Table('rooms', metadata)\nusers = sa.Table('users', metadata)\nselect(users)\n"
        "def used(): used()\ndef dead(): dead()\nused()\n@router.get('/')\ndef page(): ...\nclass Public: ...\n"
    )
    findings = promises.unused_definitions([Module("src/x.py", source)], ["Public"])
    assert findings == ["src/x.py:1: nothing uses rooms", "src/x.py:5: nothing uses dead"]


def test_every_dependency_is_locked() -> None:
    project = pyproject()["project"]
    lines = [line.partition("==") for line in (ROOT / "requirements.lock").read_text().splitlines() if "==" in line]
    locked = {name: version for name, _, version in lines}
    wanted = map(Requirement, sum(project["optional-dependencies"].values(), project["dependencies"]))
    assert_clean(str(one) for one in wanted if not one.specifier.contains(locked.get(one.name, "0")))
