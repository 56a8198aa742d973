"""THE loop. Take commands, decide each, append what they made happen; when the log has it, adopt, show and answer.

    submit -> mailbox -> turn: judge each -> staged batch -> append -> appended: publish, answer
                                                  ^ one append in flight, and none beside a commit of other rooms; what
                                                    arrives meanwhile is the next batch

The room runs ahead of the log; what leaves it never does. If an append fails the room stops, and whoever wants it
next replays the log: nothing was shown, so nothing is taken back.
"""

import logging
from collections.abc import Callable
from typing import Any, Protocol

from gamekeeper.core.context import Context, moment
from gamekeeper.core.errors import ErrorCode, InvariantViolated, Rejected
from gamekeeper.core.messages import Command, Event, TimedOut, Woken
from gamekeeper.core.personal import Aside, apart
from gamekeeper.core.record import MICROSECONDS, Entry, encode_entries
from gamekeeper.core.seats import HOST, NO_SEAT, SYSTEM, Seat
from gamekeeper.room.alarm import Alarm
from gamekeeper.room.batch import Batch
from gamekeeper.room.fold import Fold
from gamekeeper.room.governance import GOVERNANCE, CloseRoom, MemberLeft
from gamekeeper.room.judge import authorise, judge
from gamekeeper.room.ledger import Known
from gamekeeper.room.limits import Limits
from gamekeeper.room.mailbox import Envelope, Mailbox
from gamekeeper.room.presence import Presence
from gamekeeper.room.rates import Buckets, Repeat
from gamekeeper.room.runtime import Runtime
from gamekeeper.room.stage import Stage
from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.cursor import Cursors

log = logging.getLogger("gamekeeper.room")

TURN_COMMANDS = 1_000
"""Commands judged before other rooms get their turn."""


class Appender(Protocol):
    """The part of an event log a room writes to."""

    def append(
        self, room: str, first: int, last: int, body: bytes, done: Callable[[Exception | None], None], aside: Aside
    ) -> None: ...

    def when_ready(self, go: Callable[[], None]) -> None: ...


class Watcher(Protocol):
    """Who is told what rooms do: the registry, metrics, the audit log."""

    def committed(self, room: "Room", entries: list[Entry]) -> None: ...

    def stopped(self, room: "Room") -> None: ...

    def view_failed(self, room: "Room") -> None:
        """A role's view that is computed beside the loop ran into a fault."""
        ...


class Room:
    """One running instance of a game: one log, one mailbox, one writer.

    Synchronous and driven by callbacks on one runtime. Make it with a `Fold` that has read the whole log.
    `stage` is what is shown of it; only committed states get there.
    """

    def __init__(
        self, id: str, fold: Fold, log: Appender, runtime: Runtime, cursors: Cursors, watcher: Watcher, limits: Limits
    ) -> None:
        self.id = id
        self.fold = fold
        self.limits = limits
        self.stopped = False
        self.stage = Stage(fold, runtime, cursors, limits, lambda: watcher.view_failed(self))
        self.presence = Presence(runtime, fold.game.grace_s, self.tell, self.stage.announce)
        self.alarm = Alarm(fold.game, runtime, lambda name: self.tell(TimedOut(name)))
        self._log = log
        self._runtime = runtime
        self._watcher = watcher
        self._mailbox = Mailbox(limits.mailbox)
        self._buckets = Buckets(limits.rate_factor)
        self._staged = Batch()
        self._in_flight: Batch | None = None
        self._awaits_log = False
        self._turn_is_due = False
        if fold.seq and fold.closed is None:
            self.tell(Woken(moment(fold.at)))
            self.alarm.set(fold.state)
            self.presence.expect([seat for seat, member in fold.members.items() if member.present])

    def submit(self, envelope: Envelope) -> None:
        """Put a command into the mailbox. Raises `Rejected` when the room cannot take it."""
        if self.stopped:
            raise Rejected(ErrorCode.UNAVAILABLE, "the room has just stopped", retry_after_s=1.0)
        try:
            if envelope.id and envelope.seat != NO_SEAT:
                self._buckets.take(envelope.seat, type(envelope.command), self._runtime.now())
            self._mailbox.put(envelope)
        except Rejected:
            if self._known(envelope) is not Known.DONE:
                raise
            self._buckets.take(envelope.seat, Repeat, self._runtime.now())
            self._mailbox.put(envelope, always=True)
        if not self._turn_is_due:
            self._turn_is_due = True
            self._runtime.call_soon(self._turn)

    def tell(self, command: Command) -> None:
        """A command of the framework itself: a deadline, a connection that came or went."""
        if not self.stopped:
            self.submit(Envelope(command, NO_SEAT, SYSTEM, ""))

    def _known(self, envelope: Envelope) -> Known:
        return self.fold.ledger.look_up(envelope.seat, envelope.session, envelope.id)

    def _turn(self) -> None:
        """Judge what is waiting, then commit it."""
        self._turn_is_due = False
        for _ in range(TURN_COMMANDS):
            envelope = None if self.stopped else self._mailbox.take()
            if envelope is None:
                break
            self._handle(envelope)
        if len(self._mailbox) and not self._turn_is_due:
            self._turn_is_due = True
            self._runtime.call_soon(self._turn)
        if not self.stopped:
            self._commit()
            if self.fold.closed is None:
                self.alarm.set(self.fold.state)

    def _handle(self, envelope: Envelope) -> None:
        try:
            self._decide(envelope)
        except Rejected as rejected:
            self._staged.answers.append((envelope, rejected))
        except Exception as error:
            code = ErrorCode.INVARIANT if isinstance(error, InvariantViolated) else ErrorCode.INTERNAL
            log.exception("fault in room %s deciding %s", self.id, envelope.command.__wire_name__)
            self._staged.answers.append((envelope, Rejected(code, "the server could not carry this out")))
        else:
            self._staged.answers.append((envelope, None))

    def _decide(self, envelope: Envelope) -> None:
        """Stage what a command makes happen; a repeat makes nothing happen. Raises `Rejected` or the game's fault."""
        fold, command = self.fold, envelope.command
        if envelope.id:
            known = self._known(envelope)
            if known is not Known.NEW:
                if known is Known.DONE:
                    return
                raise Rejected(ErrorCode.STALE_COMMAND, "too old to know whether it took effect")
            authorise(fold, command, envelope.seat, envelope.role)
        self._check_space(envelope)
        if type(command) is TimedOut and not self.alarm.is_due(fold.state, command.deadline):
            return
        at = max(int(self._runtime.now() * MICROSECONDS), fold.at)
        seed = fold.opened.seed if fold.opened else None
        ctx = Context(
            envelope.seat,
            envelope.role,
            envelope.user,
            at,
            fold.seq + 1,
            seed,
            self.id,
            envelope.received_at,
            envelope.rtt_ms,
            f"{envelope.session}:{envelope.id}" if envelope.id else "",
        )
        events, state = judge(fold, command, ctx, self.limits)
        if events:
            self._stage_entry(envelope, at, events, state)

    def _check_space(self, envelope: Envelope) -> None:
        """A full log takes nothing but the room's end; one that falls behind takes no more from clients."""
        if self.fold.bytes > self.limits.room_bytes and not isinstance(envelope.command, CloseRoom):
            raise Rejected(ErrorCode.CAPACITY, "the room's log is full")
        if envelope.id and self.fold.seq - self.stage.seq >= self.limits.staged:
            raise Rejected(ErrorCode.CAPACITY, "the log falls behind", retry_after_s=1.0)

    def _stage_entry(self, envelope: Envelope, at: int, events: list[Event], state: Any) -> None:
        fold, staged = self.fold, self._staged
        write, seq = fold.game.catalogue.write_event, fold.seq
        stored = tuple([write(event) for event in events])
        name = envelope.command.__wire_name__
        entry = Entry(seq + 1, at, envelope.user, envelope.seat, envelope.session, envelope.id, name, stored)
        for event, kept in zip(events, stored, strict=True):
            seq += 1
            if type(event) in GOVERNANCE:
                fold.govern(event)
                if type(event) is MemberLeft:
                    staged.left.append(event.seat)
                continue
            staged.events.append(event)
            if event.__public__:
                staged.public_events.append((seq, at, kept))
        fold.state = staged.state = state
        fold.written(entry)
        staged.entries.append(entry)

    def _commit(self) -> None:
        """Have the staged batch written, unless one is under way: it is handed over when it would be written next."""
        if self._in_flight is not None or not self._staged:
            return
        if not self._staged.entries:
            batch, self._staged = self._staged, Batch()
            self.stage.publish(batch)
        elif not self._awaits_log:
            self._awaits_log = True
            self._log.when_ready(self._hand_over)

    def _hand_over(self) -> None:
        """The log is ready for everything that was staged meanwhile."""
        self._awaits_log = False
        if self.stopped:
            return
        batch, self._staged = self._staged, Batch()
        self._in_flight = batch
        bare, aside = apart(batch.entries, self.fold.personal)
        self._log.append(self.id, batch.first, batch.last, encode_entries(bare), self._appended, aside)

    def _appended(self, error: Exception | None) -> None:
        """The log has the batch, or refused it."""
        batch, self._in_flight = self._in_flight, None
        if self.stopped or batch is None:
            return
        if error is not None:
            log.error("room %s stops: the log refused seq %d: %r", self.id, batch.first, error)
            self._staged.answers[:0] = batch.answers
            self.stop(ClosingCode.FAULT, "the room could not be written")
            return
        if self._staged.entries:
            self._commit()
        shown = self._show(batch)
        self._watcher.committed(self, batch.entries)
        if not shown:
            self.stop(ClosingCode.FAULT, "the room cannot be shown")
            return
        self._commit()
        if self.fold.closed is not None and self._in_flight is None and not self._staged:
            self.stop(ClosingCode.ROOM_CLOSED, self.fold.closed)

    def _show(self, batch: Batch) -> bool:
        """Publish a committed batch; False: a fault in the game's views is in the way."""
        try:
            self.stage.publish(batch)
        except Exception:
            log.exception("fault in room %s showing seq %d", self.id, batch.last)
            self._staged.answers[:0] = batch.answers
            return False
        return True

    @property
    def settled(self) -> bool:
        """Nothing waits to be decided, written or answered."""
        return self._in_flight is None and not self._staged and not len(self._mailbox)

    @property
    def waiting(self) -> int:
        """Commands in the mailbox."""
        return len(self._mailbox)

    def last_id(self, seat: Seat, session: str) -> int:
        """The highest id of a session's commands, those that took effect and those that wait; 0: there are none."""
        return max(self.fold.ledger.last_id(seat, session) or 0, self._mailbox.last_id(seat, session))

    @property
    def rates_kept(self) -> int:
        """Seats and commands whose rate is remembered; full buckets are forgotten."""
        return len(self._buckets)

    @property
    def host_seats(self) -> list[Seat]:
        return [member.seat for member in self.fold.members.values() if member.role is HOST]

    def stop(self, code: ClosingCode, reason: str) -> None:
        """Let go of everything, whatever the reason. Safe to call twice. What was not committed is not answered on
        sockets (their clients come back and send it again) and is refused to callers within the server."""
        if self.stopped:
            return
        self.stopped = True
        self.alarm.cancel()
        self.presence.close()
        pending = self._staged.answers + [(envelope, None) for envelope in self._mailbox.drain()]
        if self._in_flight is not None:
            pending += self._in_flight.answers
        self._staged, self._in_flight = Batch(), None
        self.stage.close(code, reason)
        refusal = Rejected(ErrorCode.UNAVAILABLE, "the room has just stopped", retry_after_s=1.0)
        for envelope, _ in pending:
            if envelope.reply is not None:
                envelope.reply(refusal)
        self._watcher.stopped(self)
