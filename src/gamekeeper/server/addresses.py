"""Where players find the server."""

import socket

from starlette.datastructures import URL

from gamekeeper.log.backup import LOG_FILE
from gamekeeper.log.filelock import FileLock
from gamekeeper.log.protocol import LogUnavailable
from gamekeeper.server.settings import Settings

ADDRESS_FILE = "address"


def player_url(settings: Settings, requested: URL | None = None) -> str:
    """The base of join links: the public address, else the one the caller used, unless others cannot use that."""
    if settings.public_url:
        return settings.public_url
    if requested is not None and requested.hostname not in {None, "localhost", "127.0.0.1", "::1"}:
        return f"{requested.scheme}://{requested.netloc}"
    scheme = "https" if settings.tls else "http"
    port = requested.port if requested is not None and requested.port else settings.port
    return f"{scheme}://{_reachable(settings)}:{port}"


def _reachable(settings: Settings) -> str:
    if settings.loopback:
        return "localhost"
    return lan_address() if settings.host in {"0.0.0.0", "::"} else settings.host


def lan_address() -> str:
    """This machine's address in its network; `localhost` without one. Sends nothing: it asks the routing table."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "localhost"
        return str(probe.getsockname()[0])


def write_address(settings: Settings, url: str) -> None:
    """Leave word in the data folder where its server answers, for commands on this machine. Raises `OSError`."""
    (settings.data / ADDRESS_FILE).write_text(url + "\n")


def read_address(settings: Settings) -> str | None:
    """Where the server of the data folder answers; None: none runs. Raises `OSError` when it cannot be known."""
    if not settings.data.exists():
        return None
    try:
        FileLock(settings.data / f"{LOG_FILE}.lock").release()
    except LogUnavailable:
        return (settings.data / ADDRESS_FILE).read_text().strip()
    return None
