"""One server for the tests of a file, and an environment without settings."""

import os
from collections.abc import AsyncGenerator

import pytest

from tests.server.kit import Site, site_in


@pytest.fixture(autouse=True, scope="session")
def no_settings_from_outside() -> None:
    for name in [name for name in os.environ if name.startswith("GAMEKEEPER_")]:
        del os.environ[name]


@pytest.fixture(scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Site, None]:
    async with site_in(tmp_path_factory.mktemp("site")) as found:
        yield found
