"""What each module, name, code, setting, route and table owes: a test, a page, a use."""

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from tests.tidy.tree import Module, Text

HTTP_METHODS = frozenset(
    {"get", "post", "put", "patch", "delete", "websocket", "api_route", "add_api_route", "add_route"}
)


def expected_test(path: str) -> str:
    """`src/gamekeeper/log/sqlite.py` -> `tests/log/test_sqlite.py`. A folder of migrations has one test together."""
    parts = path.removeprefix("src/").removesuffix(".py").split("/")
    parts = ["apps", *parts[1:]] if parts[0] == "gamekeeper_apps" else parts[1:]
    if "migrations" in parts:
        parts = parts[: parts.index("migrations") + 1]
    if parts[-1] == "__init__":
        parts = parts[:-1] or ["gamekeeper"]
    return "/".join(["tests", *parts[:-1], f"test_{parts[-1].lstrip('_')}.py"])


def missing_tests(modules: Iterable[Module], tests: Collection[str], exempt: Mapping[str, str]) -> list[str]:
    """Modules without their test file, and exemptions that nothing needs any more."""
    owed = {module.path: expected_test(module.path) for module in modules if _defines_something(module)}
    missing = {path for path, test in owed.items() if test not in tests}
    stale = [f"{path}: the exemption is not needed" for path in exempt if path not in missing]
    return [f"{path}: no {owed[path]}" for path in sorted(missing) if path not in exempt] + stale


def _defines_something(module: Module) -> bool:
    if not module.path.endswith(("__init__.py", "__main__.py")):
        return bool(module.source.strip())
    return any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) for node in module.tree.body)


def undocumented(names: Iterable[str], pages: Iterable[Text]) -> list[str]:
    """Names that no page sets in code type, as `name` or at the beginning of `name(...)`."""
    together = "\n".join(page.source for page in pages)
    return [name for name in names if not re.search(rf"`{re.escape(name)}(?!\w)", together)]


def untested(names: Iterable[str], tests: Iterable[Module]) -> list[str]:
    """Names (or string values) that no test uses; importing alone is no use."""
    used = {word for test in tests for word in _words(test)}
    return [name for name in names if name not in used]


def _words(module: Module) -> Iterator[str]:
    for node in module.nodes:
        match node:
            case ast.Name(id=word) | ast.Attribute(attr=word):
                yield word
            case ast.Constant(value=str(word)):
                yield word


def literal_codes(modules: Iterable[Module]) -> list[tuple[str, int, str]]:
    """Every code given to `Rejected(...)` as a plain string: path, line, code."""
    return [
        (module.path, node.lineno, str(node.args[0].value))
        for module in modules
        for node in module.nodes
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "Rejected"
        if node.args and isinstance(node.args[0], ast.Constant)
    ]


def settings_fields(settings: Module) -> list[str]:
    return [
        field.target.id
        for node in settings.nodes
        if isinstance(node, ast.ClassDef)
        and any(ast.unparse(base) in {"BaseSettings", "Settings"} for base in node.bases)
        for field in node.body
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and field.target.id != "model_config"
    ]


def unread_settings(settings: Module, modules: Iterable[Module]) -> list[str]:
    """Settings that nothing reads: neither another module nor a method of the settings that is no validator."""
    readers = [module.tree for module in modules if module.path != settings.path]
    readers += [node for node in settings.nodes if isinstance(node, ast.FunctionDef) and not _is_validator(node)]
    read = {node.attr for reader in readers for node in ast.walk(reader) if isinstance(node, ast.Attribute)}
    return [field for field in settings_fields(settings) if field not in read]


def _is_validator(node: ast.FunctionDef) -> bool:
    return any("validator" in ast.unparse(decorator) for decorator in node.decorator_list)


def routes(modules: Iterable[Module]) -> list[tuple[str, str]]:
    """Every route as (module path, URL path with the prefix of the module's router)."""
    found = []
    for module in modules:
        calls = [node for node in module.nodes if isinstance(node, ast.Call)]
        prefix = next((text for call in calls if ast.unparse(call.func) == "APIRouter" for text in _prefix(call)), "")
        for call in calls:
            match call:
                case ast.Call(func=ast.Attribute(attr=method), args=[ast.Constant(value=str(path)), *_]) if (
                    method in HTTP_METHODS and path.startswith("/") and _is_router(call)
                ):
                    found.append((module.path, prefix + path))
    return found


def _prefix(call: ast.Call) -> Iterator[str]:
    for keyword in call.keywords:
        if keyword.arg == "prefix" and isinstance(keyword.value, ast.Constant):
            yield str(keyword.value.value)


def _is_router(call: ast.Call) -> bool:
    owner = ast.unparse(call.func).split(".")[-2]
    return owner.endswith(("app", "router", "routes", "api"))


def unvisited_routes(found: Iterable[tuple[str, str]], visitors: Iterable[Text]) -> list[str]:
    """Routes whose path stands in no test."""
    together = "\n".join(visitor.source for visitor in visitors)
    return [f"{module}: {path}" for module, path in found if not re.search(_path_pattern(path), together)]


def _path_pattern(path: str) -> str:
    fixed = [re.escape(part) for part in re.split(r"\{[^}]*\}", path)]
    return r"""[^/\s"'`?]++""".join(fixed) + r"(?![\w/-])"


def unused_definitions(modules: Collection[Module], public: Collection[str]) -> list[str]:
    """Functions, classes and tables at the top of a module that nothing in the product mentions.

    A decorated definition is used by its decorator; names of `public` are used by others.
    """
    mentioned = {(word, module.path, line) for module in modules for word, line in _mentions(module)}
    places: dict[str, set[tuple[str, int]]] = {}
    for word, path, line in mentioned:
        places.setdefault(word, set()).add((path, line))
    return [
        f"{module.path}:{node.lineno}: nothing uses {name}"
        for module in modules
        for name, node in _definitions(module)
        if name not in public and not _used_elsewhere(places.get(name, set()), module.path, node)
    ]


def _definitions(module: Module) -> Iterator[tuple[str, ast.stmt]]:
    if "migrations" in module.path.split("/"):
        return
    for node in module.tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                if not node.decorator_list or isinstance(node, ast.ClassDef):
                    yield name, node
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=function)) if ast.unparse(
                function
            ).endswith("Table"):
                yield name, node


def _mentions(module: Module) -> Iterator[tuple[str, int]]:
    for node in module.nodes:
        match node:
            case ast.Name(id=word, ctx=ast.Load()) | ast.Attribute(attr=word):
                yield word, node.lineno
            case ast.Constant(value=str(text)) if len(text) < 200:
                yield from ((word, node.lineno) for word in re.findall(r"\w+", text))
            case ast.ImportFrom(names=names) if not module.path.endswith("__init__.py"):
                yield from ((alias.name, node.lineno) for alias in names)


def _used_elsewhere(places: Collection[tuple[str, int]], path: str, node: ast.stmt) -> bool:
    end = node.end_lineno or node.lineno
    return any(where != path or not node.lineno <= line <= end for where, line in places)
