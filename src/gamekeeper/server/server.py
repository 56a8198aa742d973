"""The composition root: everything one server holds, made together and let go together. Two may live in one process."""

import asyncio
import logging
import time
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import select

from gamekeeper.app import App, load_apps, resolve
from gamekeeper.core.errors import ErrorCode, Misuse, Rejected
from gamekeeper.core.record import Entry
from gamekeeper.log.database import DatabaseAway, DatabaseError
from gamekeeper.log.patience import outlast
from gamekeeper.log.projection import DatabaseCheckpoints, Projection, ProjectionRunner
from gamekeeper.log.protocol import EventLog, LogError, LogUnavailable
from gamekeeper.room.claims import ALONE
from gamekeeper.room.limits import Limits
from gamekeeper.room.placement import runs
from gamekeeper.room.reactor import Reactor, ReactorRunner
from gamekeeper.room.registry import Registry
from gamekeeper.room.room import Room
from gamekeeper.room.runtime import cancelled
from gamekeeper.server.answers import Answers, live_s
from gamekeeper.server.auth.accounts import Accounts
from gamekeeper.server.auth.identity import Identity
from gamekeeper.server.auth.revocation import Revocations
from gamekeeper.server.auth.tokens import AccessTokens
from gamekeeper.server.directory import Directory, DirectoryProjection
from gamekeeper.server.door import FrontDoor
from gamekeeper.server.glance import Glances
from gamekeeper.server.guesses import Guesses, GuessRates
from gamekeeper.server.hooks import Hooks
from gamekeeper.server.keys import Keyring, generated_secret, weakness
from gamekeeper.server.limits import HttpLimits, Shared
from gamekeeper.server.membership import Membership
from gamekeeper.server.metrics import Metrics, Sizes
from gamekeeper.server.origins import Origins
from gamekeeper.server.place import Place, open_bus
from gamekeeper.server.readiness import Readiness
from gamekeeper.server.retention import Retention
from gamekeeper.server.settings import Settings
from gamekeeper.server.storage import StartError, Storage, open_storage, step
from gamekeeper.server.timedlog import TimedLog
from gamekeeper.transport.engine import Engines
from gamekeeper.transport.heartbeat import LOOK_EVERY_S, Heartbeat, Patterns
from gamekeeper.transport.reception import Reception

if TYPE_CHECKING:
    from gamekeeper.server.tracing import Spans

log = logging.getLogger("gamekeeper.server")

READY_TIMEOUT_S = 2.0
REVOCATION_POLL_S = 2.0
PAGES = Path(__file__).parent.parent / "pages"


class Server:
    """One server. Make it with `open`; `close` lets go of everything, whatever state it is in."""

    def __init__(
        self,
        settings: Settings,
        apps: Mapping[str, App],
        storage: Storage,
        metrics: Metrics,
        spans: "Spans | None" = None,
        place: Place | None = None,
    ) -> None:
        self.settings = settings
        self.apps = apps
        self.pages = PAGES
        self.storage = storage
        self.database = database = storage.database
        self.metrics = metrics
        self.spans = spans
        self.log: EventLog = TimedLog(storage.log if spans is None else spans.traced(storage.log), self.metrics)
        with step("secret", OSError):
            self.keys = Keyring(secrets_of(settings))
        self.revocations = Revocations(settings.access_token_s, self.now)
        self._tokens = tokens = AccessTokens(self.keys, settings.access_token_s, self.now)
        self.accounts = Accounts(
            database, tokens, self.revocations, self.keys, refresh_life_s=settings.refresh_token_s, now=self.now
        )
        claims = place.ownership if place is not None else ALONE
        _, cursor_key = self.keys.signing("cursors")
        self.registry = Registry(apps, self.log, cursor_key, limits=room_limits(settings), claims=claims)
        self.answers = Answers(live_s(settings, alone=place is None), settings.read_cache_bytes)
        self.directory = Directory(database, self.answers.forget)
        self.glances = Glances(self.registry, self.log)
        self.limits = HttpLimits(rate_classes(settings), settings.max_rate_keys, self.now)
        self.limits.shared = _shared_rates(settings)
        self.guesses = Guesses(guess_rates(settings), settings.max_rate_keys, self.now)
        self.origins = Origins(settings)
        self.door = FrontDoor(apps, self.registry, self.log, self.accounts, self.limits, auth=settings.auth)
        self.reception = Reception(self.door, self.now, origins=self.origins.listed, capacity=settings.max_connections)
        self.patterns = Patterns(settings.ping_interval_s, settings.ping_timeout_s)
        self.engines = Engines(self.reception, self.patterns, settings.max_connections)
        self.membership = Membership(place, self.registry, self.door, renew_s=settings.lease_s / 3) if place else None
        """What makes this server one node of several; None: it is alone."""
        self.retention = Retention(self.registry, self.log, self.accounts, settings.retention_days, self.now)
        self.draining = False
        self.readiness = Readiness(self.unreadiness)
        self._directory_runner = ProjectionRunner(DirectoryProjection(), self.log, database, self.answers.taken)
        self._runners: list[ProjectionRunner | ReactorRunner] = [self._directory_runner]
        self._tasks: set[asyncio.Task[None]] = set()
        self.hooks = Hooks(self.registry, self.keys, settings.webhook_hosts)
        self.registry.observers += [self.metrics, self, self.hooks]
        self.metrics.follow(self.registry, self._sizes(), self._caches())
        self.metrics.ratio("reads", lambda: (self.answers.hits, self.answers.misses))

    @classmethod
    async def open(
        cls,
        settings: Settings,
        apps: Mapping[str, App] | None = None,
        place: Place | None = None,
        *,
        worker: int = 0,
    ) -> Self:
        """Everything open and running but the port. `place`: among the other nodes, whatever the settings say.
        `worker`: which of several processes that share port and data folder this is. Raises `StartError`."""
        if apps is None:
            with step("applications", Misuse, ImportError, AttributeError):
                apps = load_apps(settings.apps)
        if unknown := set(settings.owned_apps or ()) - set(apps):
            raise StartError("applications", f"this node is to run rooms of {', '.join(sorted(unknown))}: no such one")
        metrics = Metrics(settings.slow_statement_s, settings.log_statements)
        with step("tracing", ImportError):
            spans = open_spans(settings)
        storage = await open_storage(settings, metrics, spans, place, worker)
        if place is None and settings.log_kind == "postgres":
            with step("bus", ImportError, ValueError):
                place = Place(storage.log, storage.ownership, open_bus(settings, storage.ownership.node))
        server = cls(settings, apps, storage, metrics, spans, place)
        with step("database", DatabaseError, LogError):
            await server._catch_up()
        server._begin()
        return server

    @staticmethod
    def now() -> float:
        """Seconds since the epoch."""
        return time.time()

    async def _catch_up(self) -> None:
        """Learn what was written before; a database that goes away just then is waited for like one that is not there
        yet."""

        async def learn() -> None:
            await self.accounts.learn_revocations()
            await self._directory_runner.catch_up()

        await outlast(learn, (DatabaseAway, LogUnavailable), self.settings.database_wait_s)

    def _begin(self) -> None:
        self._add_followers()
        heartbeat = Heartbeat(self.reception, self.patterns, [self.engines.look])
        for work in (heartbeat.run(), self._sweep(), self._learn_revocations(), self.readiness.run()):
            self._run(work)
        self._run(self.retention.run())
        if self.membership is None:
            self._run(self._wake_due())
            for runner in self._runners:
                self._run(runner.run())
        else:
            self.membership.start(self._run, self._runners)

    def succeed(self, node: str) -> None:
        """Another node of this machine has ended."""
        if self.membership is not None:
            self._run(self.membership.succeed(node))

    def _add_followers(self) -> None:
        """What the applications have follow the log."""
        checkpoints = DatabaseCheckpoints(self.database, self.log.epoch)
        for app in self.apps.values():
            if not runs(self.storage.ownership.owns, app.name):
                continue
            for reference in app.projections:
                projection: Projection = resolve(reference)
                self._runners.append(ProjectionRunner(projection, self.log, self.database))
            for reference in app.reactors:
                reactor: Reactor = resolve(reference)
                self._runners.append(ReactorRunner(reactor, self.log, self.registry, checkpoints))

    def _run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("background work stopped", extra={"work": str(task.get_coro())}, exc_info=error)

    # -- background work ---------------------------------------------------------------------------------------------

    def committed(self, room: Room, entries: list[Entry]) -> None:
        """An observer of the registry: those who follow the log have news."""
        for runner in self._runners:
            runner.wake()

    def admit(self, app: str, who: Identity) -> App:
        """The application, if this user may play it. Raises `Rejected` (unknown_app, forbidden)."""
        found = self.apps.get(app)
        if found is None:
            raise Rejected(ErrorCode.UNKNOWN_APP, f"there is no application {app!r}", field="app")
        if who.kind == "guest" and not found.guests:
            raise Rejected(ErrorCode.FORBIDDEN, f"{found.title} is for those with an account; sign in")
        return found

    async def settled(self) -> None:
        """Return once the directory knows everything written so far."""
        await self._directory_runner.catch_up()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(self.settings.sweep_s)
            self.registry.sweep()
            try:
                await self.accounts.forget_expired()
                await self.database.wipe()
            except DatabaseError as error:
                log.warning("expired logins stay: %s", error)

    async def _learn_revocations(self) -> None:
        while True:
            await asyncio.sleep(REVOCATION_POLL_S)
            try:
                await self.accounts.learn_revocations()
            except DatabaseError as error:
                log.warning("revocations cannot be read: %s", error)

    async def _wake_due(self) -> None:
        woken = await self.registry.wake_due()
        log.info("rooms woken", extra={"count": woken})

    # -- how it is ---------------------------------------------------------------------------------------------------

    async def unreadiness(self) -> str | None:
        """Why no work should be sent here now; None: send it. Makes a real round trip through log and database."""
        if self.draining:
            return "the server is going down"
        if not self.storage.ownership.believes:
            return "the lease of this node has run out"
        try:
            async with asyncio.timeout(READY_TIMEOUT_S):
                await self.log.ping()
                async with self.database.read() as connection:
                    await connection.execute(select(1))
        except TimeoutError:
            return f"log or database took more than {READY_TIMEOUT_S:g} s"
        except (LogError, DatabaseError) as error:
            log.error("not ready: %s", error)
            return f"{type(error).__name__}: log or database failed"
        return None

    async def health(self) -> dict[str, Any]:
        """Figures for the operator's page."""
        reason = await self.unreadiness()
        rooms = list(self.registry.rooms.values())
        return {
            "ready": reason is None,
            "reason": reason,
            "profile": self.settings.profile,
            "log_epoch": self.log.epoch,
            "apps": sorted(self.apps),
            "rooms_awake": len(rooms),
            "viewers": sum(len(room.stage.audience.viewers) for room in rooms),
            **{name: size() for name, size in self._sizes().items()},
            "caches": {name: size() for name, size in self._caches().items()},
        }

    def _sizes(self) -> Sizes:
        return {
            "ready": lambda: float(self.readiness.ready and not self.draining),
            "connections": lambda: len(self.reception.connections),
            "socketio_sessions": lambda: len(self.engines.sessions),
            "background_tasks": lambda: len(self._tasks),
            "database_connections_in_use": lambda: self.database.pool_use.in_use,
            "database_connections_limit": lambda: self.database.pool_use.limit,
            "database_pool_connections": lambda: self.settings.database_pool,
            "database_overflow_connections": lambda: self.settings.database_overflow,
            "database_timeout_seconds": lambda: self.settings.database_timeout_s,
            "database_connections_overflow": lambda: self.database.pool_use.overflow,
            "database_connections_waiting": lambda: self.database.pool_use.waiting,
            **self.storage.sizes,
        }

    def _caches(self) -> Sizes:
        return {
            "rooms": lambda: len(self.registry.rooms),
            "request_rates": lambda: len(self.limits.storage),
            "revocations": lambda: len(self.revocations),
            "reads": lambda: len(self.answers),
            "tokens": lambda: len(self._tokens),
            "door": lambda: len(self.door),
            "glances": lambda: len(self.glances),
            "command_rates": lambda: sum(room.rates_kept for room in self.registry.rooms.values()),
            "recent_events": lambda: sum(len(room.stage.feed) for room in self.registry.rooms.values()),
        }

    def reload_secrets(self) -> None:
        """Read the secret file again: rotation without a restart. Keeps the old ones if the file is of no use."""
        try:
            secrets = secrets_of(self.settings)
        except (OSError, UnicodeDecodeError) as error:
            log.error("secrets not reloaded: %s", error)
            return
        if any(map(weakness, secrets)) or not secrets:
            log.error("secrets not reloaded: one of them is weak, or there is none")
            return
        self.keys.replace(secrets)
        log.info("secrets reloaded", extra={"count": len(secrets)})

    # -- the end -----------------------------------------------------------------------------------------------------

    async def drain(self) -> None:
        """Take no more work, write what is under way, send everybody home to reconnect elsewhere or later."""
        self.draining = True
        self.reception.closing = True
        if self.membership is not None:
            self.membership.send_away()
        await self.registry.drain()
        self.engines.drain()
        if self.membership is not None:
            await self.membership.leave()

    async def close(self) -> None:
        """Let go of everything. Safe to call twice."""
        if not self.draining:
            await self.drain()
        await self.hooks.close()
        await cancelled(tuple(self._tasks))
        if self.membership is not None:
            await self.membership.close()
        if self.limits.shared is not None:
            await self.limits.shared.close()
        await self.storage.close()
        if self.spans is not None:
            await asyncio.to_thread(self.spans.close)


def _shared_rates(settings: Settings) -> Shared | None:
    if not settings.redis_url:
        return None
    from gamekeeper.server.sharedrates import SharedRates

    return SharedRates(settings.redis_url, settings.redis_prefix)


def open_spans(settings: Settings) -> "Spans | None":
    """Where spans go, if they go anywhere. Raises `ImportError` without the extra `tracing`."""
    if not settings.trace_endpoint:
        return None
    from gamekeeper.server.tracing import exporting

    return exporting(settings.trace_endpoint, settings.trace_ratio)


def secrets_of(settings: Settings) -> list[str]:
    """The secrets to use: those configured, else the generated one. Raises `OSError`."""
    if settings.secret_file is not None:
        return settings.configured_secrets
    return settings.configured_secrets or generated_secret(settings.data)


def room_limits(settings: Settings) -> Limits:
    """What the settings say about rooms."""
    return Limits(
        rooms=settings.max_rooms,
        members=settings.max_members,
        viewers=settings.max_viewers,
        mailbox=settings.max_mailbox,
        room_bytes=settings.max_room_bytes,
        idle_s=settings.idle_s,
        rate_factor=settings.command_rate_factor,
        silence_s=settings.ping_interval_s + settings.ping_timeout_s + LOOK_EVERY_S,
    )


def rate_classes(settings: Settings) -> dict[str, str]:
    """What the settings say about requests."""
    return {
        "read": settings.rate_read,
        "write": settings.rate_write,
        "login": settings.rate_login,
        "guest": settings.rate_guest,
        "admin": settings.rate_admin,
    }


def guess_rates(settings: Settings) -> GuessRates:
    """What the settings say about wrong codes."""
    return GuessRates(settings.rate_code, settings.rate_code_digits, settings.rate_digits)
