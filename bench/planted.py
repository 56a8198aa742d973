"""A server with a bug planted in it: `python -m bench.planted NAME serve ...`.

For `bench.chaos --plant NAME`, which has to find each of them.

early        the log says "written" before it has written: what was acknowledged is lost when the node dies
stale        a refused write counts as written: a node that lost its room goes on as if it had not
forgetful    what took effect before the room woke is not remembered: a command that is sent again takes effect again
gap          who resumes misses the first event after the one that was seen last
disorder     events of one commit are delivered in the opposite order
"""

import sys
from typing import Any

from gamekeeper.log.postgres.log import PostgresLog
from gamekeeper.room.delivery import Delivery
from gamekeeper.room.feed import Feed
from gamekeeper.room.ledger import Ledger
from gamekeeper.room.room import Room

DONE = 4
"""The place of what is called back among the arguments of `append`."""


def early() -> None:
    append = PostgresLog.append

    def lie(log: PostgresLog, *batch: Any) -> None:
        append(log, *batch[:DONE], lambda error: None, *batch[DONE + 1 :])
        batch[DONE](None)

    PostgresLog.append = lie  # type: ignore[method-assign]


def stale() -> None:
    append = PostgresLog.append

    def deaf(log: PostgresLog, *batch: Any) -> None:
        append(log, *batch[:DONE], lambda error: batch[DONE](None), *batch[DONE + 1 :])

    PostgresLog.append = deaf  # type: ignore[method-assign]


def forgetful() -> None:
    begin = Room.__init__

    def blank(room: Room, *given: Any, **named: Any) -> None:
        begin(room, *given, **named)
        room.fold.ledger = Ledger()

    Room.__init__ = blank  # type: ignore[method-assign]


def gap() -> None:
    after = Feed.after
    Feed.after = lambda feed, seq: after(feed, seq + 1)  # type: ignore[method-assign]


def disorder() -> None:
    events = Delivery.events
    Delivery.events = lambda delivery, given: events(delivery, given[::-1])  # type: ignore[method-assign]


PLANTS = {plant.__name__: plant for plant in (early, stale, forgetful, gap, disorder)}


def main() -> None:
    name, *rest = sys.argv[1:]
    PLANTS[name]()
    from gamekeeper.server.cli import main as serve

    serve(rest)


if __name__ == "__main__":
    main()
