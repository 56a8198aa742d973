"""What may not stand in a source file."""

import ast
import re
from collections.abc import Collection, Iterable

from tests.tidy.tree import Module, Text

SETTINGS = "src/gamekeeper/server/settings.py"
SQL_CALLS = frozenset({"execute", "executemany", "executescript", "exec_driver_sql", "scalar", "scalars", "text"})
CATCH_ALLS = frozenset({"Exception", "BaseException"})
PRINTING = frozenset({"print", "pprint", "print_exc", "print_exception"})
LOCAL_PATH = re.compile(r"(?<![\w.$}/-])/(?:work|root|opt/(?:pypi|wheels)|(?:home|Users)/\w+|tmp/bash)\b")
HOST = re.compile(r"https?://(?:[^/\s\"'`<>@]*@)?([\w.-]+)")
PUBLIC_HOSTS = frozenset(
    {"localhost", "127.0.0.1", "0.0.0.0", "www.w3.org", "json-schema.org", "arxiv.org", "doi.org"}
    | {"github.com", "keepachangelog.com", "semver.org", "jcristharif.com"}
    | {"prometheus"}  # the service of that name in deploy/compose.yml
    | {"opencollective.com", "paulmillr.com", "tidelift.com"}  # funding pages that npm writes into a lock file
)


def prints(modules: Iterable[Module]) -> list[str]:
    return [
        f"{module.path}:{node.lineno}: {_called(node)}()"
        for module in modules
        for node in module.nodes
        if isinstance(node, ast.Call) and _called(node) in PRINTING
    ]


def catch_alls(modules: Iterable[Module], boundary: Collection[str] = ()) -> list[str]:
    """Handlers that swallow every exception, outside the functions named in `boundary` as "path::function".

    A handler that ends by raising the same exception again swallows nothing.
    """
    return [
        f"{module.path}::{name} (line {line}) catches everything"
        for module in modules
        for name, line in _swallowing(module)
        if f"{module.path}::{name}" not in boundary
    ]


def _swallowing(module: Module) -> list[tuple[str, int]]:
    found: dict[int, str] = {}
    for scope in [
        module.tree,
        *(node for node in module.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)),
    ]:
        for node in ast.walk(scope):
            if _swallows(node):
                found[node.lineno] = getattr(scope, "name", "<module>")
    return [(name, line) for line, name in found.items()]


def _swallows(node: ast.AST) -> bool:
    if isinstance(node, ast.ExceptHandler):
        last = node.body[-1]
        return _catches_all(node.type) and not (isinstance(last, ast.Raise) and last.exc is None)
    return isinstance(node, ast.Call) and _called(node) == "suppress" and any(map(_catches_all, node.args))


def _catches_all(kind: ast.expr | None) -> bool:
    if isinstance(kind, ast.Tuple):
        return any(map(_catches_all, kind.elts))
    return kind is None or (isinstance(kind, ast.Name) and kind.id in CATCH_ALLS)


def environment_reads(modules: Iterable[Module], allowed: str = SETTINGS) -> list[str]:
    names = {"environ", "environb", "getenv", "getenvb"}
    reads = []
    for module in modules:
        lines = [node.lineno for node in module.nodes if isinstance(node, ast.Attribute) and node.attr in names]
        lines += [found.line for found in module.imports if found.module == "os" and found.name in names]
        reads += [f"{module.path}:{line}: reads the environment" for line in lines if module.path != allowed]
    return reads


def built_sql(modules: Iterable[Module]) -> list[str]:
    """Statements put together from strings on their way to the database."""
    return [
        f"{module.path}:{node.lineno}: {_called(node)}() gets a statement built from strings"
        for module in modules
        for node in module.nodes
        if isinstance(node, ast.Call) and _called(node) in SQL_CALLS and node.args and _built(node.args[0])
    ]


def _built(argument: ast.expr) -> bool:
    match argument:
        case ast.JoinedStr(values=values):
            return any(isinstance(value, ast.FormattedValue) for value in values)
        case ast.BinOp(left=left, op=ast.Add() | ast.Mod(), right=right):
            return any(isinstance(side, ast.JoinedStr | ast.Constant | ast.BinOp) for side in (left, right))
        case ast.Call(func=ast.Attribute(value=ast.Constant(), attr="format" | "join")):
            return True
    return False


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def local_paths(files: Iterable[Text]) -> list[str]:
    """Absolute paths of somebody's machine."""
    return [f"{file.path}:{line}: {what}" for file in files for line, what in _matches(LOCAL_PATH, file)]


def foreign_hosts(files: Iterable[Text], allowed: Collection[str] = PUBLIC_HOSTS) -> list[str]:
    """Hosts that nobody agreed to name. Names reserved for examples and tests are free."""
    return [
        f"{file.path}:{line}: {host}"
        for file in files
        for line, host in _matches(HOST, file)
        if host not in allowed and not re.search(r"(^|\.)(example(\.\w+)?|test|invalid|localhost)$", host)
    ]


def _matches(pattern: re.Pattern[str], file: Text) -> list[tuple[int, str]]:
    group = pattern.groups
    return [(number, m.group(group)) for number, line in enumerate(file.lines, 1) for m in pattern.finditer(line)]
