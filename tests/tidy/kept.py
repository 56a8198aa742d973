"""What is kept for how long: caches that grow without bound, and rows that are deleted for good."""

import ast
from collections.abc import Iterable, Iterator, Mapping

from tests.tidy.tree import Module


def unbounded_caches(modules: Iterable[Module]) -> list[str]:
    """Functions with arguments whose results are all remembered for ever."""
    return [
        f"{module.path}:{node.lineno}: {node.name} remembers without bound"
        for module in modules
        for node in module.nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and ast.unparse(node.args)
        if any(map(_unbounded, node.decorator_list))
    ]


def _unbounded(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = ast.unparse(called).rpartition(".")[2]
    if name == "cache":
        return True
    if name != "lru_cache" or not isinstance(decorator, ast.Call):
        return False
    sizes = [*decorator.args[:1], *(one.value for one in decorator.keywords if one.arg == "maxsize")]
    return any(isinstance(size, ast.Constant) and size.value is None for size in sizes)


def hard_deletes(modules: Iterable[Module], allowed: Mapping[str, str]) -> list[str]:
    """Deletions of rows of tables that are not named in `allowed` (table -> why its rows may go)."""
    return [
        f"{module.path}:{line}: rows of {table} are deleted for good"
        for module in modules
        for line, table in _deletes(module)
        if table not in allowed
    ]


def _deletes(module: Module) -> Iterator[tuple[int, str]]:
    imported = {found.name for found in module.imports if found.module.startswith("sqlalchemy")}
    for node in module.nodes:
        match node:
            case ast.Call(func=ast.Name(id="delete"), args=[table]) if "delete" in imported:
                yield node.lineno, ast.unparse(table)
            case ast.Call(func=ast.Attribute(value=table, attr="delete"), args=[]):
                yield node.lineno, ast.unparse(table)
            case ast.Constant(value=str(text)) if text.lstrip().upper().startswith(("DELETE FROM ", "TRUNCATE ")):
                yield node.lineno, text.split()[2 if "FROM" in text.upper() else 1]
