"""Two workers behind one port, over a PostgreSQL and a Redis, as `gamekeeper serve --workers 2` starts them."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cluster.redis import redis_in
from tests.postgres import fetch
from tests.server import process
from tests.server.kit import SECRET


@contextmanager
def workers(folder: Path, postgres_url: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """The supervisor and the address. The lease is long: whoever waits for it waits too long."""
    with redis_in(folder) as redis:
        shared = {
            "secret": SECRET,
            "log_store": "postgres",
            "database_url": postgres_url,
            "redis_url": redis.url,
            "lease_s": "60",
        }
        with process.server(folder / "data", "--workers", "2", **shared) as (running, ready):
            yield running, ready["url"]


async def both_answer(postgres_url: str) -> bool:
    alive = "SELECT FROM gamekeeper_log.nodes WHERE expires_at > clock_timestamp()"
    return len(await fetch(postgres_url, alive)) == 2
