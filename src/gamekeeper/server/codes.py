"""Join codes: short enough to read from a screen, free of letters and digits that look alike. Beside its code an open
room has one of digits alone, for those who type it on a phone's number pad."""

from secrets import choice, randbelow

from gamekeeper.core.errors import ErrorCode, Rejected

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_CHARACTERS = 8
OLD_CHARACTERS = 6
"""What codes of rooms have that were opened by an earlier version."""
LEAST_DIGITS, MOST_DIGITS = 6, 12
FEW_ROOMS = 10
"""Up to so many open rooms the fewest digits are enough."""
GUESSES_A_DAY = 60 * 60 * 24
"""What the server-wide budget of wrong codes lets through."""


def new_code() -> str:
    """One of 852,891,037,441, never of digits alone."""
    while True:
        code = "".join(choice(ALPHABET) for _ in range(CODE_CHARACTERS))
        if not code.isdigit():
            return code


def digits_for(rooms: int) -> int:
    """How many digits a code needs beside so many open rooms: guessing all day finds less than one of them."""
    count = LEAST_DIGITS if rooms <= FEW_ROOMS else LEAST_DIGITS + 1
    while GUESSES_A_DAY * rooms >= 10**count and count < MOST_DIGITS:
        count += 1
    return count


def new_digits(rooms: int) -> str:
    """A code of digits, as long as it must be beside so many open rooms."""
    count = digits_for(rooms)
    return f"{randbelow(10**count):0{count}}"


def clean_code(text: str) -> str:
    """A code as it is kept, however it was typed. Raises `Rejected("unknown_code")` on what cannot be one."""
    code = "".join(character for character in text.upper() if character.isalnum())
    if code.isascii() and code.isdigit() and LEAST_DIGITS <= len(code) <= MOST_DIGITS:
        return code
    if len(code) not in (CODE_CHARACTERS, OLD_CHARACTERS) or not set(code) <= set(ALPHABET):
        raise unknown_code()
    return code


def is_digits(text: str) -> bool:
    """Whether somebody typed a code of digits alone."""
    return "".join(character for character in text if character.isalnum()).isdigit()


def unknown_code() -> Rejected:
    """The same for a code that never was and for one of a room that has closed."""
    return Rejected(ErrorCode.UNKNOWN_CODE, "there is no open room with this code", field="code")
