"""The rules look at what somebody wrote, all of it, and at nothing else."""

from pathlib import Path

import pytest

from tests.tidy.tree import ROOT, Import, Module, assert_clean, modules, texts


def test_the_tree_is_the_repository() -> None:
    paths = {text.path for text in texts()}
    assert {"Makefile", "README.md", "src/gamekeeper/__init__.py", "tests/tidy/test_tree.py"} <= paths
    assert (ROOT / "pyproject.toml").exists()


def test_what_was_built_or_installed_is_left_out(tmp_path: Path) -> None:
    written = {"web/src/pages/home.svelte", "src/gamekeeper/app.py", "src/app/data/themes.json"}
    made = {
        "src/gamekeeper/pages/index.html",
        "web/node_modules/x.js",
        ".venv/x.py",
        "data/x.json",
        "src/__pycache__/x.py",
    }
    for name in written | made | {"picture.png"}:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    assert {text.path for text in texts(tmp_path)} == written
    assert [module.path for module in modules("src", root=tmp_path)] == ["src/gamekeeper/app.py"]


@pytest.mark.parametrize(
    ("path", "source", "found"),
    [
        ("src/gamekeeper/log/sqlite.py", "import a.b", Import(1, "a.b")),
        ("src/gamekeeper/log/sqlite.py", "from a.b import c", Import(1, "a.b", "c")),
        ("src/gamekeeper/log/sqlite.py", "from . import memory", Import(1, "gamekeeper.log", "memory")),
        ("src/gamekeeper/log/sqlite.py", "from ..core import patch", Import(1, "gamekeeper.core", "patch")),
        ("src/gamekeeper/log/__init__.py", "from .sqlite import x", Import(1, "gamekeeper.log.sqlite", "x")),
    ],
)
def test_imports_are_made_absolute(path: str, source: str, found: Import) -> None:
    assert Module(path, source).imports == [found]


def test_findings_are_shown_in_full() -> None:
    with pytest.raises(AssertionError, match="first\nsecond"):
        assert_clean(["first", "second"])
