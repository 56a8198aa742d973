"""Guests and accounts: how somebody becomes a user, stays one and ceases to be one."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.core.names import clean_name
from gamekeeper.log.database import Database
from gamekeeper.server.auth import store
from gamekeeper.server.auth.identity import ROLES, Identity
from gamekeeper.server.auth.passwords import Passwords
from gamekeeper.server.auth.revocation import Revocations
from gamekeeper.server.auth.store import User
from gamekeeper.server.auth.tokens import (
    AccessTokens,
    digest,
    new_id,
    new_refresh_token,
    successor,
    unauthenticated,
)
from gamekeeper.server.auth.usernames import check_password, clean_username
from gamekeeper.server.keys import Keyring

OVERLAP_S = 60.0
"""Seconds for which revocations are read again: longer than any transaction that writes one."""
REPEAT_S = 60.0
"""How long an exchanged refresh token gives the same answer again."""
WRONG_LOGIN = "user name or password is wrong"


@dataclass(frozen=True)
class Grant:
    """What a successful login hands out."""

    user: User
    login: str
    access_token: str
    refresh_token: str
    expires_in_s: float


class Accounts:
    """Everything about users. Each method is one transaction."""

    def __init__(
        self,
        database: Database,
        tokens: AccessTokens,
        revocations: Revocations,
        keys: Keyring,
        *,
        refresh_life_s: float,
        now: Callable[[], float],
        passwords: Passwords | None = None,
    ) -> None:
        self.revocations = revocations
        self._database = database
        self._tokens = tokens
        self._keys = keys
        self._passwords = passwords or Passwords()
        self._refresh_life_s = refresh_life_s
        self._now = now
        self._last_revocation = 0

    # -- becoming a user ---------------------------------------------------------------------------------------------

    async def guest(self, name: str) -> Grant:
        """A new guest of this name. Raises `Rejected("bad_name")`."""
        user = User(new_id(), "guest", clean_name(name), created_at=self._now())
        async with self._database.begin() as connection:
            await store.add_user(connection, user)
            return await self._begin_login(connection, user)

    async def register(
        self, username: str, password: str, name: str | None = None, guest: Identity | None = None
    ) -> Grant:
        """A new account, signed in; a `guest` becomes it and keeps its seats. Raises `Rejected`."""
        user = await self._new_account(username, password, name or (guest.name if guest else None))
        async with self._database.begin() as connection:
            if guest is None:
                await self._add(connection, user)
            else:
                user = await self._upgrade(connection, guest, user)
            return await self._begin_login(connection, user)

    async def add(self, username: str, password: str, name: str | None, roles: frozenset[str]) -> User:
        """A new account with roles, not signed in: what an administrator does. Raises `Rejected`."""
        _check_roles(roles)
        user = await self._new_account(username, password, name, roles)
        async with self._database.begin() as connection:
            await self._add(connection, user)
        return user

    async def login(self, username: str, password: str) -> Grant:
        """Raises `Rejected("unauthenticated")`, the same and as slowly for an unknown name as for a wrong password."""
        wanted = username.strip().lower()
        async with self._database.read() as connection:
            user = await store.find_user(connection, username=wanted)
        right = await self._passwords.verify(user.password_hash if user else None, password)
        if user is None or not right or user.disabled_at is not None:
            raise unauthenticated(WRONG_LOGIN)
        renewed = None
        if user.password_hash and self._passwords.is_outdated(user.password_hash):
            renewed = await self._passwords.hash(password)
        async with self._database.begin() as connection:
            if renewed is not None:
                await store.change_user(connection, user.id, password_hash=renewed)
            return await self._begin_login(connection, user)

    async def refresh(self, refresh_token: str) -> Grant:
        """Exchange a refresh token for a new pair. Within a minute the same token gives the same pair again: two tabs
        ask at once, and answers get lost. Any other token that was exchanged before ends the login: one of two
        holders stole it. Raises `Rejected("unauthenticated")`.
        """
        login, _, _ = refresh_token.partition(".")
        now = self._now()
        async with self._database.begin() as connection:
            user_id, renewed = await self._exchange(connection, refresh_token, now)
            user = await store.find_user(connection, id=user_id) if user_id else None
            stolen = user is None and await store.end_login(connection, login, now)
            if stolen:
                await store.add_revocation(connection, login, now)
        if stolen:
            self.revocations.revoke(login, now)
        if user is None or user.disabled_at is not None:
            raise unauthenticated("this login has ended; sign in again")
        return self._grant(user, login, renewed)

    # -- ceasing to be one -------------------------------------------------------------------------------------------

    async def logout(self, identity: Identity) -> None:
        """End the login a credential came from; its sockets close."""
        now = self._now()
        async with self._database.begin() as connection:
            if await store.end_login(connection, identity.login, now):
                await store.add_revocation(connection, identity.login, now)
        self.revocations.revoke(identity.login, now)

    async def revoke(self, user: User, *, disable: bool = False) -> None:
        """End all logins of a user, and with `disable` let them never sign in again."""
        now = self._now()
        async with self._database.begin() as connection:
            await store.end_logins_of(connection, user.id, now)
            await store.add_revocation(connection, user.id, now)
            if disable:
                await store.change_user(connection, user.id, disabled_at=store.stamp(now))
        self.revocations.revoke(user.id, now)

    async def restore(self, user: User) -> None:
        """Let a disabled account sign in again: nothing of it was deleted."""
        async with self._database.begin() as connection:
            await store.change_user(connection, user.id, disabled_at=None)

    async def set_roles(self, user: User, roles: frozenset[str]) -> None:
        """Change what an account may do. Access tokens with the old roles stop counting; logins go on."""
        _check_roles(roles)
        now = self._now()
        async with self._database.begin() as connection:
            await store.change_user(connection, user.id, roles=" ".join(sorted(roles)))
            await store.add_revocation(connection, user.id, now)
        self.revocations.revoke(user.id, now)

    async def learn_revocations(self) -> None:
        """What other processes revoked: another server's, or the command line's."""
        since = self._now() - self._tokens.life_s
        async with self._database.read() as connection:
            found = await store.revocations_after(connection, self._last_revocation, since, self._now() - OVERLAP_S)
        for id, subject, at in found:
            self._last_revocation = max(id, self._last_revocation)
            self.revocations.revoke(subject, at)

    async def forget_expired(self) -> None:
        """Logins whose last token expired a whole life ago."""
        async with self._database.begin() as connection:
            await store.forget_logins(connection, self._now() - self._refresh_life_s)

    # -- asking ------------------------------------------------------------------------------------------------------

    def identify(self, access_token: str) -> Identity:
        """Who an access token speaks for. Raises `Rejected("unauthenticated")`."""
        identity = self._tokens.read(access_token)
        self.revocations.check(identity)
        return identity

    async def forget_guests(self, before: float) -> int:
        """Take their names from guests who were not seen since a time; how many."""
        async with self._database.begin() as connection:
            forgotten = await store.forget_guests(connection, before)
        await self._database.wipe()
        return forgotten

    async def find(self, username: str) -> User:
        """Raises `Rejected("not_found")`."""
        async with self._database.read() as connection:
            user = await store.find_user(connection, username=username.strip().lower())
        if user is None:
            raise Rejected(ErrorCode.NOT_FOUND, f"there is no account {username!r}", field="username")
        return user

    async def all(self, after: str = "", limit: int = 1_000) -> list[User]:
        """Accounts by user name; guests are not listed."""
        async with self._database.read() as connection:
            return await store.list_users(connection, after=after, limit=limit)

    async def has_admin(self) -> bool:
        async with self._database.read() as connection:
            return await store.has_role(connection, "admin")

    # -- within ------------------------------------------------------------------------------------------------------

    async def _new_account(
        self, username: str, password: str, name: str | None, roles: frozenset[str] = frozenset()
    ) -> User:
        username = clean_username(username)
        check_password(password, username)
        shown = clean_name(name or username)
        hashed = await self._passwords.hash(password)
        return User(new_id(), "account", shown, username, hashed, roles, self._now())

    async def _add(self, connection: AsyncConnection, user: User) -> None:
        try:
            await store.add_user(connection, user)
        except IntegrityError:
            raise _taken(user.username) from None

    async def _upgrade(self, connection: AsyncConnection, guest: Identity, user: User) -> User:
        upgraded = replace(user, id=guest.user)
        try:
            if not await store.upgrade_guest(connection, upgraded):
                raise unauthenticated("this guest has an account already; sign in")
        except IntegrityError:
            raise _taken(user.username) from None
        return upgraded

    async def _exchange(self, connection: AsyncConnection, token: str, now: float) -> tuple[str | None, str]:
        """The user of a refresh token and the token's successor; None: the token is of no use."""
        login, old = token.partition(".")[0], digest(token)
        candidates = successor(token, self._keys)
        user = await store.turn_login(connection, login, old, digest(candidates[0]), now, self._refresh_life_s)
        if user is not None:
            return user, candidates[0]
        for candidate in candidates:
            user = await store.turned_login(connection, login, old, digest(candidate), now - REPEAT_S)
            if user is not None:
                return user, candidate
        return None, ""

    async def _begin_login(self, connection: AsyncConnection, user: User) -> Grant:
        login = new_id()
        refresh_token = f"{login}.{new_refresh_token()}"
        await store.add_login(connection, login, user.id, digest(refresh_token), self._now(), self._refresh_life_s)
        return self._grant(user, login, refresh_token)

    def _grant(self, user: User, login: str, refresh_token: str) -> Grant:
        access_token = self._tokens.issue(user.id, user.name, user.kind, user.roles, login)
        return Grant(user, login, access_token, refresh_token, self._tokens.life_s)


def _taken(username: str | None) -> Rejected:
    return Rejected(ErrorCode.CONFLICT, f"the user name {username!r} is taken", field="username")


def _check_roles(roles: frozenset[str]) -> None:
    unknown = roles - set(ROLES)
    if unknown:
        raise Rejected(ErrorCode.BAD_REQUEST, f"no role {', '.join(sorted(unknown))}", field="role")
