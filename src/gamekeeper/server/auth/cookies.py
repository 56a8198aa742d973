"""Credentials as cookies: no script can read them, and no other site's form sends them."""

from fastapi import Request, Response

from gamekeeper.server.auth.accounts import Grant

ACCESS_COOKIE = "gamekeeper_access"
REFRESH_COOKIE = "gamekeeper_refresh"
REFRESH_PATH = "/auth"


def set_cookies(request: Request, response: Response, grant: Grant, refresh_life_s: float) -> None:
    """Hand a grant out as cookies: `Secure` wherever the request came over HTTPS."""
    secure = request.url.scheme == "https"
    response.set_cookie(
        ACCESS_COOKIE, grant.access_token, int(grant.expires_in_s), httponly=True, samesite="lax", secure=secure
    )
    response.set_cookie(
        REFRESH_COOKIE,
        grant.refresh_token,
        int(refresh_life_s),
        path=REFRESH_PATH,
        httponly=True,
        samesite="lax",
        secure=secure,
    )


def clear_cookies(request: Request, response: Response) -> None:
    secure = request.url.scheme == "https"
    response.delete_cookie(ACCESS_COOKIE, httponly=True, samesite="lax", secure=secure)
    response.delete_cookie(REFRESH_COOKIE, path=REFRESH_PATH, httponly=True, samesite="lax", secure=secure)
