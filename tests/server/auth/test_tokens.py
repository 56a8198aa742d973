"""Access tokens: signed, short-lived, and nothing else is believed."""

import base64
import json

import jwt
import pytest

from gamekeeper import Rejected
from gamekeeper.core.errors import ErrorCode
from gamekeeper.server.auth.tokens import PURPOSE, AccessTokens, digest, new_id, new_refresh_token
from gamekeeper.server.keys import Keyring


class Clock:
    now_s = 1_000_000.0

    def __call__(self) -> float:
        return self.now_s


def issue(tokens: AccessTokens) -> str:
    return tokens.issue("user", "Ann", "guest", frozenset({"admin"}), "login")


def refused(tokens: AccessTokens, token: str) -> None:
    with pytest.raises(Rejected) as caught:
        tokens.read(token)
    assert caught.value.code == ErrorCode.UNAUTHENTICATED


def test_what_was_issued_is_read() -> None:
    clock = Clock()
    tokens = AccessTokens(Keyring(["secret"]), 900, clock)
    identity = tokens.read(issue(tokens))
    assert (identity.user, identity.name, identity.kind, identity.login) == ("user", "Ann", "guest", "login")
    assert identity.is_admin and identity.expires_at == clock.now_s + 900


def test_it_expires() -> None:
    clock = Clock()
    tokens = AccessTokens(Keyring(["secret"]), 900, clock)
    token = issue(tokens)
    clock.now_s += 900
    refused(tokens, token)


def test_a_token_read_before_is_refused_once_its_time_is_over_or_its_secret_gone() -> None:
    clock, keys = Clock(), Keyring(["old"])
    tokens = AccessTokens(keys, 900, clock)
    token = issue(tokens)
    assert tokens.read(token) is tokens.read(token)
    keys.replace(["new", "old"])
    assert tokens.read(token).user == "user"
    keys.replace(["new"])
    refused(tokens, token)
    keys.replace(["old"])
    clock.now_s += 900
    refused(tokens, token)


def test_the_tokens_remembered_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gamekeeper.server.auth.tokens.MAX_KNOWN", 3)
    tokens = AccessTokens(Keyring(["secret"]), 900, Clock())
    issued = [tokens.issue(f"user{number}", "Ann", "guest", frozenset(), "login") for number in range(9)]
    assert [tokens.read(token).user for token in issued] == [f"user{number}" for number in range(9)]
    assert len(tokens) == 3


def test_secrets_rotate_without_signing_anybody_out() -> None:
    old = AccessTokens(Keyring(["old"]), 900, Clock())
    both = AccessTokens(Keyring(["new", "old"]), 900, Clock())
    new = AccessTokens(Keyring(["new"]), 900, Clock())
    assert both.read(issue(old)).user == new.read(issue(both)).user == "user"
    refused(new, issue(old))


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "x" * 5000, "....", "\u0000.\u0000.\u0000"])
def test_garbage_is_refused(token: str) -> None:
    refused(AccessTokens(Keyring(["secret"]), 900, Clock()), token)


def test_forgeries_are_refused() -> None:
    keys = Keyring(["secret"])
    tokens = AccessTokens(keys, 900, Clock())
    key_id, key = keys.signing(PURPOSE)
    head, claims, signature = issue(tokens).split(".")
    changed = json.loads(base64.urlsafe_b64decode(claims + "==")) | {"sub": "somebody else"}
    payload = base64.urlsafe_b64encode(json.dumps(changed).encode()).rstrip(b"=").decode()
    refused(tokens, f"{head}.{payload}.{signature}")
    refused(tokens, jwt.encode(changed, "", "none", headers={"kid": key_id}))
    refused(tokens, jwt.encode(changed, b"another key of enough length here", "HS256", headers={"kid": key_id}))
    refused(tokens, jwt.encode(changed | {"aud": "another program"}, key, "HS256", headers={"kid": key_id}))
    refused(tokens, jwt.encode({"sub": "user", "aud": "gamekeeper"}, key, "HS256", headers={"kid": key_id}))


def test_ids_hold_128_bits_and_refresh_tokens_256() -> None:
    assert len(new_id()) == 22 and len(new_refresh_token()) == 43
    assert len({new_id() for _ in range(1_000)}) == 1_000
    assert digest("x") != "x" and len(digest("x")) == 64
