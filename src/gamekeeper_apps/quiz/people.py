"""Who is in: joining, names, coming and going, leaving and being shown out."""

from datetime import timedelta

from gamekeeper import HOST, PLAYER, Context, Rejected, Role, Seat
from gamekeeper_apps.quiz import challenge
from gamekeeper_apps.quiz import facts as e
from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.closing import Steps, close_if_all
from gamekeeper_apps.quiz.names import clean, generated, offends, unlike
from gamekeeper_apps.quiz.phases import RUNNING
from gamekeeper_apps.quiz.state import HOST_SEAT, Player, Room

LOCK_GRACE = timedelta(seconds=5)
RESTART_AFTER_FIRST_S = 3.0
MAX_CUSTOM_ID = 80
MAX_AVATAR = 8


def seated(room: Room, seat: Seat, name: str, role: Role, ctx: Context) -> Steps:
    """A code was redeemed."""
    if role is not PLAYER:
        return room
    if room.settings.challenge:
        _may_enter(room, seat, ctx)
        return (yield from challenge.knock(room, seat, ctx))
    return (yield from _enter(room, seat, name, ctx))


def join(room: Room, command: m.Join, ctx: Context) -> Steps:
    """Come (back) in, with a name, an avatar and perhaps an id of one's own institution."""
    known = room.players.get(ctx.seat)
    if len(command.custom_id) > MAX_CUSTOM_ID or len(command.avatar) > MAX_AVATAR:
        field = "custom_id" if len(command.custom_id) > MAX_CUSTOM_ID else "avatar"
        raise Rejected("too_long", "too long", field=field)
    if known is None or not known.active:
        if challenge.asked_of(room, ctx):
            _may_enter(room, ctx.seat, ctx)
            room = yield from challenge.prove(room, command.challenge, ctx)
            if not challenge.passed(room, ctx.seat):
                return room
        room = yield from _enter(room, ctx.seat, command.name, ctx)
        room = yield e.PlayerConnected(ctx.seat)
    elif room.phase == "lobby" and clean(command.name) != known.name:
        room = yield from _call(room, known, command.name, ctx)
    player = room.players[ctx.seat]
    custom_id = clean(command.custom_id)
    if (command.avatar, custom_id) != (player.avatar, player.custom_id):
        return (yield e.PlayerIntroduced(ctx.seat, command.avatar, custom_id))
    return room


def _may_enter(room: Room, seat: Seat, ctx: Context) -> None:
    """Raises `Rejected`: `ended`, `banned`, `locked`, `full`, `slow_down`."""
    known = room.players.get(seat)
    if room.phase == "ended":
        raise Rejected("ended", "the gathering has ended")
    if known is not None and known.banned:
        raise Rejected("banned", "you were shown out")
    if room.locked_at is not None and ctx.now > room.locked_at + LOCK_GRACE:
        raise Rejected("locked", "nobody is let in now")
    if room.entered >= room.settings.max_players:
        raise Rejected("full", "all places are taken")
    passed = (ctx.now - room.joined_at).total_seconds() if room.joined_at is not None else 0.0
    if min(float(room.join_burst), room.join_tokens + passed * room.join_per_s) < 1.0:
        raise Rejected("slow_down", "many are joining", retry_after_s=1.0)


def _enter(room: Room, seat: Seat, name: str, ctx: Context) -> Steps:
    """Raises `Rejected` as `_may_enter` does, and `name_rejected`."""
    _may_enter(room, seat, ctx)
    known = room.players.get(seat)
    chosen = _fit(room, name, None, ctx)
    pending = room.settings.approve_names
    first = room.ask_count + 1 if room.ask_count and room.phase != "paced" else None
    late_from = known.late_from if known is not None else first
    return (yield e.PlayerJoined(seat, chosen, ctx.now, late_from, pending, f"name:{seat}" if pending else ""))


def _fit(room: Room, name: str, own: Seat | None, ctx: Context) -> str:
    """A name that may stand on the screen and is nobody else's."""
    chosen = clean(name) or generated(ctx.rng)
    if offends(chosen, room.settings.name_filter):
        raise Rejected("name_rejected", "please choose another name", field="name")
    taken = {key for key, seat in room.names.items() if seat == own}
    return unlike(chosen, _Taken(room, taken))


class _Taken:
    """The names of all but oneself."""

    def __init__(self, room: Room, own: set[str]) -> None:
        self._names = room.names
        self._own = own

    def __contains__(self, key: object) -> bool:
        return key in self._names and key not in self._own


def rename(room: Room, command: m.Rename, ctx: Context) -> Steps:
    """Oneself in the lobby; the host anybody at any time."""
    seat = command.player if command.player is not None else ctx.seat
    if ctx.role is not HOST and seat != ctx.seat:
        raise Rejected("not_allowed", "only your own name", field="player")
    player = known(room, seat)
    if ctx.role is not HOST and room.phase != "lobby":
        raise Rejected("wrong_phase", "names are chosen in the lobby")
    return (yield from _call(room, player, command.name, ctx))


def _call(room: Room, player: Player, name: str, ctx: Context) -> Steps:
    chosen = _fit(room, name, player.seat, ctx)
    if chosen == player.name:
        return room
    pending = room.settings.approve_names and ctx.role is not HOST
    return (yield e.PlayerRenamed(player.seat, chosen, pending, f"name:{player.seat}" if pending else ""))


def known(room: Room, seat: Seat) -> Player:
    """Raises `Rejected("not_found")`."""
    player = room.players.get(seat)
    if player is None or not player.active:
        raise Rejected("not_found", "there is no such player", field="player")
    return player


def join_team(room: Room, command: m.JoinTeam, ctx: Context) -> Steps:
    seat = command.player if command.player is not None else ctx.seat
    if ctx.role is not HOST and (seat != ctx.seat or room.phase != "lobby"):
        raise Rejected("wrong_phase" if seat == ctx.seat else "not_allowed", "teams are chosen in the lobby")
    known(room, seat)
    if command.team not in room.settings.teams:
        raise Rejected("not_found", "there is no such team", field="team")
    return (yield e.TeamJoined(seat, command.team))


def forget_me(room: Room, command: m.ForgetMe, ctx: Context) -> Steps:
    known(room, ctx.seat)
    room = yield e.PlayerForgotten(ctx.seat)
    return (yield from close_if_all(room, ctx))


# -- order in the room -------------------------------------------------------------------------------------------------


def lock(room: Room, command: m.Lock, ctx: Context) -> Steps:
    return (yield e.Locked(ctx.now)) if room.locked_at is None else room


def unlock(room: Room, command: m.Unlock, ctx: Context) -> Steps:
    return (yield e.Unlocked()) if room.locked_at is not None else room


def kick(room: Room, command: m.Kick, ctx: Context) -> Steps:
    known(room, command.player)
    room = yield e.PlayerRemoved(command.player, command.ban)
    return (yield from close_if_all(room, ctx))


def purge(room: Room, command: m.Purge, ctx: Context) -> Steps:
    """Everybody who joined in the last so many seconds."""
    if not 0 < command.joined_last_s <= 86_400:
        raise Rejected("bad_value", "up to a day", field="joined_last_s")
    since = ctx.now - timedelta(seconds=command.joined_last_s)
    for seat in sorted(seat for seat, one in room.players.items() if one.active and one.joined_at >= since):
        room = yield e.PlayerRemoved(seat, ban=False, cause="purged")
    return (yield from close_if_all(room, ctx))


def set_time_factor(room: Room, command: m.SetTimeFactor, ctx: Context) -> Steps:
    player = known(room, command.player)
    return (yield e.TimeFactorSet(command.player, command.x)) if player.factor != command.x else room


def set_moderator(room: Room, command: m.SetModerator, ctx: Context) -> Steps:
    known(room, command.player)
    if (command.player in room.moderators) is command.on:
        return room
    return (yield e.ModeratorSet(command.player, command.on))


# -- coming and going --------------------------------------------------------------------------------------------------


def connected(room: Room, seat: Seat, ctx: Context) -> Steps:
    """A seat is there (again): the host takes over, a lost presenter's pause ends, so does that of an empty room. Of a
    gathering that is over nothing more is written, or whoever looks at the results would keep the names in it."""
    if room.sealed:
        return room
    player = room.players.get(seat)
    if room.host_away is not None and seat == HOST_SEAT:
        room = yield e.HostBack()
    if player is None or not player.active:
        return room
    if not player.online:
        room = yield e.PlayerConnected(seat)
    if room.pause is None:
        return room
    if room.pause.reason == "server_restart":
        due = ctx.after(seconds=RESTART_AFTER_FIRST_S)
        if room.pause.resume_at is None or due < room.pause.resume_at:
            return (yield e.ResumeDue(due))
    presenting = room.segment is not None and room.segment.presenter == seat
    if room.pause.reason == "no_players" or (room.pause.reason == "presenter_lost" and presenting):
        return (yield e.Resumed(ctx.now))
    return room


def disconnected(room: Room, seat: Seat, ctx: Context) -> Steps:
    """A seat has been away for longer than is forgiven."""
    if room.sealed:
        return room
    if seat == HOST_SEAT:
        room = yield from _host_lost(room, ctx)
    player = room.players.get(seat)
    if player is None or not player.online:
        return room
    room = yield e.PlayerAway(seat, ctx.now)
    presenting = room.segment is not None and room.segment.presenter == seat
    if presenting and room.pause is None and room.phase in (*RUNNING, "intro"):
        return (yield e.Paused("presenter_lost", ctx.now))
    return (yield from close_if_all(room, ctx))


def _host_lost(room: Room, ctx: Context) -> Steps:
    if room.host_away is not None:
        return room
    room = yield e.HostLost(ctx.now)
    if room.settings.on_host_loss == "pause" and room.pause is None and room.phase in RUNNING:
        return (yield e.Paused("host", ctx.now))
    return room
