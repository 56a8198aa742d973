"""A clean installation is enough, and the lock holds all of it."""

from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from tests.tidy.installed import closure, import_all, modules_outside
from tests.tidy.tree import APPLICATIONS, FRAMEWORK, ROOT, assert_clean, modules, pyproject

OURS = ("gamekeeper", "gamekeeper_apps")
NEED_AN_EXTRA = {
    "gamekeeper.log.postgres": "postgres",
    "gamekeeper.server.tracing": "tracing",
    "gamekeeper.cluster.bus_redis": "redis",
    "gamekeeper.server.sharedrates": "redis",
}
"""Packages and modules that are imported only where that extra is installed."""


@pytest.mark.parametrize("extra", [None, *sorted(set(NEED_AN_EXTRA.values()))])
def test_every_module_imports_with_the_declared_dependencies_alone(extra: str | None) -> None:
    """R4-155: nothing of the development extra, nothing this machine happens to have; some parts need an extra."""
    project = pyproject()["project"]
    wanted = [*project["dependencies"], *(project["optional-dependencies"][extra] if extra else ())]
    absent = sorted(modules_outside(closure(wanted), OURS))
    assert {"pytest", "hypothesis"} <= set(absent), "the check is blind"
    left_out = [package for package, needed in NEED_AN_EXTRA.items() if needed != extra]
    done = import_all(OURS, absent, left_out)
    assert done.returncode == 0, done.stderr
    imported = set(done.stdout.split())
    expected = {module.name for module in modules(FRAMEWORK, APPLICATIONS)} - set(OURS)
    assert_clean(name for name in expected - imported if not _elsewhere(name, left_out))


def _elsewhere(name: str, left_out: list[str]) -> bool:
    return name.endswith("__main__") or ".migrations." in name or name.startswith(tuple(left_out))


def test_a_module_that_needs_more_is_seen(tmp_path: Path) -> None:
    done = import_all(["xml"], ["urllib"])
    assert done.returncode == 1 and "urllib" in done.stderr and "not part of this installation" in done.stderr


def test_the_lock_is_complete_for_every_extra() -> None:
    """R4-155: each distribution that an extra brings along, in turn."""
    project = pyproject()["project"]
    locked = {
        canonicalize_name(line.partition("==")[0])
        for line in (ROOT / "requirements.lock").read_text().splitlines()
        if "==" in line
    }
    for wanted in (project["dependencies"], *project["optional-dependencies"].values()):
        assert_clean(sorted(closure(wanted) - locked))
