"""Commands of HTTP routes and reactors for rooms on other nodes: both ends of the question."""

import asyncio
import logging
from collections.abc import Callable

import msgspec

from gamekeeper.cluster.peer import Peer
from gamekeeper.cluster.post import Post
from gamekeeper.cluster.questions import Questions
from gamekeeper.core.codec import json_encoder
from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.core.messages import Command
from gamekeeper.core.seats import Role, Seat
from gamekeeper.log.protocol import LogError
from gamekeeper.room.claims import Elsewhere
from gamekeeper.room.governance import Member, is_own_command, read_own_command
from gamekeeper.room.mailbox import Envelope
from gamekeeper.room.registry import Registry
from gamekeeper.wire.relay import Answer, Ask

log = logging.getLogger("gamekeeper.cluster")


class Asking:
    """`registry` carries out what other nodes ask; its own questions go the other way (`Registry.neighbours`)."""

    def __init__(self, post: Post, registry: Registry) -> None:
        self._post = post
        self._registry = registry
        self._questions = Questions[Answer | None](post, None)
        self._working: set[asyncio.Task[None]] = set()
        post.handlers |= {Ask: self._ask, Answer: self._answer}

    async def ask(self, node: str, room: str, wish: Envelope) -> Member | None:
        """See `Neighbours`. A command without an id may have taken effect although its answer was lost."""
        if not self._post.reachable(node):
            raise Elsewhere(room, node)
        with self._questions.asked(node) as (number, answered):
            self._post.send(node, _question(number, room, wish))
            answer = await answered
        if answer is None or answer.moved:
            raise Elsewhere(room, node)
        if answer.code is not None:
            raise Rejected(answer.code, answer.message, field=answer.field, retry_after_s=answer.retry_after_s)
        return Member(Seat(answer.seat), wish.user, answer.name, Role(answer.role)) if answer.seat else None

    def _answer(self, peer: Peer, answer: Answer) -> None:
        self._questions.answered(peer, answer.number, answer)

    # -- the other end ------------------------------------------------------------------------------------------------

    def _ask(self, peer: Peer, ask: Ask) -> None:
        task = asyncio.create_task(self._carry_out(peer.node, ask))
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    async def _carry_out(self, node: str, ask: Ask) -> None:
        try:
            answer = await self._outcome(ask)
        except Elsewhere:
            answer = Answer(ask.number, moved=True)
        except Rejected as rejected:
            answer = Answer(
                ask.number, rejected.code, rejected.message, rejected.field, rejected.retry_after_s,
                moved=rejected.code == ErrorCode.DRAINING,
            )  # fmt: skip
        except LogError as error:
            log.error("room %s cannot be asked: %s", ask.room, error)
            answer = Answer(ask.number, ErrorCode.UNAVAILABLE, "the log failed", retry_after_s=1.0)
        self._post.send(node, answer)

    async def _outcome(self, ask: Ask) -> Answer:
        if ask.own:
            command = _read(ask, lambda name, data: read_own_command(name, data))
        else:
            room = await self._registry.get(ask.room)
            command = _read(ask, room.fold.game.catalogue.read_command)
        wish = Envelope(command, Seat(ask.seat), Role(ask.role), ask.user, ask.session, ask.id)
        member = await self._registry.ask_here(ask.room, wish)
        if member is None:
            return Answer(ask.number)
        return Answer(ask.number, seat=member.seat, role=member.role, name=member.name)


def _question(number: int, room: str, wish: Envelope) -> Ask:
    command = wish.command
    return Ask(
        number, room, command.__wire_name__, json_encoder.encode(command), is_own_command(command),
        wish.seat, wish.role, wish.user, wish.session, wish.id,
    )  # fmt: skip


def _read(ask: Ask, read_command: Callable[[str, bytes], Command]) -> Command:
    try:
        return read_own_command(ask.command, ask.data) if ask.own else read_command(ask.command, ask.data)
    except (KeyError, msgspec.DecodeError) as error:
        raise Rejected(ErrorCode.BAD_COMMAND, f"{ask.command} is no command here: {error}"[:200]) from None
