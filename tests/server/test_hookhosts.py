"""Which addresses may be called."""

import pytest

from gamekeeper.server.hookhosts import origin_of, origin_of_host


@pytest.mark.parametrize(
    ("host", "url", "same"),
    [
        ("hooks.example", "https://hooks.example/a?b=c", True),
        ("hooks.example", "https://HOOKS.example:443/", True),
        ("hooks.example", "http://hooks.example/", False),
        ("hooks.example", "https://hooks.example:8443/", False),
        ("hooks.example", "https://a.hooks.example/", False),
        ("hooks.example", "https://hooks.example.evil.example/", False),
        ("hooks.example", "https://evil.example/#hooks.example", False),
        ("hooks.example", "https://hooks.example@evil.example/", False),
        ("hooks.example", "https://evil.example\\@hooks.example/", False),
        ("hooks.example", "https://user@hooks.example/", False),
        ("hooks.example", "file://hooks.example/", False),
        ("hooks.example", "//hooks.example/", False),
        ("hooks.example", "", False),
        ("hooks.example:8443", "https://hooks.example:8443/x", True),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000/x", True),
        ("http://127.0.0.1:9000", "http://localhost:9000/x", False),
        ("http://[::1]:9000", "http://[::1]:9000/x", True),
    ],
)
def test_an_address_is_of_a_host_or_it_is_not(host: str, url: str, same: bool) -> None:
    assert (origin_of(url) == origin_of_host(host)) is same


@pytest.mark.parametrize("entry", ["*", "*.example", "https://", "ftp://a.example", "a.example/path", "u@a.example"])
def test_what_is_no_host_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match="is no host"):
        origin_of_host(entry)
