"""Every setting, in one place, read once. Nothing else in the product reads the environment.

A setting is an environment variable with the prefix `GAMEKEEPER_`; command-line options go before the environment.
Lists are separated by commas.
"""

import os
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gamekeeper.server import limits
from gamekeeper.server.hookhosts import origin_of_host
from gamekeeper.server.keys import MIN_SECRET_BYTES, read_secrets, weakness

PREFIX = "GAMEKEEPER_"
NO_ROOMS = "none"
Networks = tuple[IPv4Network | IPv6Network, ...]
Listed = Annotated[tuple[str, ...], NoDecode]


class BadSettings(Exception):
    """The settings cannot be used. `problems`: every one of them, by variable name."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {problem}" for name, problem in sorted(problems.items())))
        self.problems = problems


class Settings(BaseSettings):
    """What can be set, with its default. Make one with `load`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, env_ignore_empty=True, use_attribute_docstrings=True, hide_input_in_errors=True
    )

    profile: Literal["embedded", "production"] = "embedded"
    """`embedded`: one command on a laptop. `production`: refuses everything that is only good on a laptop."""
    data: Path = Path("data")
    """Folder of the log, the database, the generated secret and the embedded profile's log file."""
    host: str = "127.0.0.1"
    """Address to listen on; `0.0.0.0` lets phones in the same network join."""
    port: int = Field(8000, ge=0, le=65535)
    """Port to listen on; 0 takes a free one."""
    workers: int = Field(1, ge=1, le=64)
    """Server processes behind the port of this machine. Several need `postgres` as the log store, and Redis."""
    public_url: str = ""
    """Address players reach, as in join links and QR codes. Production: required, `https://`."""
    tls_certificate: Path | None = None
    """Certificate chain (PEM) to serve HTTPS with."""
    tls_key: Path | None = None
    """Its private key (PEM)."""
    trusted_proxies: Annotated[Networks, NoDecode] = ()
    """Networks of reverse proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed."""
    allowed_origins: Listed = ()
    """Origins besides the server's own whose pages may call it, e.g. `https://school.example`."""
    webhook_hosts: Listed = ()
    """Hosts that rooms may have called when something changes, e.g. `hooks.example`, `hooks.example:8443` or
    `http://127.0.0.1:9000`; HTTPS unless `http://` is written. Empty: nobody is called."""
    log_store: Literal["", "sqlite", "postgres", "memory"] = ""
    """Where rooms are written down: `sqlite` in the data folder, `postgres` in `GAMEKEEPER_DATABASE_URL`, where several
    nodes share them. Empty: where accounts are. `memory` keeps nothing and is for trying things out."""
    database_url: str = ""
    """Accounts and read models, e.g. `postgresql://gamekeeper@db/gamekeeper`, as the role that may add to the log and
    not change it. Empty: SQLite in the data folder, which only the embedded profile takes."""
    replica_url: str = ""
    """A copy of that database which follows it, as a role that may read: applications read there what may be a moment
    old. Empty: there is none. Nothing is ever written to it."""
    database_owner_url: SecretStr = SecretStr("")
    """The same database as the role that owns its tables. Who knows it migrates: `gamekeeper migrate`, or a start."""
    database_wait_s: float = Field(60.0, ge=0)
    """Seconds a start waits for a database that is away."""
    database_statement_s: float = Field(10.0, gt=0)
    """Seconds after which a statement in PostgreSQL is ended."""
    log_readers: int = Field(5, gt=0)
    """Connections that read a log in PostgreSQL; one more writes, one more renews the lease."""
    database_pool: int = Field(5, gt=0)
    """Connections to the database that are kept open."""
    database_overflow: int = Field(10, ge=0)
    """Connections opened besides when these are all in use."""
    database_timeout_s: float = Field(30.0, gt=0)
    """Seconds somebody waits for a connection before being refused."""
    database_recycle_s: float = Field(3600.0, gt=0)
    """Seconds after which a connection is replaced."""
    slow_statement_s: float = Field(0.25, gt=0)
    """A database statement that takes longer is logged."""
    node: str = Field("", pattern=r"^[A-Za-z0-9._-]{0,64}$")
    """What this node is called in logs and by the others; something random is added. Empty: the host's name."""
    owns: Listed = ()
    """Applications whose rooms this node runs, so that load on others does not reach it; `none`: it runs no room and
    carries everything to those that do. Empty: rooms of all. Needs Redis."""
    lease_s: float = Field(6.0, ge=1.0, le=60.0)
    """Seconds after which another node may take over the rooms of one that has died."""
    redis_url: str = ""
    """Carries messages between nodes, e.g. `redis://10.0.0.5:6379`. Empty: this node cannot reach rooms on others."""
    redis_prefix: str = Field("gamekeeper", pattern=r"^[A-Za-z0-9._:-]{1,64}$")
    """What the names of channels and keys in Redis begin with; one for each cluster that shares a Redis."""
    log_statements: bool = False
    """Whether every database statement is logged, with places instead of values. Embedded profile only."""
    secret: SecretStr = SecretStr("")
    """Signs tokens; at least 32 random bytes. Empty in the embedded profile: generated into the data folder."""
    old_secrets: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    """Secrets that still verify but no longer sign, for rotation."""
    secret_file: Path | None = None
    """File with the secret and, on further lines, old ones; read again on SIGHUP."""
    auth: bool = True
    """Off: whoever reaches the server is its administrator. Embedded profile on a loopback address only."""
    guests: bool = True
    """Whether anybody may become a guest by giving a name."""
    registration: bool = True
    """Whether anybody may open an account; otherwise `gamekeeper users add` does."""
    access_token_s: float = Field(900.0, gt=0, le=3600)
    """Life of an access token, in seconds."""
    refresh_token_s: float = Field(30 * 86400.0, gt=0)
    """Life of a login that is not used, in seconds."""
    apps: Listed = ()
    """Applications that are not installed, as `module:attribute`."""

    ping_interval_s: float = Field(15.0, gt=0)
    """Seconds between two pings to a connection."""
    ping_timeout_s: float = Field(10.0, gt=0)
    """Seconds a connection may take to answer one; then it is dropped."""
    idle_s: float = Field(300.0, gt=0)
    """Seconds after which a room nobody watches and where nothing is due goes to sleep."""
    sweep_s: float = Field(30.0, gt=0)
    """Seconds between two sweeps for idle rooms and expired logins."""
    drain_s: float = Field(10.0, gt=0)
    """Seconds open requests get to finish after SIGTERM."""
    max_rooms: int = Field(10_000, gt=0)
    """Rooms awake at once."""
    max_members: int = Field(10_000, gt=0)
    """Members of one room over its life."""
    max_viewers: int = Field(20_000, gt=0)
    """Live connections of one room."""
    max_connections: int = Field(50_000, gt=0)
    """Live connections of the server."""
    max_mailbox: int = Field(10_000, gt=0)
    """Commands waiting in one room."""
    max_room_bytes: int = Field(256 * 1024 * 1024, gt=0)
    """Bytes of events in one room's log."""
    command_rate_factor: float = Field(1.0, gt=0)
    """Multiplies the rate of every command, for load tests."""
    max_body_bytes: int = Field(64 * 1024, gt=0)
    """Bytes of one HTTP request's body."""
    max_upload_bytes: int = Field(21 * 1024 * 1024, gt=0)
    """Bytes of a body for a route of an application: quiz files are longer than anything else."""
    read_cache_s: float = Field(1.0, ge=0, le=60)
    """Seconds for which an answer about a room is given again after it was changed on another node; changes on this one
    count at once. 0: no answer is given twice."""
    read_cache_bytes: int = Field(32 * 1024 * 1024, ge=0)
    """Bytes of answers that are kept to be given again."""
    max_rate_keys: int = Field(100_000, gt=0)
    """Addresses and users whose request rates are remembered at once."""

    rate_read: str = "1200/minute"
    """Reading requests of one user, or of one address where nobody is signed in."""
    rate_write: str = "600/minute"
    """Changing requests of one user or address; opening a connection to a room counts as one."""
    rate_login: str = "20/minute;200/hour"
    """Logins tried from one address, and for one user name."""
    rate_guest: str = "3000/minute"
    """Guests made and codes tried from one address: a whole lecture hall may share one."""
    rate_code: str = "5/minute"
    """Wrong join codes from one address that are answered as such; right ones go on working."""
    rate_code_digits: str = "30/minute"
    """Wrong codes of digits alone from one address; then only links and codes with letters lead in from there."""
    rate_digits: str = "60/minute"
    """Wrong codes of digits alone, of the whole server: then only links and codes with letters lead in."""
    rate_admin: str = "600/minute"
    """Administrators' requests of one user."""

    retention_days: float = Field(90.0, ge=0)
    """Days after a room's last event, and after a guest was last seen, for which their names are kept; then points stay
    and names go. 0: for ever."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least level that is logged."""
    log_file: str = ""
    """Where log lines go; `-` is standard error. Empty: standard error in production, `server.log` in the data folder
    otherwise."""
    log_commands: bool = True
    """Whether each accepted command writes one line."""
    metrics_networks: Annotated[Networks, NoDecode] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
    """Networks that may read `/metrics` without signing in."""
    trace_endpoint: str = ""
    """Where OpenTelemetry spans go, by OTLP over HTTP, e.g. `http://localhost:4318/v1/traces`. Empty: nowhere. Needs
    the extra `tracing`."""
    trace_ratio: float = Field(1.0, ge=0, le=1)
    """Share of requests and commands that are traced."""

    @field_validator(
        "trusted_proxies",
        "allowed_origins",
        "old_secrets",
        "apps",
        "owns",
        "metrics_networks",
        "webhook_hosts",
        mode="before",
    )
    @classmethod
    def _split(cls, value: Any) -> Any:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("webhook_hosts")
    @classmethod
    def _hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for entry in value:
            origin_of_host(entry)
        return value

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in {"redis", "rediss", "unix"}:
            raise ValueError("not an address such as redis://127.0.0.1:6379")
        return value

    @field_validator("database_url")
    @classmethod
    def _asynchronous(cls, value: str) -> str:
        scheme, separator, rest = value.partition("://")
        drivers = {"postgres": "postgresql+asyncpg", "postgresql": "postgresql+asyncpg", "sqlite": "sqlite+aiosqlite"}
        if value and (not separator or scheme.partition("+")[0] not in drivers):
            raise ValueError("neither postgresql:// nor sqlite://")
        return f"{drivers.get(scheme, scheme)}{separator}{rest}"

    @field_validator("public_url")
    @classmethod
    def _origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/")):
            raise ValueError("not an address such as https://play.example")
        return value.rstrip("/")

    @field_validator(
        *("rate_read", "rate_write", "rate_login", "rate_guest", "rate_admin"),
        *("rate_code", "rate_code_digits", "rate_digits"),
    )
    @classmethod
    def _rate(cls, value: str) -> str:
        limits.parse(value)
        return value

    @property
    def log_kind(self) -> str:
        """`sqlite`, `postgres` or `memory`."""
        return self.log_store or ("postgres" if self.database_url.startswith("postgresql") else "sqlite")

    @property
    def owned_apps(self) -> tuple[str, ...] | None:
        """None: all."""
        return () if self.owns == (NO_ROOMS,) else self.owns or None

    @property
    def production(self) -> bool:
        return self.profile == "production"

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        try:
            return self.host == "localhost" or ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def tls(self) -> bool:
        return self.tls_certificate is not None

    @property
    def configured_secrets(self) -> list[str]:
        """The secrets somebody chose, the signing one first. Raises `OSError` when the file cannot be read."""
        chosen = [secret.get_secret_value() for secret in (self.secret, *self.old_secrets)]
        return [*(read_secrets(self.secret_file) if self.secret_file else []), *filter(None, chosen)]


def load(**chosen: Any) -> Settings:
    """The settings of this process; `chosen` goes before the environment, None counts as not chosen.

    Raises `BadSettings` with everything that is wrong, so that one correction is enough.
    """
    chosen = {name: value for name, value in chosen.items() if value is not None}
    problems = dict.fromkeys(_unknown(), "there is no such setting")
    try:
        settings = Settings(**chosen)
    except ValidationError as error:
        wrong = {str(one["loc"][0]): str(one["msg"]).removeprefix("Value error, ") for one in error.errors()}
        problems |= {variable(name): problem for name, problem in wrong.items()}
        settings = Settings(**chosen | {name: Settings.model_fields[name].default for name in wrong})
    problems = {variable(name): problem for name, problem in _complaints(settings)} | problems
    if problems:
        raise BadSettings(problems)
    return settings


def variable(field: str) -> str:
    """`port` -> `GAMEKEEPER_PORT`."""
    return PREFIX + field.upper()


def _unknown() -> list[str]:
    """Variables with our prefix that no setting has: a typing error must not pass for a default."""
    known = {variable(name) for name in Settings.model_fields}
    return [name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known]


def _complaints(settings: Settings) -> Iterator[tuple[str, str]]:
    """What is wrong with settings that are well-formed each by itself."""
    yield from _secret_complaints(settings)
    yield from _cluster_complaints(settings)
    if settings.log_kind == "postgres" and not settings.database_url.startswith("postgresql"):
        yield "log_store", f"needs a postgresql:// address in {variable('database_url')}"
    if settings.replica_url and not (
        settings.replica_url.startswith("postgresql") and settings.database_url.startswith("postgresql")
    ):
        yield "replica_url", f"needs postgresql:// addresses here and in {variable('database_url')}"
    if not settings.auth and not (settings.loopback and not settings.production):
        yield "auth", "may be off on a loopback address of the embedded profile only"
    for first, second in (("tls_certificate", "tls_key"), ("tls_key", "tls_certificate")):
        file: Path | None = getattr(settings, first)
        if file is None and getattr(settings, second) is not None:
            yield first, f"missing, but {variable(second)} is set"
        elif file is not None and not os.access(file, os.R_OK):
            yield first, "no readable file"
    if settings.production:
        yield from _production_complaints(settings)


def _secret_complaints(settings: Settings) -> Iterator[tuple[str, str]]:
    where = "secret_file" if settings.secret_file else "secret"
    try:
        secrets = settings.configured_secrets
    except (OSError, UnicodeDecodeError) as error:
        yield "secret_file", f"cannot be read: {error}"
        return
    if not secrets and (settings.production or settings.secret_file):
        yield where, f"missing: give at least {MIN_SECRET_BYTES} random bytes"
    for number, secret in enumerate(secrets):
        if reason := weakness(secret):
            yield where if number == 0 else "old_secrets", reason


def _cluster_complaints(settings: Settings) -> Iterator[tuple[str, str]]:
    if settings.workers > 1 and (settings.log_kind != "postgres" or not settings.redis_url):
        wanted = f"{variable('log_store')}=postgres, {variable('database_url')} and {variable('redis_url')}"
        yield "workers", f"the embedded log is one process's: several need {wanted}"
    if settings.owns and (settings.log_kind != "postgres" or not settings.redis_url):
        yield "owns", f"needs {variable('log_store')}=postgres and {variable('redis_url')}: others run the other rooms"
    if NO_ROOMS in settings.owns and len(settings.owns) > 1:
        yield "owns", f"either {NO_ROOMS!r} or names of applications"
    if settings.log_kind != "postgres" and settings.redis_url:
        yield "redis_url", f"of no use without {variable('log_store')}=postgres: nodes share the log"


def _production_complaints(settings: Settings) -> Iterator[tuple[str, str]]:
    if not settings.database_url:
        yield "database_url", "missing: SQLite in the data folder is the embedded profile's default only"
    if settings.log_store == "memory":
        yield "log_store", "keeps nothing"
    if settings.log_statements:
        yield "log_statements", "is for development"
    if not settings.public_url.startswith("https://"):
        yield "public_url", "missing or not https://"
    if not settings.tls and not settings.trusted_proxies:
        yield "tls_certificate", f"plain HTTP: give a certificate, or {variable('trusted_proxies')} that end TLS"
    if any(network.prefixlen == 0 for network in settings.trusted_proxies):
        yield "trusted_proxies", "believes everybody"
    for origin in settings.allowed_origins:
        if "*" in origin or not origin.startswith("https://"):
            yield "allowed_origins", f"{origin!r} is no https:// origin"
