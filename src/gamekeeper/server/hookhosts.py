"""Which addresses may be called: those at hosts that the operator has named, letter for letter.

The library that calls also reads them, so that both mean the same host. It is imported when it is first needed: most
servers call nobody.
"""

from urllib.parse import urlsplit

Origin = tuple[str, bytes, int]
"""Scheme, host and port."""


def origin_of_host(entry: str) -> Origin:
    """`hooks.example` (HTTPS), `hooks.example:8443` or `http://127.0.0.1:9000`. Raises `ValueError`."""
    address = entry if "://" in entry else f"https://{entry}"
    origin = origin_of(address)
    if origin is None or "*" in entry or urlsplit(address).path.strip("/"):
        raise ValueError(f"{entry!r} is no host such as hooks.example or http://127.0.0.1:9000")
    return origin


def origin_of(url: str) -> Origin | None:
    """None: not an address that can be called."""
    import httpx

    try:
        parts = httpx.URL(url)
    except (httpx.InvalidURL, ValueError, TypeError):
        return None
    if parts.scheme not in {"http", "https"} or not parts.raw_host or parts.userinfo or parts.fragment:
        return None
    return parts.scheme, parts.raw_host, parts.port or (443 if parts.scheme == "https" else 80)
