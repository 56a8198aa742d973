"""Who may call a route and how often. Deny by default: `require_rules` refuses an application with a route that says
nothing about it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import HTTPConnection

from gamekeeper.core.errors import ErrorCode, Misuse, Rejected
from gamekeeper.server.auth.cookies import ACCESS_COOKIE
from gamekeeper.server.auth.identity import LOCAL_ADMIN, Identity
from gamekeeper.server.auth.tokens import unauthenticated
from gamekeeper.server.limits import site

if TYPE_CHECKING:
    from gamekeeper.server.server import Server

Who = Literal["anyone", "user", "admin"]
RateClass = Literal["read", "write", "login", "guest", "admin"]


@dataclass(frozen=True)
class Access:
    """A FastAPI dependency that answers with the caller's identity, or None where anyone may call."""

    who: Who
    rate: RateClass

    async def __call__(self, request: Request) -> Identity | None:
        server = server_of(request)
        identity = self._identity(request)
        key = identity.user if identity is not None else site(address(request))
        await server.limits.take(self.rate, site(address(request)) if self.rate in {"login", "guest"} else key)
        if self.who == "anyone":
            return identity
        if identity is None:
            raise unauthenticated("sign in first")
        if self.who == "admin" and not identity.is_admin:
            raise Rejected(ErrorCode.FORBIDDEN, "this is for administrators")
        return identity

    def _identity(self, request: Request) -> Identity | None:
        """Where anyone may call, a credential that is no longer valid is no hindrance: it is how one gets a new one."""
        try:
            return identify(request)
        except Rejected:
            if self.who == "anyone":
                return None
            raise


def server_of(request: Request) -> "Server":
    """The server a request is for."""
    server: Server = request.app.state.server
    return server


def identify(request: Request) -> Identity | None:
    """Whose credential the request carries; None: it carries none. Raises `Rejected` on one that is not valid."""
    return identify_at(server_of(request), request)


def identify_at(server: "Server", request: HTTPConnection) -> Identity | None:
    """The same where no route has been found yet."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if not token or scheme.lower() != "bearer":
        token = request.cookies.get(ACCESS_COOKIE, "")
    if token:
        return server.accounts.identify(token)
    return None if server.settings.auth else LOCAL_ADMIN


def address(request: Request) -> str:
    """The address of the caller, as the nearest trusted proxy tells it."""
    return request.client.host if request.client else ""


def anyone(rate: RateClass) -> Any:
    """`dependencies=[anyone("read")]`, or as a parameter to learn who it is, if anybody."""
    return Depends(Access("anyone", rate))


Reader = Annotated[Identity, Depends(Access("user", "read"))]
Writer = Annotated[Identity, Depends(Access("user", "write"))]
Admin = Annotated[Identity, Depends(Access("admin", "admin"))]


def require_rules(router: APIRouter) -> None:
    """Raises `Misuse` naming every route of a router that has no access rule, neither its own nor the router's."""
    if any(isinstance(dependency.dependency, Access) for dependency in router.dependencies):
        return
    silent = [route for route in router.routes if not (isinstance(route, APIRoute) and _rules(route.dependant))]
    for route in tuple(silent):
        inner = getattr(route, "original_router", None)
        if isinstance(inner, APIRouter):
            require_rules(inner)
            silent.remove(route)
    if silent:
        names = ", ".join(getattr(route, "path", repr(route)) for route in silent)
        raise Misuse(f"routes without an access rule: {names}")


def _rules(dependant: Dependant) -> bool:
    return isinstance(dependant.call, Access) or any(map(_rules, dependant.dependencies))
