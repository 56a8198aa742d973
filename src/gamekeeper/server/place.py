"""Where a node stands: which log it writes, what it may claim there, how it reaches the others."""

import asyncio
import socket
from dataclasses import dataclass
from secrets import token_hex

from gamekeeper.cluster.bus import Bus, Exchange
from gamekeeper.log.ownership import Ownership
from gamekeeper.log.protocol import EventLog
from gamekeeper.server.settings import Settings


@dataclass(frozen=True)
class Place:
    """What the nodes of a cluster share, as one of them sees it."""

    log: EventLog
    ownership: Ownership
    bus: Bus


def node_name(settings: Settings) -> str:
    """Another one at every start: what was said to the process before this one must not reach this one."""
    return f"{settings.node or socket.gethostname()[:40]}-{token_hex(4)}"


def open_bus(settings: Settings, node: str) -> Bus:
    """The way to the other nodes. Raises `ImportError` when the extra `redis` is not installed."""
    if not settings.redis_url:
        return Exchange(asyncio.get_running_loop().call_soon).bus(node)
    from gamekeeper.cluster.bus_redis import RedisBus

    return RedisBus(settings.redis_url, node, settings.redis_prefix)
