"""Becoming a user and ceasing to be one."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.server.access import Access, Reader, identify, server_of
from gamekeeper.server.auth.accounts import Grant
from gamekeeper.server.auth.cookies import REFRESH_COOKIE, clear_cookies, set_cookies
from gamekeeper.server.auth.identity import Identity
from gamekeeper.server.auth.tokens import unauthenticated
from gamekeeper.server.http.schema import (
    Delivered,
    GrantAnswer,
    GuestBody,
    LoginBody,
    MeAnswer,
    RefreshBody,
    RegisterBody,
    StatusAnswer,
    UserAnswer,
)

router = APIRouter(prefix="/auth", tags=["auth"])

Newcomer = Annotated[Identity | None, Depends(Access("anyone", "guest"))]
Candidate = Annotated[Identity | None, Depends(Access("anyone", "login"))]
Holder = Annotated[Identity | None, Depends(Access("anyone", "write"))]


@router.post("/guest", response_model_exclude_none=True)
async def become_guest(request: Request, response: Response, body: GuestBody, _: Newcomer) -> GrantAnswer:
    """Become a guest of a name: nothing else is needed to play where the application lets guests in."""
    server = server_of(request)
    if not server.settings.guests:
        raise Rejected(ErrorCode.FORBIDDEN, "this server takes no guests; sign in")
    return _hand_out(request, response, await server.accounts.guest(body.name), body)


@router.post("/register", status_code=201, response_model_exclude_none=True)
async def register(request: Request, response: Response, body: RegisterBody, who: Candidate) -> GrantAnswer:
    """Open an account. A guest who does keeps id and seats."""
    server = server_of(request)
    if not server.settings.registration:
        raise Rejected(ErrorCode.FORBIDDEN, "accounts are given out by the administrator")
    guest = who if who is not None and who.kind == "guest" else None
    grant = await server.accounts.register(body.username, body.password, body.name, guest)
    return _hand_out(request, response, grant, body)


@router.post("/login", response_model_exclude_none=True)
async def login(request: Request, response: Response, body: LoginBody, _: Candidate) -> GrantAnswer:
    """Sign in to an account."""
    server = server_of(request)
    await server.limits.take("login", f"account {body.username.strip().lower()}")
    return _hand_out(request, response, await server.accounts.login(body.username, body.password), body)


@router.post("/refresh", response_model_exclude_none=True)
async def refresh(request: Request, response: Response, _: Holder, body: RefreshBody | None = None) -> GrantAnswer:
    """Exchange the refresh token (cookie, or in the body) for a new pair. Each one works once."""
    given = body.refresh_token if body else None
    token = given or request.cookies.get(REFRESH_COOKIE)
    if not token:
        raise unauthenticated("there is no login to go on with")
    grant = await server_of(request).accounts.refresh(token)
    return _hand_out(request, response, grant, Delivered(delivery="body" if given else "cookie"))


@router.post("/logout")
async def logout(request: Request, response: Response, who: Holder) -> StatusAnswer:
    """End this login; its sockets close. Harmless when there is none."""
    if who is not None:
        await server_of(request).accounts.logout(who)
    clear_cookies(request, response)
    return StatusAnswer(status="signed out")


@router.get("/me")
async def me(request: Request, who: Reader) -> MeAnswer:
    """Who the credential speaks for."""
    left_s = who.expires_at - server_of(request).now() if who.expires_at else None
    return MeAnswer(user=user_answer(identify(request) or who), expires_in_s=left_s)


def user_answer(identity: Identity) -> UserAnswer:
    return UserAnswer(id=identity.user, name=identity.name, kind=identity.kind, roles=sorted(identity.roles))


def _hand_out(request: Request, response: Response, grant: Grant, how: Delivered) -> GrantAnswer:
    user = grant.user
    answer = GrantAnswer(
        access_token=grant.access_token,
        expires_in_s=grant.expires_in_s,
        user=UserAnswer(id=user.id, name=user.name, kind=user.kind, roles=sorted(user.roles)),
    )
    response.headers["Cache-Control"] = "no-store"
    if how.delivery == "body":
        answer.refresh_token = grant.refresh_token
    else:
        set_cookies(request, response, grant, server_of(request).settings.refresh_token_s)
    return answer
