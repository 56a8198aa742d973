"""Programs that read along: keys to read by and addresses to call, made and revoked by the host, for one room alone."""

import re
from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest

from msgspec.structs import replace

from gamekeeper import Context, Rejected
from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz import overlay_facts as e
from gamekeeper_apps.quiz.closing import Steps
from gamekeeper_apps.quiz.state import Hook, ReadKey, Room

MAX_KEYS = 20
MAX_HOOKS = 5
MAX_URL = 500
_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
MAX_NAME = 80


def make_read_key(room: Room, command: m.MakeReadKey, ctx: Context) -> Steps:
    """Raises `Rejected`: `bad_value`, `too_long`, `full`."""
    _admit(command, room.read_keys, MAX_KEYS)
    if not _DIGEST.fullmatch(command.digest):
        raise Rejected("bad_value", "not a key's", field="digest")
    return (yield e.ReadKeyMade(command.id, command.name, command.digest, ctx.now, command.scope))


def revoke_read_key(room: Room, command: m.RevokeReadKey, ctx: Context) -> Steps:
    """Raises `Rejected("not_found")`."""
    if command.id not in room.read_keys:
        raise Rejected("not_found", "there is no such key", field="id")
    return (yield e.ReadKeyRevoked(command.id))


def made(room: Room, event: e.ReadKeyMade) -> Room:
    key = ReadKey(event.id, event.name, event.digest, event.at, event.scope)
    return replace(room, read_keys=room.read_keys.set(event.id, key))


def revoked(room: Room, event: e.ReadKeyRevoked) -> Room:
    return replace(room, read_keys=room.read_keys.delete(event.id)) if event.id in room.read_keys else room


def make_hook(room: Room, command: m.MakeHook, ctx: Context) -> Steps:
    """Raises `Rejected`: `bad_value`, `too_long`, `full`."""
    _admit(command, room.hooks, MAX_HOOKS)
    if len(command.url) > MAX_URL:
        raise Rejected("too_long", f"at most {MAX_URL} characters", field="url")
    return (yield e.HookMade(command.id, command.name, command.url, command.scope, ctx.now))


def revoke_hook(room: Room, command: m.RevokeHook, ctx: Context) -> Steps:
    """Raises `Rejected("not_found")`."""
    if command.id not in room.hooks:
        raise Rejected("not_found", "there is no such address", field="id")
    return (yield e.HookRevoked(command.id))


def hooked(room: Room, event: e.HookMade) -> Room:
    hook = Hook(event.id, event.name, event.url, event.scope, event.at)
    return replace(room, hooks=room.hooks.set(event.id, hook))


def unhooked(room: Room, event: e.HookRevoked) -> Room:
    return replace(room, hooks=room.hooks.delete(event.id)) if event.id in room.hooks else room


def _admit(command: m.MakeReadKey | m.MakeHook, there: Mapping[str, ReadKey | Hook], most: int) -> None:
    """Whether one more may be made under this id and name."""
    if not _ID.fullmatch(command.id) or command.id in there:
        raise Rejected("bad_value", "not an id, or taken", field="id")
    if len(command.name) > MAX_NAME:
        raise Rejected("too_long", f"at most {MAX_NAME} characters", field="name")
    if len(there) >= most:
        raise Rejected("full", f"at most {most}; revoke one", field="id")


def digest_of(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def may_read(room: Room, key: str, scope: m.Scope) -> bool:
    """Whether it is a key of this room that reads as much. All are compared, each in the same time."""
    digest = digest_of(key)
    fits = [(compare_digest(digest, one.digest), one.scope) for one in room.read_keys.values()]
    return any(same and found in ("state", scope) for same, found in fits)
