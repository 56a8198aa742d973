"""The servers that are compared: how each is built, started and spoken to."""

import asyncio
import http.client
import json
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

HERE = Path(__file__).parent
WORK = HERE / ".work"
PEERS = HERE / "peers"


@dataclass(frozen=True)
class Shape:
    """Rooms of so many members."""

    rooms: int
    members: int
    others: int = 0
    """Rooms of another application on the same server (Gamekeeper only)."""

    @property
    def clients(self) -> int:
        return self.rooms * self.members


SHAPES = {"room10": Shape(20, 10), "room100": Shape(2, 100), "room2000": Shape(1, 2000), "sparse": Shape(200, 10)}


@dataclass(frozen=True)
class Candidate:
    """One server to measure: how it is started and what it speaks."""

    name: str
    protocol: str
    command: tuple[str, ...]

    @property
    def ours(self) -> bool:
        return self.name.startswith("gamekeeper")

    def argv(self, port: int, shape: Shape, targets: Path) -> list[str]:
        values = {**asdict(shape), "port": port, "targets": targets}
        return [part.format(**values) for part in self.command]


def gamekeeper(store: str) -> Candidate:
    program = (sys.executable, "-m", "bench.server", store, "{port}", "{rooms}", "{others}", "{members}", "{targets}")
    return Candidate(f"gamekeeper-{store}", "gamekeeper", program)


def gamekeeper_socketio(name: str, store: str) -> Candidate:
    return Candidate(name, "socketio", (*gamekeeper(store).command, "socketio"))


def node(name: str, protocol: str, program: str) -> Candidate:
    return Candidate(name, protocol, ("node", str(WORK / "peers" / program), "{port}"))


def bun() -> Candidate:
    program = WORK / "peers" / "node_modules" / ".bin" / "bun"
    return Candidate("bun", "raw", (str(program), str(WORK / "peers" / "bun.mjs"), "{port}"))


def candidates() -> list[Candidate]:
    """Gamekeeper on SQLite is durable (`synchronous=FULL`), on PostgreSQL as well; nothing else here is."""
    python = str(WORK / "venv" / "bin" / "python")
    return [
        gamekeeper("sqlite"),
        gamekeeper("postgres"),
        gamekeeper("memory"),
        gamekeeper_socketio("gamekeeper-socketio", "sqlite"),
        gamekeeper_socketio("gamekeeper-socketio-postgres", "postgres"),
        Candidate("python-socketio", "socketio", (python, str(PEERS / "python_socketio.py"), "{port}")),
        node("node-socketio", "socketio", "socketio.mjs"),
        node("node-ws", "raw", "ws.mjs"),
        bun(),
        Candidate("picows", "raw", (sys.executable, str(PEERS / "picows_raw.py"), "{port}")),
        node("colyseus", "colyseus", "colyseus.mjs"),
        node("boardgameio", "boardgameio", "boardgameio.mjs"),
    ]


def build(name: str) -> Path:
    """A program of loadgen/, compiled. Raises `CalledProcessError`."""
    WORK.mkdir(exist_ok=True)
    subprocess.run(["cc", "-O2", "-o", str(WORK / name), str(HERE / "loadgen" / f"{name}.c")], check=True)
    return WORK / name


def prepare() -> None:
    """Build the generator, and install the peers as their lock file says where that has not been done."""
    build("loadgen")
    if not (WORK / "venv").exists():
        subprocess.run([sys.executable, "-m", "venv", str(WORK / "venv")], check=True)
        pip = str(WORK / "venv" / "bin" / "pip")
        subprocess.run([pip, "install", "-q", "-r", str(PEERS / "requirements.txt")], check=True)
    installed = WORK / "peers" / "package-lock.json"
    wanted = (PEERS / "package-lock.json").read_bytes()
    stale = not installed.exists() or installed.read_bytes() != wanted
    shutil.copytree(PEERS, WORK / "peers", dirs_exist_ok=True)
    if stale or not (WORK / "peers" / "node_modules").exists():
        subprocess.run(["npm", "ci", "--silent"], cwd=WORK / "peers", check=True)


async def write_targets(candidate: Candidate, port: int, shape: Shape, targets: Path) -> None:
    """Tell the generator whom to send where. Gamekeeper's server has done so itself; Colyseus gives each client a
    reservation over HTTP, which is part of what joining costs there."""
    if candidate.ours:
        return
    if candidate.protocol == "colyseus":
        lines = await asyncio.to_thread(_reservations, port, shape)
    else:
        path = {"socketio": "/socket.io/?EIO=4&transport=websocket", "raw": "/room{room}"}
        path["boardgameio"] = path["socketio"]
        pattern = f"room{{room}} {path[candidate.protocol]} {{member}}"
        seats = [(room, member) for room in range(shape.rooms) for member in range(shape.members)]
        lines = [pattern.format(room=room, member=member) for room, member in seats]
    targets.write_text("\n".join(lines) + "\n")


def _reservations(port: int, shape: Shape) -> list[str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    lines: list[str] = []
    for room in range(shape.rooms):
        for _ in range(shape.members):
            wish = json.dumps({"table": f"room{room}"})
            connection.request("POST", "/matchmake/joinOrCreate/adding", wish, {"Content-Type": "application/json"})
            found = json.loads(connection.getresponse().read())
            path = f"/{found['processId']}/{found['roomId']}?sessionId={found['sessionId']}"
            lines.append(f"{found['roomId']} {path} -")
    connection.close()
    return lines
