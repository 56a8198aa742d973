"""From open port to last byte: serve one server's HTTP and sockets until told to stop, then let everybody finish."""

import asyncio
import contextlib
import gc
import logging
import signal
import socket
from collections.abc import Callable, Generator

import uvicorn

from gamekeeper.server.addresses import write_address
from gamekeeper.server.app import http_application
from gamekeeper.server.logging import CommandLog
from gamekeeper.server.loopwatch import LoopWatch
from gamekeeper.server.server import Server
from gamekeeper.server.settings import Settings
from gamekeeper.server.sink import LineSink
from gamekeeper.server.storage import step
from gamekeeper.server.workers import heed
from gamekeeper.transport.websocket import protocol_class

log = logging.getLogger("gamekeeper.server")

BACKLOG = 2048


class _HttpServer(uvicorn.Server):
    """uvicorn without its own ideas about signals, and with a word when it answers."""

    ready: Callable[[], None] = staticmethod(lambda: None)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


class Port:
    """The open port of one server. `url` is where it answers."""

    def __init__(self, server: Server, *, shared: bool = False) -> None:
        """Bind; `shared`: other processes listen there too. Raises `StartError("port")`."""
        settings = server.settings
        with step("port", OSError, OverflowError):
            self._socket = _bind(settings.host, settings.port, shared)
        self._shared = shared
        self.port: int = self._socket.getsockname()[1]
        self._server = server
        self.server = server
        self.node = server.membership.node if server.membership is not None else ""
        """Its name among the nodes of a cluster."""
        self._http = _HttpServer(_uvicorn_config(server))
        self._stopping: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """For programs on this machine."""
        scheme = "https" if self._server.settings.tls else "http"
        host = self._server.settings.host
        shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
        return f"{scheme}://{shown}:{self.port}"

    async def serve(self, ready: Callable[[], None] = lambda: None) -> None:
        """Answer until `stop`; `ready` is called once the port answers."""
        self._http.ready = ready
        watch = LoopWatch(self._server.metrics.turned)
        watch.start()
        await self._http.serve([self._socket])
        watch.stop()
        if self._stopping is not None:
            await self._stopping

    def stop(self) -> None:
        """Drain, then end. A second call does not wait for anybody."""
        if self._stopping is not None:
            self._http.force_exit = True
            return
        self._stopping = asyncio.create_task(self._drain())

    async def _drain(self) -> None:
        log.info("draining", extra={"connections": len(self._server.reception.connections)})
        if self._shared:  # whoever comes now is for the others
            for listening in self._http.servers:
                listening.close()
        await self._server.drain()
        self._http.should_exit = True


def _bind(host: str, port: int, shared: bool) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        # Passed on to what is accepted. asyncio sets it on sockets that name their protocol alone, and without it an
        # answer in two pieces waits 40 ms for the other side's word that the first has come.
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT if shared else socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(BACKLOG)
    except OSError:
        bound.close()
        raise
    return bound


def _uvicorn_config(server: Server) -> uvicorn.Config:
    settings = server.settings
    return uvicorn.Config(
        http_application(server),
        http="httptools",
        ws=protocol_class(server.reception),
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=",".join(map(str, settings.trusted_proxies)) or None,
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
        backlog=BACKLOG,
        timeout_graceful_shutdown=int(settings.drain_s),
        timeout_keep_alive=65,
    )


async def run(
    settings: Settings, sink: LineSink, ready: Callable[[Port, bool], None], *, worker: int | None = None
) -> None:
    """A whole server, from settings to SIGTERM or SIGINT. `ready` is told the port and whether there is an
    administrator. `worker`: which of several at its port it is. Raises `StartError`."""
    loop = asyncio.get_running_loop()
    server = await Server.open(settings, worker=worker or 0)
    try:
        if settings.log_commands:
            server.registry.observers.append(CommandLog(sink))
        has_admin = await server.accounts.has_admin()
        port = Port(server, shared=worker is not None)
        if worker is not None:
            heed(port.stop, server.succeed)
        with step("data folder", OSError):
            write_address(settings, port.url)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, port.stop)
        loop.add_signal_handler(signal.SIGHUP, server.reload_secrets)
        gc.freeze()  # what was made so far stays: looking through it again and again would hold up every room
        server.metrics.frozen_objects.set(gc.get_freeze_count())
        await port.serve(lambda: ready(port, has_admin))
    finally:
        await server.close()
