"""Session ids: minted by the server, good across connections, crashes and months.

An id ends in the cursor of the position it was begun at. The ledger forgets the longest unused sessions of a seat, so
an unknown session may resume only if it was begun after the last one forgotten; otherwise a command that did take
effect could take effect again.
"""

from secrets import token_urlsafe

from gamekeeper.core.seats import Seat
from gamekeeper.room.ledger import Ledger
from gamekeeper.wire.cursor import Cursors

MAX_SESSION_CHARACTERS = 64


def mint(cursors: Cursors, seq: int) -> str:
    """A new session id: 128 random bits and where it began."""
    return f"{token_urlsafe(16)}.{cursors.at(seq)}"


def resume(wanted: str | None, ledger: Ledger, seat: Seat, cursors: Cursors, seq: int) -> str:
    """The session a hello goes on with: the wanted one if its past is known, else a new one."""
    if wanted and len(wanted) <= MAX_SESSION_CHARACTERS:
        begun = cursors.seq(wanted.rpartition(".")[2])
        floor = ledger.floor(seat)
        if ledger.last_id(seat, wanted) is not None or (begun is not None and (begun > floor or not floor)):
            return wanted
    return mint(cursors, seq)
