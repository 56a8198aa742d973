"""Names as they stand in the log and on the wire."""

import re
import unicodedata

from gamekeeper.core.errors import ErrorCode, Rejected

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

MAX_NAME_CHARACTERS = 40

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_JOINER = "\u200d"
_JOINED = frozenset({"So", "Sk", "Mn"})
"""What a joiner may follow: a picture, its skin tone, its variation selector."""


def snake_case(name: str) -> str:
    """`OpenRun` -> `open_run`: how a message class is called outside Python."""
    return _HUMP.sub("_", name).lower()


def clean_name(text: str) -> str:
    """A person's display name: NFC, trimmed, 1-40 characters, none of them a control, format or line character.
    The one exception is the joiner within an emoji made of several, as in a family or a flag.

    Raises `Rejected("bad_name")`. A name is only ever shown; it is never a key, a channel or a path.
    """
    name = unicodedata.normalize("NFC", text).strip()
    if not 1 <= len(name) <= MAX_NAME_CHARACTERS:
        raise Rejected(ErrorCode.BAD_NAME, f"a name has 1 to {MAX_NAME_CHARACTERS} characters", field="name")
    if any(_hidden(name, place) for place in range(len(name))):
        raise Rejected(ErrorCode.BAD_NAME, "a name has no control characters", field="name")
    return name


def _hidden(name: str, place: int) -> bool:
    """Whether the character at a place is one that nobody sees and that does not join two pictures."""
    character = name[place]
    if character == _JOINER and 0 < place < len(name) - 1:
        before, after = unicodedata.category(name[place - 1]), unicodedata.category(name[place + 1])
        return before not in _JOINED or after != "So"
    return unicodedata.category(character) in _HIDDEN
