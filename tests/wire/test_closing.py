"""The codes of a closing connection are for ever."""

from gamekeeper.wire.closing import ClosingCode


def test_codes_are_for_ever() -> None:
    assert {code.word: (code.websocket_code, code.reconnect) for code in ClosingCode} == {
        "replaced": (4000, False),
        "unauthenticated": (4001, False),
        "forbidden": (4003, False),
        "unknown_room": (4004, False),
        "slow": (4008, True),
        "room_closed": (4009, False),
        "idle": (4010, True),
        "protocol": (4011, False),
        "draining": (4012, True),
        "revoked": (4013, False),
        "rejected_connection": (4014, False),
        "fault": (4015, True),
        "full": (4016, True),
        "moved": (4017, True),
    }


def test_codes_are_in_the_private_range_and_distinct() -> None:
    numbers = [code.websocket_code for code in ClosingCode]
    assert len(set(numbers)) == len(numbers)
    assert all(4000 <= number < 5000 for number in numbers)
