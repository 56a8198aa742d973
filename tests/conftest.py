"""What every test may rely on: asyncio as the one event loop, a browser where one is needed, no clock in properties."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import postgres

HERE = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

DETERMINISTIC = ("core", "wire", "room", "sim", "testing", "tidy")
"""Folders whose tests know no clock, socket or process: what fails there once has failed."""

settings.register_profile("gamekeeper", deadline=None, print_blob=True)
settings.load_profile("gamekeeper")


@pytest.hookimpl(tryfirst=True)  # before the groups are read
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What runs in real time, beside whatever else the machine does, may be run once more; the summary names each such
    test (`RERUN`), and one that stands there twice has a race to be found. Of several workers (`-n 2`) one runs all of
    these, one after another, while the others run what knows no clock."""
    for item in items:
        if item.path.is_relative_to(HERE) and item.path.relative_to(HERE).parts[0] not in DETERMINISTIC:
            item.add_marker(pytest.mark.flaky(reruns=1))
            item.add_marker(pytest.mark.xdist_group("real time"))


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
