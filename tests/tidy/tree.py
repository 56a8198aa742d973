"""The repository as data: its Python modules and its text files. Every rule works on these, so that a small bad sample
can be planted in place of the real tree."""

import ast
import gc
import os
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FRAMEWORK = "src/gamekeeper"
APPLICATIONS = "src/gamekeeper_apps"
NOT_OURS = {".git", ".venv", "node_modules", "dist", ".work", "test-results"}
BUILT = {"src/gamekeeper/pages", "build", "data", "bench/bin"}
TEXT_SUFFIXES = {
    ".py",
    ".md",
    ".toml",
    ".ts",
    ".js",
    ".mjs",
    ".svelte",
    ".css",
    ".html",
    ".json",
    ".yml",
    ".yaml",
    ".sh",
}
TEXT_NAMES = {"Makefile", "Dockerfile", "run", "LICENSE", ".gitignore", ".npmrc", "requirements.lock"}


@dataclass(frozen=True)
class Text:
    """One file: its path from the repository's root, with `/`, and what stands in it."""

    path: str
    source: str

    @property
    def lines(self) -> list[str]:
        return self.source.splitlines()

    @property
    def suffix(self) -> str:
        return Path(self.path).suffix


@dataclass(frozen=True)
class Import:
    """`from MODULE import NAME`, or `import MODULE` with no name."""

    line: int
    module: str
    name: str | None = None

    @property
    def dotted(self) -> str:
        return f"{self.module}.{self.name}" if self.name else self.module


def parse(source: str, path: str = "<string>") -> ast.Module:
    """Without a collection half-way: CPython 3.11 may then report a wrong recursion depth (a `SystemError`)."""
    gc.disable()
    try:
        return ast.parse(source, path)
    finally:
        gc.enable()


@dataclass(frozen=True)
class Module(Text):
    """One Python file."""

    @cached_property
    def tree(self) -> ast.Module:
        return parse(self.source, self.path)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @property
    def name(self) -> str:
        """The dotted name under which it is imported."""
        parts = self.path.removeprefix("src/").removesuffix(".py").split("/")
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @cached_property
    def imports(self) -> list[Import]:
        return [found for node in self.nodes for found in self._imports_of(node)]

    def _imports_of(self, node: ast.AST) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield Import(node.lineno, self._absolute(node), alias.name)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.name.split(".") if self.path.endswith("__init__.py") else self.name.split(".")[:-1]
        base = package[: len(package) - node.level + 1]
        return ".".join([*base, node.module] if node.module else base)


def texts(root: Path = ROOT) -> list[Text]:
    """Every text file of the repository that somebody wrote."""
    return [
        read(root, path) for path in sorted(_files(root)) if path.suffix in TEXT_SUFFIXES or path.name in TEXT_NAMES
    ]


def modules(*folders: str, root: Path = ROOT) -> list[Module]:
    """The Python modules below these folders."""
    paths = (path for folder in folders for path in _files(root, folder) if path.suffix == ".py")
    return [Module(path.relative_to(root).as_posix(), path.read_text()) for path in sorted(paths)]


def read(root: Path, path: Path) -> Text:
    kind = Module if path.suffix == ".py" else Text
    return kind(path.relative_to(root).as_posix(), path.read_text())


def assert_clean(findings: Iterable[str]) -> None:
    """Fails with every finding on a line of its own."""
    lines = list(findings)
    assert not lines, "\n" + "\n".join(lines)


def pyproject(root: Path = ROOT) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text())


def _files(root: Path, *below: str) -> Iterator[Path]:
    for folder, folders, names in os.walk(root.joinpath(*below)):
        here = Path(folder).relative_to(root)
        folders[:] = [name for name in folders if _is_ours(here / name)]
        yield from (Path(folder, name) for name in names)


def _is_ours(folder: Path) -> bool:
    built = folder.as_posix() in BUILT or folder.name.endswith(("_cache", "__"))
    return not built and folder.name not in NOT_OURS
