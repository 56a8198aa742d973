"""Wrong codes are few and counted; right ones are never counted."""

from collections.abc import Callable

import pytest

from gamekeeper import Rejected
from gamekeeper.server.guesses import Guesses, GuessRates
from tests.server.kit import Site, error_of

pytestmark = pytest.mark.anyio


def test_an_address_and_for_digits_everybody_has_a_budget() -> None:
    clock = [1_000_000.0]
    guesses = Guesses(GuessRates("2/minute", "4/minute", "6/minute"), 100, lambda: clock[0])

    def refused(ask: Callable[[str, str], None], code: str, address: str) -> bool:
        try:
            ask(code, address)
        except Rejected as rejected:
            assert rejected.code == "rate_limited" and (rejected.retry_after_s or 0) >= 1
            return True
        return False

    assert [refused(guesses.wrong, "123456", "a") for _ in range(4)] == [False, False, True, True]
    assert refused(guesses.allow, "123456", "a") and not refused(guesses.allow, "123456", "b")
    assert not refused(guesses.allow, "KJ4P7XU2", "a"), "links lead in all the same"
    assert [refused(guesses.wrong, "123456", "b") for _ in range(2)] == [False, False]
    assert refused(guesses.allow, "654321", "c") and not refused(guesses.allow, "KJ4P7XU2", "c")
    clock[0] += 61
    assert not refused(guesses.allow, "123456", "a") and not refused(guesses.wrong, "KJ4P7XU2", "a")


async def test_players_come_in_by_digits_and_guessers_wait(site: Site) -> None:
    """The same answer for a code that never was and for one of a closed room; then only that one should wait."""
    host, ann, guesser = await site.guest("Host"), await site.guest("Ann"), await site.guest("Guesser")
    room, closed = await site.room(host), await site.room(host)
    digits = room["digits"]
    assert len(digits) == 6 and digits.isdigit()
    found = (await ann.get(f"/codes/{digits[:3]} {digits[3:]}")).json()
    assert (found["room"], found["role"]) == (room["id"], "player")
    assert (await ann.post(f"/rooms/{room['id']}/join", json={"code": digits})).status_code == 200
    await host.post(f"/rooms/{closed['id']}/close")
    answers = [await guesser.get(f"/codes/{code}") for code in (closed["digits"], "999999999999", "QQQQQQ")]
    assert len({answer.text.partition("request_id")[0] for answer in answers}) == 1
    for _ in range(2):
        await guesser.get("/codes/WRONG!")
    assert error_of(await guesser.get("/codes/999999999999")) == "rate_limited"
    for code in (digits, room["code"]):
        assert (await ann.get(f"/codes/{code}")).json()["room"] == room["id"], "one pupil does not lock out the class"
    for _ in range(30):
        await guesser.get("/codes/999999999999")
    assert error_of(await guesser.get(f"/codes/{digits}")) == "rate_limited"
    assert (await guesser.get(f"/codes/{room['code']}")).json()["room"] == room["id"]
