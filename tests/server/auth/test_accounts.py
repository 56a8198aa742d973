"""Becoming a user, staying one, ceasing to be one."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from gamekeeper import Rejected
from gamekeeper.core.errors import ErrorCode
from gamekeeper.log.database import Database
from gamekeeper.server.auth import store
from gamekeeper.server.auth.accounts import REPEAT_S, Accounts
from gamekeeper.server.auth.passwords import Passwords
from gamekeeper.server.auth.revocation import Revocations
from gamekeeper.server.auth.tables import logins, users
from gamekeeper.server.auth.tokens import AccessTokens, successor
from gamekeeper.server.keys import Keyring

pytestmark = pytest.mark.anyio
PASSWORD = "correct horse"
LIFE_S = 86_400.0


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now_s


class World:
    """One database, and as many processes as a test wants."""

    def __init__(self, url: str) -> None:
        self.clock = Clock()
        self.database = Database(url)
        self.accounts = self.process()

    def process(self, *secrets: str) -> Accounts:
        secrets = secrets or ("secret",)
        keys = Keyring(secrets)
        tokens = AccessTokens(keys, 900, self.clock)
        cheap = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        revocations = Revocations(900, self.clock)
        return Accounts(
            self.database, tokens, revocations, keys, refresh_life_s=LIFE_S, now=self.clock, passwords=cheap
        )


@pytest.fixture
async def world(database_url: str) -> AsyncGenerator[World, None]:
    world = World(database_url)
    yield world
    await world.database.close()


async def refused(code: ErrorCode, work: object) -> Rejected:
    with pytest.raises(Rejected) as caught:
        await work  # type: ignore[misc]
    assert caught.value.code == code
    return caught.value


async def test_a_guest_is_who_the_token_says(world: World) -> None:
    grant = await world.accounts.guest("  Ann ")
    identity = world.accounts.identify(grant.access_token)
    assert (identity.user, identity.name, identity.kind, identity.roles) == (grant.user.id, "Ann", "guest", frozenset())
    await refused(ErrorCode.BAD_NAME, world.accounts.guest("\n"))


async def test_no_password_and_no_token_is_stored(world: World) -> None:
    grant = await world.accounts.register("ann", PASSWORD)
    async with world.database.begin() as connection:
        rows = [*(await connection.execute(select(users))).all(), *(await connection.execute(select(logins))).all()]
    stored = repr(rows)
    assert PASSWORD not in stored and grant.refresh_token not in stored and grant.access_token not in stored
    assert grant.refresh_token.partition(".")[2] not in stored


async def test_register_then_login(world: World) -> None:
    registered = await world.accounts.register("Ann", PASSWORD, "Ann Lee")
    grant = await world.accounts.login(" ANN ", PASSWORD)
    assert grant.user.id == registered.user.id and grant.user.name == "Ann Lee" and grant.user.kind == "account"
    taken = await refused(ErrorCode.CONFLICT, world.accounts.register("ann", PASSWORD))
    assert taken.field == "username"


async def test_of_two_at_once_one_gets_the_name(world: World) -> None:
    results = await asyncio.gather(
        *(world.accounts.register("ann", PASSWORD) for _ in range(5)), return_exceptions=True
    )
    assert sum(not isinstance(result, Rejected) for result in results) == 1


async def test_an_unknown_name_and_a_wrong_password_look_alike(world: World) -> None:
    await world.accounts.register("ann", PASSWORD)
    wrong = await refused(ErrorCode.UNAUTHENTICATED, world.accounts.login("ann", "wrong horse"))
    unknown = await refused(ErrorCode.UNAUTHENTICATED, world.accounts.login("bob", PASSWORD))
    assert str(wrong) == str(unknown)


async def test_a_guest_who_registers_keeps_the_id(world: World) -> None:
    guest = await world.accounts.guest("Ann")
    identity = world.accounts.identify(guest.access_token)
    account = await world.accounts.register("ann", PASSWORD, guest=identity)
    assert account.user.id == guest.user.id and account.user.name == "Ann" and account.user.kind == "account"
    await refused(ErrorCode.UNAUTHENTICATED, world.accounts.register("ann2", PASSWORD, guest=identity))
    other = world.accounts.identify((await world.accounts.guest("Bob")).access_token)
    await refused(ErrorCode.CONFLICT, world.accounts.register("ann", PASSWORD, guest=other))


async def test_refreshing_rotates(world: World) -> None:
    grant = await world.accounts.guest("Ann")
    second = await world.accounts.refresh(grant.refresh_token)
    third = await world.accounts.refresh(second.refresh_token)
    assert len({grant.refresh_token, second.refresh_token, third.refresh_token}) == 3
    assert third.user.id == grant.user.id and third.login == grant.login


async def test_an_exchange_can_be_repeated_for_a_minute(world: World) -> None:
    """Two tabs renew at once, or the answer is lost on the way to a phone: nobody is signed out."""
    grant = await world.accounts.guest("Ann")
    results = await asyncio.gather(*(world.accounts.refresh(grant.refresh_token) for _ in range(5)))
    assert len({result.refresh_token for result in results}) == 1
    world.clock.now_s += REPEAT_S - 1
    again = await world.process("new secret", "secret").refresh(grant.refresh_token)
    assert again.refresh_token == results[0].refresh_token
    assert (await world.accounts.refresh(again.refresh_token)).user.id == grant.user.id


@pytest.mark.parametrize("late", ["after a minute", "after its successor was used"])
async def test_an_exchanged_token_that_comes_back_ends_the_login(world: World, late: str) -> None:
    grant, other = await world.accounts.guest("Ann"), await world.accounts.guest("Bob")
    thief = await world.accounts.refresh(grant.refresh_token)
    if late == "after a minute":
        world.clock.now_s += REPEAT_S + 1
    else:
        thief = await world.accounts.refresh(thief.refresh_token)
    await refused(ErrorCode.UNAUTHENTICATED, world.accounts.refresh(grant.refresh_token))
    await refused(ErrorCode.UNAUTHENTICATED, world.accounts.refresh(thief.refresh_token))
    for stolen in (grant, thief):
        with pytest.raises(Rejected, match="revoked"):
            world.accounts.identify(stolen.access_token)
    assert world.accounts.identify(other.access_token).name == "Bob"


async def test_nobody_can_guess_a_successor(world: World) -> None:
    grant = await world.accounts.guest("Ann")
    renewed = await world.accounts.refresh(grant.refresh_token)
    (guess,) = successor(grant.refresh_token, Keyring(["another secret"]))
    assert guess != renewed.refresh_token and len(guess) == len(renewed.refresh_token)
    await refused(ErrorCode.UNAUTHENTICATED, world.accounts.refresh(guess))


@pytest.mark.parametrize("token", ["", ".", "nonsense", "a.b", "'; DROP TABLE logins; --.x"])
async def test_an_unknown_refresh_token_is_refused(world: World, token: str) -> None:
    await refused(ErrorCode.UNAUTHENTICATED, world.accounts.refresh(token))


async def test_a_login_unused_for_its_life_is_over(world: World) -> None:
    grant = await world.accounts.guest("Ann")
    world.clock.now_s += LIFE_S
    await refused(ErrorCode.UNAUTHENTICATED, world.accounts.refresh(grant.refresh_token))


async def test_logout_ends_one_login(world: World) -> None:
    await world.accounts.register("ann", PASSWORD)
    phone, laptop = [await world.accounts.login("ann", PASSWORD) for _ in range(2)]
    await world.accounts.logout(world.accounts.identify(phone.access_token))
    with pytest.raises(Rejected):
        world.accounts.identify(phone.access_token)
    await refused(ErrorCode.UNAUTHENTICATED, world.accounts.refresh(phone.refresh_token))
    assert world.accounts.identify(laptop.access_token).user == laptop.user.id


async def test_revoking_ends_all_logins_and_disabling_lets_nobody_back(world: World) -> None:
    grant = await world.accounts.register("ann", PASSWORD)
    user = await world.accounts.find("ann")
    world.clock.now_s += 1
    await world.accounts.revoke(user)
    await refused(ErrorCode.UNAUTHENTICATED, world.accounts.refresh(grant.refresh_token))
    world.clock.now_s += 1
    again = await world.accounts.login("ann", PASSWORD)
    assert world.accounts.identify(again.access_token)
    await world.accounts.revoke(user, disable=True)
    await refused(ErrorCode.UNAUTHENTICATED, world.accounts.login("ann", PASSWORD))


async def test_a_role_holds_from_the_next_token_on(world: World) -> None:
    grant = await world.accounts.register("ann", PASSWORD)
    assert not await world.accounts.has_admin()
    world.clock.now_s += 1
    await world.accounts.set_roles(await world.accounts.find("ann"), frozenset({"admin"}))
    with pytest.raises(Rejected):
        world.accounts.identify(grant.access_token)
    world.clock.now_s += 1
    renewed = await world.accounts.refresh(grant.refresh_token)
    assert world.accounts.identify(renewed.access_token).is_admin and await world.accounts.has_admin()
    await refused(ErrorCode.BAD_REQUEST, world.accounts.set_roles(renewed.user, frozenset({"emperor"})))


async def test_other_processes_learn_of_a_revocation(world: World) -> None:
    grant = await world.accounts.register("ann", PASSWORD)
    other = world.process()
    told: list[str] = []
    other.revocations.listeners.append(lambda subject, at: told.append(subject))
    assert other.identify(grant.access_token)
    await world.accounts.revoke(await world.accounts.find("ann"))
    await other.learn_revocations()
    with pytest.raises(Rejected):
        other.identify(grant.access_token)
    await other.learn_revocations()
    assert told == [grant.user.id]


async def test_accounts_are_listed_by_name_without_guests(world: World) -> None:
    await world.accounts.guest("Guest")
    for name in ("bob", "ann", "cid"):
        await world.accounts.add(name, PASSWORD, None, frozenset())
    assert [user.username for user in await world.accounts.all()] == ["ann", "bob", "cid"]
    assert [user.username for user in await world.accounts.all(after="ann", limit=1)] == ["bob"]
    await refused(ErrorCode.NOT_FOUND, world.accounts.find("dan"))


async def test_an_outdated_hash_is_renewed_at_login(world: World) -> None:
    await world.accounts.register("ann", PASSWORD)
    before = (await world.accounts.find("ann")).password_hash
    world.accounts._passwords = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    await world.accounts.login("ann", PASSWORD)
    assert (await world.accounts.find("ann")).password_hash != before
    await world.accounts.login("ann", PASSWORD)


async def test_expired_logins_are_forgotten_a_life_later(world: World) -> None:
    await world.accounts.guest("Ann")
    for days, left in ((1, 1), (1.5, 0)):
        world.clock.now_s += days * 86_400
        await world.accounts.forget_expired()
        async with world.database.read() as connection:
            assert len((await connection.execute(select(logins))).all()) == left


async def test_a_revocation_that_becomes_visible_late_is_learned(postgres_url: str) -> None:
    """Its id is lower than that of another which was seen before it."""
    world = World(postgres_url)
    other = world.process()
    async with world.database.begin() as slow:
        await store.add_revocation(slow, "slow", world.clock())
        async with world.database.begin() as fast:
            await store.add_revocation(fast, "fast", world.clock())
        await other.learn_revocations()
        assert len(other.revocations) == 1
    await other.learn_revocations()
    assert len(other.revocations) == 2
    await world.database.close()
