"""Credentials: short signed access tokens, long random refresh tokens."""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import blake2b, sha256
from secrets import token_urlsafe
from typing import Any

import jwt

from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.server.auth.identity import Identity, UserKind
from gamekeeper.server.keys import Keyring

ALGORITHM = "HS256"
AUDIENCE = "gamekeeper"
PURPOSE = "access tokens"
MAX_TOKEN_CHARACTERS = 4096
MAX_KNOWN = 20_000
"""Tokens whose signature need not be computed again."""
_jwt: Any = jwt
"""PyJWT names a type of an optional dependency in its signatures, which strict type checkers do not take."""

_REQUIRED = ["sub", "exp", "iat", "aud", "name", "kind", "roles", "login"]


def new_id() -> str:
    """An id nobody guesses: 22 URL-safe characters, 128 random bits."""
    return token_urlsafe(16)


def new_refresh_token() -> str:
    """256 random bits. Only its digest is stored."""
    return token_urlsafe(32)


def successor(refresh_token: str, keys: Keyring) -> list[str]:
    """What a refresh token is exchanged for: the same however often it is asked, so that a second tab, or a phone
    that lost the answer, gets it too. One for each secret, the signing one's first."""
    login, _, _ = refresh_token.partition(".")
    return [
        f"{login}.{urlsafe_b64encode(blake2b(refresh_token.encode(), key=key, digest_size=32).digest()).decode()[:43]}"
        for key in keys.all("refresh tokens").values()
    ]


def digest(refresh_token: str) -> str:
    """What is stored of a refresh token. Plain SHA-256 suffices: there is nothing to guess in 256 random bits."""
    return sha256(refresh_token.encode()).hexdigest()


class AccessTokens:
    """Makes and reads access tokens (JWT, HS256). The header's key id says which secret signed."""

    def __init__(self, keys: Keyring, life_s: float, now: Callable[[], float]) -> None:
        self._keys = keys
        self.life_s = life_s
        self._now = now
        self._known: dict[str, tuple[str, Identity]] = {}

    def __len__(self) -> int:
        return len(self._known)

    def issue(self, user: str, name: str, kind: UserKind, roles: frozenset[str], login: str) -> str:
        now = self._now()
        claims: dict[str, Any] = {
            "sub": user,
            "name": name,
            "kind": kind,
            "roles": sorted(roles),
            "login": login,
            "aud": AUDIENCE,
            "iat": round(now, 3),
            "exp": now + self.life_s,
        }
        key_id, key = self._keys.signing(PURPOSE)
        token: str = _jwt.encode(claims, key, ALGORITHM, headers={"kid": key_id})
        self._keep(token, key_id, Identity(user, name, kind, roles, login, claims["iat"], claims["exp"]))
        return token

    def read(self, token: str) -> Identity:
        """Who the token speaks for. Raises `Rejected("unauthenticated")`: malformed, forged, expired. Its signature is
        computed once, when it is made or first read here; whether its key is still known and its time not over is
        asked every time."""
        key_id, identity = self._known.get(token) or self._verified(token)
        if key_id not in self._keys.all(PURPOSE):
            raise _unknown_key()
        if identity.expires_at <= self._now():
            self._known.pop(token, None)
            raise unauthenticated("the credential has expired")
        return identity

    def _verified(self, token: str) -> tuple[str, Identity]:
        if len(token) > MAX_TOKEN_CHARACTERS:
            raise unauthenticated("the credential is not valid")
        try:
            key_id = str(jwt.get_unverified_header(token).get("kid"))
            key = self._keys.all(PURPOSE).get(key_id)
            if key is None:
                raise _unknown_key()
            options: Any = {"require": _REQUIRED, "verify_exp": False, "verify_iat": False}
            claims: dict[str, Any] = _jwt.decode(token, key, [ALGORITHM], audience=AUDIENCE, options=options)
        except jwt.PyJWTError:
            raise unauthenticated("the credential is not valid") from None
        roles = frozenset(str(role) for role in claims["roles"])
        identity = Identity(
            claims["sub"], claims["name"], claims["kind"], roles, claims["login"], claims["iat"], claims["exp"]
        )
        return self._keep(token, key_id, identity)

    def _keep(self, token: str, key_id: str, identity: Identity) -> tuple[str, Identity]:
        while len(self._known) >= MAX_KNOWN:
            del self._known[next(iter(self._known))]
        self._known[token] = key_id, identity
        return key_id, identity


def _unknown_key() -> Rejected:
    return unauthenticated("the credential was signed with a secret that is no longer known")


def unauthenticated(message: str) -> Rejected:
    return Rejected(ErrorCode.UNAUTHENTICATED, message)
