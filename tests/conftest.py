"""What every test may rely on: asyncio as the one event loop, a browser where one is needed, no clock in properties."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from tests import postgres

BROWSERS = ("chromium", "chromium-browser", "google-chrome")

DETERMINISTIC = ("core", "wire", "room", "sim", "testing", "tidy")
"""Folders whose tests know no clock, socket or process: what fails there once has failed."""

settings.register_profile("gamekeeper", deadline=None, print_blob=True)
settings.load_profile("gamekeeper")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What runs in real time, beside whatever else the machine does, may be run twice more; the summary names each such
    test (`RERUN`), and one that stands there often has a race to be found."""
    for item in items:
        if not item.nodeid.startswith(tuple(f"tests/{folder}/" for folder in DETERMINISTIC)):
            item.add_marker(pytest.mark.flaky(reruns=2))


class OneBrowser(LoadScopeScheduling):
    """Of several workers (`-n 2`) one runs all that drives a browser, which needs most of a machine, while the others
    begin with the rest."""

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/e2e/") else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return OneBrowser(config, log)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The framework runs on asyncio alone, so asynchronous tests do too."""
    return "asyncio"


@pytest.fixture(scope="session")
def browser_path() -> str:
    """The Chromium to drive. Without one the test is skipped, or fails where `CI=true` promises one."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing("no Chromium on this machine; `python3 scripts/setup.py browser` installs one")
    return found


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server where databases may be made. Without one the test is skipped, or fails where `CI=true`."""
    given = [url for url in (postgres.GIVEN, postgres.USUAL) if url and postgres.answers(url)]
    if given:
        yield given[0]
        return
    cluster = _own_cluster()
    yield cluster.url
    cluster.remove()


def _own_cluster() -> postgres.Cluster:
    programs = postgres.programs()
    if programs is None:
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing(postgres.MISSING)
    return postgres.Cluster(programs)


@pytest.fixture
def own_postgres() -> Iterator[postgres.Cluster]:
    """A PostgreSQL server that this test may stop and start."""
    cluster = _own_cluster()
    yield cluster
    cluster.remove()


@pytest.fixture(scope="session")
def migrated_template(postgres_server: str) -> Iterator[str]:
    """The name of a database that has every schema of ours; copying it is faster than migrating."""
    name = postgres.new_name()
    postgres.run(postgres_server, f"CREATE DATABASE {name}")
    postgres.migrate(postgres.database_of(postgres_server, name))
    yield name
    postgres.run(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_url(postgres_server: str, migrated_template: str) -> Iterator[str]:
    """A database of this test's own, migrated."""
    name = postgres.new_name()
    postgres.run(postgres_server, f"CREATE DATABASE {name} TEMPLATE {migrated_template}")
    yield postgres.database_of(postgres_server, name)
    postgres.run(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """R2-55: a migrated database of either kind, this test's own."""
    if request.param == "postgres":
        url: str = request.getfixturevalue("postgres_url")
        return url
    url = f"sqlite:///{tmp_path}/gamekeeper.sqlite3"
    postgres.migrate(url)
    return url


@pytest.fixture
def empty_postgres_url(postgres_server: str) -> Iterator[str]:
    """A database of this test's own, empty."""
    name = postgres.new_name()
    postgres.run(postgres_server, f"CREATE DATABASE {name}")
    yield postgres.database_of(postgres_server, name)
    postgres.run(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")
