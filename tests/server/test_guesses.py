"""Wrong codes are few and counted; right ones are never counted."""

import pytest

from gamekeeper import Rejected
from gamekeeper.server.guesses import Guesses
from tests.server.kit import Site, error_of

pytestmark = pytest.mark.anyio


def test_an_address_and_for_digits_everybody_has_a_budget() -> None:
    clock = [1_000_000.0]
    guesses = Guesses("2/minute", "3/minute", 100, lambda: clock[0])
    for address in ("a", "a", "b"):
        guesses.allow("123456", address)
        guesses.wrong("123456", address)
    for code, address in (("KJ4P7X", "a"), ("123456", "b"), ("654321", "c")):
        with pytest.raises(Rejected) as refused:
            guesses.allow(code, address)
        assert refused.value.code == "rate_limited" and (refused.value.retry_after_s or 0) >= 1
    guesses.allow("KJ4P7X", "b")
    guesses.allow("KJ4P7X", "c")
    clock[0] += 61
    guesses.allow("123456", "a")


async def test_players_come_in_by_digits_and_guessers_wait(site: Site) -> None:
    """The same answer for a code that never was and for one of a closed room; then a refusal, of right codes too."""
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
    for code in (digits, room["code"]):
        assert error_of(await guesser.get(f"/codes/{code}")) == "rate_limited"
