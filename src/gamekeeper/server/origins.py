"""Which pages may call the server, over HTTP and with a WebSocket handshake. One rule for both."""

from urllib.parse import urlsplit

from gamekeeper.server.settings import Settings


class Origins:
    """The allow-list: the public address, the origins named in the settings and, in the embedded profile, whatever
    address the page itself came from."""

    def __init__(self, settings: Settings) -> None:
        self.listed = frozenset(filter(None, (*settings.allowed_origins, settings.public_url)))
        self._own_host = not settings.production
        self._loopback_only = not settings.auth

    def allowed(self, origin: str | None, host: str | None) -> bool:
        """Whether a request with these `Origin` and `Host` headers may act. No origin: no browser page sent it."""
        if self._loopback_only and not _is_loopback(host):
            return False  # a page elsewhere may have made its own name point here
        if origin is None or origin in self.listed or ("*" in self.listed and self._own_host):
            return True
        return self._own_host and host is not None and urlsplit(origin).netloc == host


def _is_loopback(host: str | None) -> bool:
    return urlsplit(f"//{host}").hostname in {"localhost", "127.0.0.1", "::1"}
