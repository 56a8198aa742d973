"""Who may import whom, and what the pure packages may not touch."""

import ast
import sys
from collections.abc import Collection, Iterable, Mapping

from tests.tidy.tree import Import, Module

LAYERS: Mapping[str, frozenset[str]] = {
    "core": frozenset(),
    "app": frozenset({"core"}),
    "wire": frozenset({"core"}),
    "log": frozenset({"core"}),
    "room": frozenset({"core", "wire", "log", "app"}),
    "transport": frozenset({"core", "wire", "log", "app", "room"}),
    "cluster": frozenset({"core", "wire", "log", "room", "transport"}),
    "dial": frozenset(),
    "dial_socketio": frozenset({"wire", "dial"}),
    "connection": frozenset({"core", "wire", "dial"}),
    "client": frozenset({"core", "dial", "connection"}),
    "server": frozenset({"core", "wire", "log", "app", "room", "transport", "cluster", "dial_socketio", "client"}),
    "embedded": frozenset({"core", "app", "log", "client", "server"}),
    "testing": frozenset(
        {
            "core",
            "wire",
            "log",
            "app",
            "room",
            "transport",
            "cluster",
            "dial",
            "dial_socketio",
            "client",
            "server",
            "embedded",
        }
    ),
}
"""What each part of the framework may import besides itself."""

APPLICATION_DOORS = ("gamekeeper", "gamekeeper.testing", "gamekeeper.client", "gamekeeper.embedded")
PURE_PACKAGES = ("gamekeeper.core", "gamekeeper.wire")
PURE_LIBRARIES = frozenset({"msgspec", "immutables", "gamekeeper"})
RANDOM_TYPES = frozenset({"Random", "SystemRandom"})
CLOCKS = frozenset({"now", "utcnow", "today"})
IMPURE = frozenset(
    {"asyncio", "concurrent", "http", "logging", "multiprocessing", "os", "pathlib", "secrets", "select", "selectors"}
    | {"shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "time", "urllib"}
    | {"uuid"}
)


def layer_of(dotted: str) -> str | None:
    """`gamekeeper.log.sqlite` is in `log`; the package's own `__init__` and foreign modules are in none."""
    parts = dotted.split(".")
    return parts[1] if parts[0] == "gamekeeper" and len(parts) > 1 else None


def wrong_direction(modules: Iterable[Module]) -> list[str]:
    """Imports that `LAYERS` does not allow, and imports of an application."""
    return [
        f"{module.path}:{found.line}: {found.dotted} may not be imported here"
        for module in modules
        for found in module.imports
        if not _allowed(layer_of(module.name), found)
    ]


def _allowed(own: str | None, found: Import) -> bool:
    if found.module.split(".")[0] == "gamekeeper_apps":
        return False
    target = layer_of(found.dotted)
    if own is None or target == own or found.module.split(".")[0] != "gamekeeper":
        return target != "testing" or own == "testing"
    return target in LAYERS.get(own, ())


def private_doors(modules: Iterable[Module], public: Collection[str]) -> list[str]:
    """Imports by which an application reaches past the public names, or into another application."""
    return [
        f"{module.path}:{found.line}: {found.dotted} is not public"
        for module in modules
        for found in module.imports
        if not _public(module, found, public)
    ]


def _public(module: Module, found: Import, public: Collection[str]) -> bool:
    top = found.module.split(".")[0]
    if top == "gamekeeper_apps":
        return found.module.split(".")[1:2] == module.name.split(".")[1:2]
    if top != "gamekeeper":
        return True
    if found.module not in APPLICATION_DOORS or (found.name or "").startswith("_"):
        return False
    return (
        found.module != "gamekeeper" or found.name is None or found.name in public or found.dotted in APPLICATION_DOORS
    )


def impurities(modules: Iterable[Module]) -> list[str]:
    """Time, chance, input and output in `core`, in `wire` and in the rules of a game."""
    findings = []
    for module in modules:
        framework = module.name.startswith(PURE_PACKAGES)
        if framework or defines_game(module):
            findings += [f"{module.path}:{line}: {what}" for line, what in _impure(module, framework=framework)]
    return findings


def defines_game(module: Module) -> bool:
    bases = [base for node in module.nodes if isinstance(node, ast.ClassDef) for base in node.bases]
    return any(ast.unparse(base).split("[")[0] == "Game" for base in bases)


def _impure(module: Module, *, framework: bool) -> list[tuple[int, str]]:
    stdlib = [
        (found.line, f"imports {found.dotted}") for found in module.imports if found.module.split(".")[0] in IMPURE
    ]
    foreign = [(found.line, f"imports {found.dotted}") for found in module.imports if framework and _foreign(found)]
    chance = [
        (found.line, f"imports {found.dotted}")
        for found in module.imports
        if found.module == "random" and found.name not in {None, *RANDOM_TYPES}
    ]
    return stdlib + foreign + chance + [(node.lineno, what) for node in module.nodes for what in _impure_use(node)]


def _foreign(found: Import) -> bool:
    top = found.module.split(".")[0]
    return top not in sys.stdlib_module_names and top not in PURE_LIBRARIES


def _impure_use(node: ast.AST) -> list[str]:
    match node:
        case ast.Attribute(value=ast.Name(id="random"), attr=attr) if attr not in RANDOM_TYPES:
            return [f"uses random.{attr}"]
        case ast.Call(func=ast.Attribute(value=ast.Name(id="datetime" | "date"), attr=attr)) if attr in CLOCKS:
            return [f"reads the clock with {attr}()"]
        case ast.Call(func=ast.Name(id="open" | "input" | "print" as name)):
            return [f"calls {name}()"]
    return []
