"""What an installation brings: the closure of the declared dependencies, and a Python that can import nothing else."""

import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

IMPORT_ALL = """
import importlib, pkgutil, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError(f"{name} is not part of this installation", name=name)

absent = set(sys.argv[1].split(","))
left_out = tuple(filter(None, sys.argv[3].split(",")))
sys.meta_path.insert(0, Absent())
for package in sys.argv[2].split(","):
    for found in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
        if not found.name.endswith((".__main__", ".migrations.env")) and not found.name.startswith(left_out):
            importlib.import_module(found.name)
            print(found.name)
"""
"""Imports every module of the packages named second; what is named first cannot be imported. (A `__main__` would run,
and the environment of migrations is run by alembic.)"""


def closure(requirements: Iterable[str]) -> set[str]:
    """The distributions these requirements bring along, by canonical name."""
    found: set[tuple[str, str]] = set()
    waiting = [(Requirement(text), "") for text in requirements]
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": extra}):
            continue
        for wanted in ("", *requirement.extras):
            key = (canonicalize_name(requirement.name), wanted)
            if key not in found:
                found.add(key)
                waiting += [(Requirement(text), wanted) for text in _requires(key[0])]
    return {name for name, _ in found if name != "gamekeeper"}


def _requires(name: str) -> list[str]:
    try:
        return distribution(name).requires or []
    except PackageNotFoundError:
        return []  # an extra that this machine does without


def modules_outside(distributions: Collection[str], ours: Collection[str]) -> Iterator[str]:
    """Top-level modules on this machine that belong to none of these distributions."""
    for module, owners in packages_distributions().items():
        if module not in ours and not {canonicalize_name(owner) for owner in owners} & set(distributions):
            yield module


def import_all(
    packages: Iterable[str], absent: Iterable[str], left_out: Iterable[str] = ()
) -> "subprocess.CompletedProcess[str]":
    """Import every module of these packages, but for those whose name begins with what is left out, in a Python without
    the `absent` modules and with an empty environment."""
    arguments = [sys.executable, "-c", IMPORT_ALL, ",".join(absent), ",".join(packages), ",".join(left_out)]
    return subprocess.run(arguments, capture_output=True, text=True, env={}, timeout=120)
