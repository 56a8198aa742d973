"""The base of every value in a room: frozen, and refusing fields it does not know."""

from typing import Any, dataclass_transform

import msgspec


@dataclass_transform(field_specifiers=(msgspec.field,), frozen_default=True)
class FrozenMeta(msgspec.StructMeta):
    """Makes subclasses frozen for type checkers too, without every author writing `frozen=True`. What a class changes
    of this, its own subclasses inherit."""

    def __new__(mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], /, **options: Any) -> Any:
        if not any(isinstance(base, FrozenMeta) for base in bases):
            options = {"frozen": True, "forbid_unknown_fields": True} | options
        return super().__new__(mcls, name, bases, namespace, **options)


class Frozen(msgspec.Struct, metaclass=FrozenMeta):
    """An immutable value. Make a changed copy with `msgspec.structs.replace`."""
