"""Every error ends as a code with a status."""

from gamekeeper import Rejected
from gamekeeper.core.errors import ErrorCode
from gamekeeper.server.errors import STATUS, answer, body


def test_every_code_has_a_status() -> None:
    assert set(STATUS) == set(ErrorCode)


def test_what_is_told() -> None:
    rejected = Rejected("too_fast", "slow down", field="amount", retry_after_s=2.5)
    assert body(rejected) == {
        "error": {"code": "too_fast", "message": "slow down", "field": "amount", "retry_after_s": 2.5}
    }
    assert body(Rejected("odd")) == {"error": {"code": "odd", "message": "odd"}}


def test_headers_of_refusals() -> None:
    limited = answer(Rejected(ErrorCode.RATE_LIMITED, retry_after_s=2.5))
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "2")
    assert answer(Rejected(ErrorCode.UNAUTHENTICATED)).headers["WWW-Authenticate"] == "Bearer"
    assert limited.headers["Cache-Control"] == "no-store"


def test_a_games_own_code_is_a_conflict() -> None:
    assert answer(Rejected("already_shown")).status_code == 409
