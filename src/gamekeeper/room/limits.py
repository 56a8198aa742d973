"""How much of everything. Passing a limit is a named refusal, never a silent drop."""

from gamekeeper.core.frozen import Frozen


class Limits(Frozen):
    """Defaults suit one process with 2 GiB; every figure is a setting."""

    rooms: int = 10_000
    """Rooms awake at once."""
    members: int = 10_000
    """Members of one room over its life."""
    viewers: int = 20_000
    """Live connections of one room."""
    mailbox: int = 10_000
    """Commands waiting in one room."""
    staged: int = 50_000
    """Events of one room decided but not yet committed."""
    room_bytes: int = 256 * 1024 * 1024
    """Bytes of events in one room's log."""
    sessions_per_seat: int = 8
    """Sessions of one seat whose answers are remembered."""
    rate_factor: float = 1.0
    """Multiplies what every command's rate allows; load tests and bots in their own server raise it."""
    refreshed_per_s: float = 2_500.0
    """Viewers of one role that are shown a paced view in a second: the more look on, the longer its interval."""
    recent_events: int = 1_000
    """Public events kept in memory for resuming clients; older ones are read from the log."""
    resume_events: int = 10_000
    """Public events a resuming client is sent; one that missed more starts over."""
    snapshot_every: int = 5_000
    """Events between two snapshots."""
    silence_s: float = 26.0
    """Seconds without a word from the server after which a client takes its connection for lost."""
    idle_s: float = 300.0
    """How long a room without viewers and deadlines stays awake."""


DEFAULT_LIMITS = Limits()
