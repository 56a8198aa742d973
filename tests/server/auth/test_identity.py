"""What a user may be."""

from gamekeeper.server.auth.identity import LOCAL_ADMIN, ROLES, Identity


def test_nobody_is_an_administrator_by_default() -> None:
    assert not Identity("ann", "Ann").is_admin
    assert Identity("ann", "Ann", "account", frozenset(ROLES)).is_admin
    assert LOCAL_ADMIN.is_admin
