"""Who sits where: joining, pairs, partners, absence, bots."""

from random import Random

from gamekeeper import Context, Rejected, Seat, clean_name
from gamekeeper_apps.chsh import messages as m
from gamekeeper_apps.chsh.rounds import Steps, draw, end_if_all_done, void
from gamekeeper_apps.chsh.state import Player, Room

CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_CHARACTERS = 4
MAX_LABEL_CHARACTERS = 80


def join(room: Room, seat: Seat, name: str, ctx: Context) -> Steps:
    """A player takes a seat; waiting players are paired where the host wants that."""
    cleaned = unique_name(room, clean_name(name), seat)
    room = yield m.PlayerJoined(seat, cleaned, _code(room, ctx.stream("code", seat)))
    return (yield from pair_up(room, ctx))


def unique_name(room: Room, name: str, seat: Seat) -> str:
    """Names are unique in a room; whoever comes second gets a number."""
    taken = {player.name.casefold() for player in room.players.values() if player.seat != seat}
    candidate, number = name, 2
    while candidate.casefold() in taken:
        candidate = f"{name[:36]} {number}"
        number += 1
    return candidate


def _code(room: Room, rng: Random) -> str:
    taken = {player.code for player in room.players.values()}
    while True:
        code = "".join(rng.choice(CODE_ALPHABET) for _ in range(CODE_CHARACTERS))
        if code not in taken:
            return code


def rename(room: Room, command: m.JoinRoom, ctx: Context) -> Steps:
    """A player chooses another name or gives a label."""
    name = clean_name(command.name)
    if unique_name(room, name, ctx.seat) != name:
        raise Rejected("bad_name", "somebody here has this name", field="name")
    label = command.label.strip() if command.label else None
    if label is not None and len(label) > MAX_LABEL_CHARACTERS:
        raise Rejected("bad_name", f"a label has at most {MAX_LABEL_CHARACTERS} characters", field="label")
    player = room.players[ctx.seat]
    if (player.name, player.label) == (name, label):
        return room
    return (yield m.PlayerRenamed(ctx.seat, name, label))


def waiting(room: Room) -> list[Player]:
    """Players without a pair, those who came first in front."""
    return sorted((player for player in room.players.values() if player.pair is None), key=lambda player: player.seat)


def pair_up(room: Room, ctx: Context) -> Steps:
    """Pair those who wait, two by two, if the host wants that."""
    if not room.policy.auto_pair:
        return room
    free = waiting(room)
    for first, second in zip(free[::2], free[1::2], strict=False):
        room = yield from form(room, first.seat, second.seat, ctx)
    return room


def form(room: Room, first: Seat, second: Seat, ctx: Context) -> Steps:
    """Two seats become a pair; pairs they had are closed."""
    for seat in (first, second):
        pair = room.players[seat].pair
        if pair is not None:
            room = yield from close(room, pair, "repaired", ctx)
    name = f"{room.players[first].name} & {room.players[second].name}"
    room = yield m.PairFormed(room.pairs_ever + 1, name, (first, second))
    return (yield from draw(room, room.pairs_ever, ctx))


def form_pairs(room: Room, command: m.FormPairs, ctx: Context) -> Steps:
    """The host pairs by hand, or everybody who waits."""
    if command.pairs is None:
        free = waiting(room)
        chosen = tuple((one.seat, other.seat) for one, other in zip(free[::2], free[1::2], strict=False))
    else:
        chosen = command.pairs
    seats = [seat for pair in chosen for seat in pair]
    if len(set(seats)) < len(seats):
        raise Rejected("pair_full", "a seat can be in one pair only", field="pairs")
    for seat in seats:
        if seat not in room.players:
            raise Rejected("not_your_seat", f"seat {seat} has no player", field="pairs")
    for first, second in chosen:
        room = yield from form(room, first, second, ctx)
    return room


def choose_partner(room: Room, command: m.ChoosePartner, ctx: Context) -> Steps:
    """A player types another's code."""
    if room.players[ctx.seat].pair is not None:
        raise Rejected("pair_full", "you have a partner")
    code = command.pair_code.strip().upper()
    for other in room.players.values():
        if other.code == code and other.seat != ctx.seat:
            if other.pair is not None:
                raise Rejected("pair_full", "they have a partner", field="pair_code")
            return (yield from form(room, other.seat, ctx.seat, ctx))
    raise Rejected("unknown_code", "nobody here has this code", field="pair_code")


def close(room: Room, pair_id: int, reason: str, ctx: Context) -> Steps:
    """End a pair for good; its record stays."""
    pair = room.pairs.get(pair_id)
    if pair is None or pair.closed_reason is not None:
        raise Rejected("no_open_round", "there is no such open pair", field="pair")
    room = yield from void(room, pair_id, "pair_closed", ctx)
    return (yield m.PairClosed(pair_id, reason, ctx.now))


def close_pair(room: Room, command: m.ClosePair, ctx: Context) -> Steps:
    room = yield from close(room, command.pair, "host", ctx)
    return (yield from end_if_all_done(room, ctx))


def leave(room: Room, seat: Seat, reason: str, ctx: Context) -> Steps:
    """A player gives the seat up or is removed."""
    player = room.players.get(seat)
    if player is None:
        return room
    if player.pair is not None:
        room = yield from close(room, player.pair, "removed" if reason == "removed" else "partner_left", ctx)
    room = yield m.PlayerLeft(seat, reason)
    room = yield from pair_up(room, ctx)
    return (yield from end_if_all_done(room, ctx))


def remove_player(room: Room, command: m.RemovePlayer, ctx: Context) -> Steps:
    if command.seat not in room.players:
        raise Rejected("not_your_seat", "this seat has no player", field="seat")
    return (yield from leave(room, command.seat, "removed", ctx))


def reset_seat(room: Room, command: m.ResetSeat, ctx: Context) -> Steps:
    """Void the open round of the seat's pair and ask anew."""
    player = room.players.get(command.seat)
    pair = room.pairs.get(player.pair) if player is not None and player.pair is not None else None
    if pair is None or pair.question is None:
        raise Rejected("no_open_round", "no round is open for this seat", field="seat")
    room = yield from void(room, pair.id, "host_reset", ctx)
    for position in (1, 2):
        if not room.pairs[pair.id].ready[position - 1]:
            room = yield m.SeatReady(pair.id, position)
    return (yield from draw(room, pair.id, ctx))


def seat_bot(room: Room, command: m.SeatBot, ctx: Context) -> Steps:
    """A bot takes a place in a pair from the next round on; the pair is marked for ever."""
    pair = room.pairs.get(command.pair)
    if pair is None or not pair.active:
        raise Rejected("no_open_round", "there is no such open pair", field="pair")
    room = yield from void(room, pair.id, "host_reset", ctx)
    room = yield m.BotSeated(pair.id, command.position, command.strategy)
    for position in (1, 2):
        if not room.pairs[pair.id].ready[position - 1]:
            room = yield m.SeatReady(pair.id, position)
    return (yield from draw(room, pair.id, ctx))


def connected(room: Room, seat: Seat, ctx: Context) -> Steps:
    """A player is (back) here: a pending question is still there, and a waiting draw goes on."""
    player = room.players.get(seat)
    if player is None or player.online:
        return room
    room = yield m.SeatConnected(seat)
    pair = room.players[seat].pair
    return (yield from draw(room, pair, ctx)) if pair is not None else room


def disconnected(room: Room, seat: Seat, ctx: Context) -> Steps:
    player = room.players.get(seat)
    if player is None or not player.online:
        return room
    return (yield m.SeatDisconnected(seat, ctx.now))


def hold_is_over(room: Room, seat: Seat, ctx: Context) -> Steps:
    """An absent player's seat has been held long enough: what the host's policy says."""
    player = room.players.get(seat)
    pair = room.pairs.get(player.pair) if player is not None and player.pair is not None else None
    if pair is None or not pair.active:
        return room
    if room.policy.absent == "close":
        room = yield from close(room, pair.id, "absent", ctx)
        return (yield from end_if_all_done(room, ctx))
    if room.policy.absent == "bot" and pair.bots[pair.position(seat) - 1] is None:
        return (yield from seat_bot(room, m.SeatBot(pair.id, 1 if pair.position(seat) == 1 else 2), ctx))
    return room
