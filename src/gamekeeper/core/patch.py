"""The difference of two views, by identity first.

A patch is one of: `[]` remove this key; `[value]` replace by value; `[start, delete_count, [items]]` splice a
sequence; `{key: patch}` merge, by key on objects and by decimal index on sequences. Parts that are the same object
are never looked into, so a view that reuses what did not change costs what changed.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec
from msgspec import UNSET

from gamekeeper.core.codec import encode_map


class _Same:
    """Nothing changed: not a patch at all."""


SAME: Final = _Same()
Patch = list[Any] | dict[str, Any] | _Same

_SCALARS = (str, int, float, bool, type(None))


def diff(old: Any, new: Any) -> Patch:
    """What turns `old` into `new`, or `SAME`."""
    if old is new:
        return SAME
    if isinstance(new, _SCALARS):
        return SAME if type(old) is type(new) and (old == new or (old != old and new != new)) else [new]
    if isinstance(new, msgspec.Struct):
        return _diff_struct(old, new) if type(old) is type(new) else [new]
    if isinstance(new, Mapping):
        return _diff_mapping(old, new) if isinstance(old, Mapping) else [new]  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(new, (tuple, list)):
        return _diff_sequence(old, new) if isinstance(old, (tuple, list)) else [new]  # pyright: ignore[reportUnknownArgumentType]
    return SAME if type(old) is type(new) and old == new else [new]


def _diff_struct(old: msgspec.Struct, new: msgspec.Struct) -> Patch:
    identity: str = getattr(type(new), "__identity__", "")
    if identity and getattr(old, identity) != getattr(new, identity):
        return [new]
    fields = _fields(type(new))
    if fields is None:
        return diff(_written(old), _written(new))
    changed: dict[str, Any] = {}
    for field, key in fields:
        before, now = getattr(old, field), getattr(new, field)
        if before is not now and (part := diff(before, now)) is not SAME:
            changed[key] = [] if now is UNSET else part
    return changed or SAME


@lru_cache(4_096)
def _fields(kind: type[msgspec.Struct]) -> tuple[tuple[str, str], ...] | None:
    """The fields of a struct with their names in JSON; None: it is not simply an object with all of them."""
    config = kind.__struct_config__
    if config.array_like or config.omit_defaults:
        return None
    return tuple(zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True))


def _diff_mapping(old: Mapping[Any, Any], new: Mapping[Any, Any]) -> Patch:
    changed: dict[str, Any] = {}
    for key, value in new.items():
        if key not in old:
            changed[_key(key)] = [value]
            continue
        before = old[key]
        if before is not value and (part := diff(before, value)) is not SAME:
            changed[_key(key)] = part
    for key in old:
        if key not in new:
            changed.setdefault(_key(key), [])  # 1 may have gone and "1" have come: in JSON they are one key
    return changed or SAME


def _key(key: Any) -> str:
    """A key as it stands in JSON."""
    if type(key) in (str, int):
        return str(key)
    return str(*_written({key: None}))


def _written(value: Any) -> Any:
    return msgspec.to_builtins(value, str_keys=True, enc_hook=encode_map)


def _diff_sequence(old: Sequence[Any], new: Sequence[Any]) -> Patch:
    if len(old) == len(new):
        changed: dict[str, Any] = {}
        for index, (before, now) in enumerate(zip(old, new, strict=True)):
            if before is not now and (part := diff(before, now)) is not SAME:
                changed[str(index)] = part
        return changed or SAME
    shortest = min(len(old), len(new))
    start = 0
    while start < shortest and diff(old[start], new[start]) is SAME:
        start += 1
    end = 0
    while end < shortest - start and diff(old[-1 - end], new[-1 - end]) is SAME:
        end += 1
    return [start, len(old) - start - end, list(new[start : len(new) - end])]


def apply(view: Any, patch: Any) -> Any:
    """What a client does with a patch: `view` in plain JSON values -> the new view. Does not change `view`.

    Raises `ValueError` on a patch that does not fit.
    """
    if isinstance(patch, list):
        return _replace(view, patch)  # pyright: ignore[reportUnknownArgumentType]
    if not isinstance(patch, dict):
        raise ValueError("a patch is an array or an object")
    if isinstance(view, list):
        return _merge_sequence(view, patch)  # pyright: ignore[reportUnknownArgumentType]
    if not isinstance(view, dict):
        raise ValueError("a merge needs an object or a sequence")
    return _merge_object(view, patch)  # pyright: ignore[reportUnknownArgumentType]


def _merge_object(view: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    merged = dict(view)
    for key, part in patch.items():
        if part == []:
            merged.pop(key, None)
        else:
            merged[key] = apply(merged.get(key), part)
    return merged


def _merge_sequence(view: list[Any], patch: dict[str, Any]) -> list[Any]:
    items = list(view)
    for key, part in patch.items():
        if not (key.isascii() and key.isdigit() and int(key) < len(items)):
            raise ValueError(f"a merge at {key!r} of a sequence of {len(items)}")
        items[int(key)] = apply(items[int(key)], part)
    return items


def _replace(view: Any, patch: list[Any]) -> Any:
    if len(patch) == 1:
        return patch[0]
    if len(patch) != 3 or not isinstance(view, list):
        raise ValueError("a splice needs a sequence")
    kept: list[Any] = list(view)  # pyright: ignore[reportUnknownArgumentType]
    start, delete_count, items = patch
    if not (isinstance(start, int) and isinstance(delete_count, int) and isinstance(items, list)):
        raise ValueError("a splice is [start, delete count, [items]]")
    if not 0 <= start <= start + delete_count <= len(kept):
        raise ValueError(f"a splice of {delete_count} at {start} of a sequence of {len(kept)}")
    kept[start : start + delete_count] = items
    return kept


__all__ = ["SAME", "Patch", "apply", "diff"]
