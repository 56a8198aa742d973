"""`gamekeeper serve`."""

import asyncio
import json
import os
import signal
import sys
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from gamekeeper.server.cli.options import AppReferences, AsJson, Data
from gamekeeper.server.cli.output import FAILED, WRONG_CALL, complain, say

if TYPE_CHECKING:
    from gamekeeper.server.lifecycle import Port
    from gamekeeper.server.settings import Settings


def command(
    host: Annotated[str | None, typer.Option(help="Address to listen on; 0.0.0.0 lets phones join.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    data: Data = None,
    log: Annotated[str | None, typer.Option(help="Where rooms are written down: sqlite, postgres or memory.")] = None,
    profile: Annotated[str | None, typer.Option(help="embedded or production.")] = None,
    app: AppReferences = None,
    workers: Annotated[int | None, typer.Option(help="Server processes behind the port.")] = None,
    as_json: AsJson = False,
    supervised: Annotated[int | None, typer.Option("--supervised", hidden=True)] = None,
    reload: Annotated[bool, typer.Option("--reload", help="Start anew when code changes; for development.")] = False,
) -> None:
    """Start the server. Options go before GAMEKEEPER_ variables, these before defaults (`gamekeeper settings`)."""
    # Until the server drains, stopping means stopping at once: a crash at any instant is harmless, so this is too.
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    os.umask(0o077)  # what the server writes is for the server
    from gamekeeper.server.settings import BadSettings, load

    try:
        settings = load(
            host=host, port=port, data=data, log_store=log, profile=profile, apps=tuple(app) if app else None,
            workers=workers if supervised is None else 1,
        )  # fmt: skip
    except BadSettings as error:
        _end("settings", "the settings cannot be used", WRONG_CALL, problems=error.problems)
    if reload:
        _reload(settings)
    if settings.workers > 1:
        _supervise(settings, as_json)
    else:
        _serve(settings, as_json, supervised)


def _reload(settings: "Settings") -> NoReturn:
    from gamekeeper.server.cli.reload import supervise, watched

    if settings.production:
        _end("settings", "--reload is for development", WRONG_CALL)
    supervise([argument for argument in sys.argv[1:] if argument != "--reload"], watched(settings.apps))


def _leave(number: int, _: FrameType | None) -> None:
    os._exit(0 if number == signal.SIGTERM else 128 + number)


def _supervise(settings: "Settings", as_json: bool) -> None:
    from gamekeeper.server.workers import WorkerFailed, Workers, reserve, supervise

    try:
        place = reserve(settings.host, settings.port)
    except (OSError, OverflowError) as error:
        _end("port", str(error), FAILED)
    port = place.getsockname()[1]
    options = ["--host", settings.host, "--port", str(port), "--data", str(settings.data), "--log", settings.log_store]
    options += ["--profile", settings.profile, *(part for app in settings.apps for part in ("--app", app))]

    async def run() -> None:
        await supervise(Workers(settings.workers, options), lambda ready: _greet_for_all(settings, ready, as_json))

    try:
        asyncio.run(run())
    except WorkerFailed as error:
        raise SystemExit(error.status) from None
    finally:
        place.close()


def _greet_for_all(settings: "Settings", ready: dict[str, Any], as_json: bool) -> None:
    if as_json:
        say(json.dumps(ready))
        return
    say(f"Gamekeeper is ready: {ready['players']}, {settings.workers} workers")
    say("Ctrl-C stops it.")


def _serve(settings: "Settings", as_json: bool, supervised: int | None) -> None:
    import uvloop

    from gamekeeper.server.lifecycle import run
    from gamekeeper.server.logging import open_log
    from gamekeeper.server.storage import StartError

    try:
        sink = open_log(settings)
    except OSError as error:
        _end("log lines", str(error), FAILED)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            greet = partial(_greet, settings, as_json)
            runner.run(run(settings, sink, greet, worker=supervised))
    except StartError as error:
        _end(error.step, error.reason, FAILED)
    finally:
        sink.close()


def _end(step: str, reason: str, status: int, **more: Any) -> NoReturn:
    """One structured line that names the step."""
    complain(json.dumps({"level": "error", "event": "start failed", "step": step, "reason": reason, **more}))
    raise SystemExit(status)


def _greet(settings: "Settings", as_json: bool, port: "Port", has_admin: bool) -> None:
    from gamekeeper.server.addresses import player_url

    players = player_url(settings.model_copy(update={"port": port.port}))
    if as_json:
        node = {"node": port.node} if port.node else {}
        say(json.dumps({"event": "ready", "url": port.url, "port": port.port, "players": players} | node))
        return
    say(f"Gamekeeper is ready: {players}")
    if settings.loopback:
        say("Only this machine can reach it; --host 0.0.0.0 lets phones in the same network join.")
    say(f"Data: {settings.data}")
    if not has_admin:
        say("No administrator yet: gamekeeper users add NAME --admin")
    if not settings.auth:
        say("Authentication is off: whoever reaches this server is its administrator.")
    say("Ctrl-C stops it.")
