"""Ids for log lines."""

from gamekeeper.server.trace import new_request_id, trace_id_of, trace_id_of_command

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def test_a_callers_trace_goes_on() -> None:
    assert trace_id_of(f"00-{TRACE}-00f067aa0ba902b7-01") == TRACE


def test_what_is_no_trace_is_replaced() -> None:
    for bad in (None, "", "00-xyz", f"00-{'0' * 32}-00f067aa0ba902b7-01", f"00-{TRACE}-00f067aa0ba902b7-01\nInjected"):
        made = trace_id_of(bad)
        assert len(made) == 32 and made != TRACE and set(made) <= set("0123456789abcdef")


def test_a_command_keeps_its_trace_however_often_it_is_sent() -> None:
    assert trace_id_of_command("r", "s", 1) == trace_id_of_command("r", "s", 1) != trace_id_of_command("r", "s", 2)


def test_request_ids_differ() -> None:
    assert len({new_request_id() for _ in range(100)}) == 100
