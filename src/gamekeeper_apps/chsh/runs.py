"""Runs: opened, started, paused, resumed, ended, archived. One is open at a time; the others are past."""

from datetime import datetime, timedelta
from math import isfinite

from gamekeeper import Context, Rejected
from gamekeeper_apps.chsh import messages as m
from gamekeeper_apps.chsh.cells import MODES
from gamekeeper_apps.chsh.rounds import Steps, draw, void
from gamekeeper_apps.chsh.schedule import SECRET_BYTES, commitment
from gamekeeper_apps.chsh.state import Room, Run
from gamekeeper_apps.chsh.tables.counts_csv import is_counts, read_counts
from gamekeeper_apps.chsh.tables.text import BadTable, parse_table

MAX_TEXT = 200
MAX_TABLE_CHARACTERS = 20_000


def open_run(room: Room, command: m.OpenRun, ctx: Context) -> Steps:
    """A new run in the lobby; the one before is archived."""
    if room.run is not None and room.run.phase != "ended":
        raise Rejected("not_between_runs", "end the run first")
    plan = checked(command)
    if room.run is not None:
        room = yield m.RunArchived(room.run.id)
    secret = None
    if command.committed:
        rng = ctx.stream("secret", room.last_run + 1)
        secret = rng.randbytes(SECRET_BYTES) if ctx.seeded else rng.getrandbits(8 * SECRET_BYTES).to_bytes(SECRET_BYTES)
    source: m.Source = "seeded" if ctx.seeded else "committed" if secret else "system"
    return (
        yield m.RunOpened(
            room.last_run + 1,
            plan,
            source,
            ctx.now,
            secret.hex() if secret else None,
            commitment(secret) if secret else None,
        )
    )


def checked(command: m.OpenRun) -> m.Plan:
    """The plan of a command. Raises `Rejected` naming the field."""
    plan = m.Plan(*(getattr(command, field) for field in m.Plan.__struct_fields__))
    if plan.mode not in MODES:
        raise Rejected("bad_plan", "no such mode", field="mode")
    if not 0 <= plan.visibility <= 1:
        raise Rejected("bad_plan", "visibility is between 0 and 1", field="visibility")
    if plan.device == "hardy" and plan.mode != "hardy":
        raise Rejected("bad_plan", "the Hardy state belongs to Hardy mode", field="device")
    if command.committed and plan.schedule == "balanced":
        raise Rejected("bad_plan", "balanced questions depend on those before them", field="committed")
    if plan.planned_rounds is not None and not 1 <= plan.planned_rounds <= m.MAX_PLANNED_ROUNDS:
        raise Rejected("bad_plan", f"1 to {m.MAX_PLANNED_ROUNDS} rounds, or none declared", field="planned_rounds")
    if plan.deadline_s is not None and not m.MIN_DEADLINE_S <= plan.deadline_s <= m.MAX_DEADLINE_S:
        raise Rejected("bad_plan", "5 to 300 seconds, or none", field="deadline_s")
    if plan.time_limit_s is not None and not (isfinite(plan.time_limit_s) and 1 <= plan.time_limit_s <= 86_400):
        raise Rejected("bad_plan", "1 second to a day, or none", field="time_limit_s")
    if not 0 <= plan.feedback_pause_s <= 60:
        raise Rejected("bad_plan", "0 to 60 seconds", field="feedback_pause_s")
    for field in ("theme", "condition"):
        if len(getattr(plan, field)) > MAX_TEXT:
            raise Rejected("bad_plan", f"at most {MAX_TEXT} characters", field=field)
    return plan


def named(room: Room, run_id: int | None) -> Run:
    """The current run, which the host must mean. Raises `Rejected("run_not_open")`."""
    if room.run is None or (run_id is not None and room.run.id != run_id):
        raise Rejected("run_not_open", "there is no such current run", field="run")
    return room.run


def start_run(room: Room, command: m.StartRun, ctx: Context) -> Steps:
    """Start; twice is harmless."""
    run = named(room, command.run)
    if run.phase in ("open", "paused"):
        return room
    if run.phase == "ended":
        raise Rejected("run_not_open", "this run has ended")
    room = yield m.RunStarted(run.id, ctx.now)
    return (yield from draw_all(room, ctx))


def draw_all(room: Room, ctx: Context) -> Steps:
    for pair_id in sorted(room.pairs):
        room = yield from draw(room, pair_id, ctx)
    return room


def pause_run(room: Room, command: m.PauseRun, ctx: Context) -> Steps:
    run = named(room, command.run)
    if run.phase == "paused":
        return room
    if run.phase != "open":
        raise Rejected("run_not_open", "this run is not open")
    return (yield m.RunPaused(run.id, ctx.now))


def resume_run(room: Room, command: m.ResumeRun, ctx: Context) -> Steps:
    run = named(room, command.run)
    if run.phase == "open":
        return room
    if run.phase != "paused":
        raise Rejected("run_not_open", "this run is not paused")
    room = yield m.RunResumed(run.id, ctx.now)
    return (yield from draw_all(room, ctx))


def end_run(room: Room, command: m.EndRun, ctx: Context) -> Steps:
    run = named(room, command.run)
    if run.phase == "ended":
        return room
    return (yield from end(room, "host", ctx))


def end(room: Room, reason: str, ctx: Context) -> Steps:
    """Open rounds are void, then the run is over."""
    run = room.run
    if run is None:
        return room
    for pair_id in sorted(room.pairs):
        room = yield from void(room, pair_id, "run_ended", ctx)
    return (yield m.RunEnded(run.id, reason, ctx.now))


def archive_run(room: Room, command: m.ArchiveRun, ctx: Context) -> Steps:
    run = named(room, command.run)
    if run.phase != "ended":
        raise Rejected("not_between_runs", "end the run first")
    return (yield m.RunArchived(run.id))


def set_device(room: Room, command: m.SetDevice, ctx: Context) -> Steps:
    """Only between runs: nature does not change while somebody measures."""
    run = room.run
    if run is None or run.phase != "lobby":
        raise Rejected("not_between_runs", "the device is chosen before a run starts")
    if not 0 <= command.visibility <= 1:
        raise Rejected("bad_plan", "visibility is between 0 and 1", field="visibility")
    if command.device == "hardy" and run.plan.mode != "hardy":
        raise Rejected("bad_plan", "the Hardy state belongs to Hardy mode", field="device")
    return (
        yield m.DeviceSet(run.id, command.device, command.visibility, command.free_angle, command.answer_is_outcome)
    )


def import_table(room: Room, command: m.ImportTable, ctx: Context) -> Steps:
    """A published table as an archived demonstration."""
    if not room.between_runs:
        raise Rejected("not_between_runs", "end the run first")
    if len(command.csv) > MAX_TABLE_CHARACTERS or not 1 <= len(command.title.strip()) <= MAX_TEXT:
        raise Rejected("bad_table", "too long", field="csv" if len(command.csv) > MAX_TABLE_CHARACTERS else "title")
    try:
        table = parse_table(command.csv, "table")
        if not is_counts(table):
            raise table.bad(table.header_line, "not a counts table (a,b,same,different)")
        found = read_counts(table)
    except BadTable as error:
        raise Rejected("bad_table", str(error), field="csv") from error
    cells = {cell: (one.pp, one.pm, one.mp, one.mm) for cell, one in found.counts.items()}
    differ = tuple(cell for cell, differs in found.differ.items() if differs) if found.differ is not None else None
    title = command.title.strip()
    return (yield m.TableImported(room.last_run + 1, title, cells, found.outcomes_known, differ, ctx.now))


def ends_at(run: Run, started: datetime) -> datetime | None:
    """When the time limit passes."""
    limit = run.plan.time_limit_s
    return started + timedelta(seconds=limit) if limit is not None else None
