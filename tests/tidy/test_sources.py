"""What may not stand in a source file does not."""

import pytest

from tests.tidy import sources
from tests.tidy.tree import APPLICATIONS, FRAMEWORK, Module, Text, assert_clean, modules, texts

BOUNDARY = frozenset(
    f"src/gamekeeper/room/{name}" for name in ("room.py::_handle", "room.py::_show", "aside.py::_attempt")
)
"""What may catch everything: where a fault in an author's code must not take the room down."""


def planted(source: str) -> list[Module]:
    return [Module("src/gamekeeper/room/room.py", source)]


def test_nothing_prints() -> None:
    assert_clean(sources.prints(modules(FRAMEWORK, APPLICATIONS)))


@pytest.mark.parametrize("source", ["print('x')", "pprint.pprint(x)", "traceback.print_exc()"])
def test_a_print_is_seen(source: str) -> None:
    assert len(sources.prints(planted(source))) == 1


def test_nothing_catches_everything_outside_the_boundary() -> None:
    assert {name.rpartition("/")[0] for name in BOUNDARY} == {"src/gamekeeper/room"}, "around the author's rules alone"
    assert_clean(sources.catch_alls(modules(FRAMEWORK, APPLICATIONS), BOUNDARY))


@pytest.mark.parametrize(
    "source",
    [
        "try: x()\nexcept: pass",
        "try: x()\nexcept Exception: log()",
        "try: x()\nexcept (ValueError, BaseException) as error: log(error)",
        "try: x()\nexcept Exception as error: raise Other from error",
        "with contextlib.suppress(Exception): x()",
    ],
)
def test_a_catch_all_is_seen(source: str) -> None:
    inside = "def run():\n    " + source.replace("\n", "\n    ")
    assert sources.catch_alls(planted(inside)) != []
    assert sources.catch_alls(planted(inside), ["src/gamekeeper/room/room.py::run"]) == []


def test_cleaning_up_and_raising_again_is_no_catch_all() -> None:
    assert sources.catch_alls(planted("try: x()\nexcept BaseException:\n    undo()\n    raise")) == []


def test_settings_alone_read_the_environment() -> None:
    assert_clean(sources.environment_reads(modules(FRAMEWORK, APPLICATIONS)))


@pytest.mark.parametrize(
    "source", ["import os\nos.environ['X']", "import os\nos.getenv('X')", "from os import environ"]
)
def test_an_environment_read_is_seen(source: str) -> None:
    assert len(sources.environment_reads(planted(source))) == 1
    assert sources.environment_reads([Module(sources.SETTINGS, source)]) == []


def test_no_statement_is_built_from_strings() -> None:
    assert_clean(sources.built_sql(modules(FRAMEWORK, APPLICATIONS)))


@pytest.mark.parametrize(
    "argument",
    [
        'f"SELECT * FROM rooms WHERE id = {room}"',
        '"SELECT * FROM " + table',
        '"SELECT %s" % column',
        '"SELECT {}".format(column)',
    ],
)
def test_a_built_statement_is_seen(argument: str) -> None:
    assert len(sources.built_sql(planted(f"connection.execute({argument})"))) == 1
    assert len(sources.built_sql(planted(f"session.scalars(text({argument}))"))) == 1


def test_bound_parameters_are_fine() -> None:
    assert sources.built_sql(planted('connection.execute("SELECT ?", [room])\nconnection.execute(select(rooms))')) == []


def test_no_path_of_a_machine() -> None:
    assert_clean(sources.local_paths(texts()))


@pytest.mark.parametrize("path", ["/wo" + "rk/main", "/ho" + "me/ann/x", "/Us" + "ers/ann", "/ro" + "ot/.cache"])
def test_a_path_of_a_machine_is_seen(path: str) -> None:
    assert len(sources.local_paths([Text("docs/x.md", f"see {path}")])) == 1
    assert sources.local_paths([Text("docs/x.md", f"see docs{path} and https://example.org{path}")]) == []


def test_no_foreign_host() -> None:
    assert_clean(sources.foreign_hosts(texts()))


def test_a_foreign_host_is_seen() -> None:
    page = Text("web/x.html", "http" + "://cdn.somewhere.net/x.js https://example.org http://localhost:8000")
    assert sources.foreign_hosts([page]) == ["web/x.html:1: cdn.somewhere.net"]
