"""Errors on their way out: every path ends in one of `ErrorCode`, as `{"error": {"code", "message", ...}}`."""

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.log.database import DatabaseError

log = logging.getLogger("gamekeeper.http")

STATUS = {
    ErrorCode.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    ErrorCode.FORBIDDEN: HTTPStatus.FORBIDDEN,
    ErrorCode.NOT_HOST: HTTPStatus.FORBIDDEN,
    ErrorCode.NOT_FOUND: HTTPStatus.NOT_FOUND,
    ErrorCode.UNKNOWN_ROOM: HTTPStatus.NOT_FOUND,
    ErrorCode.UNKNOWN_APP: HTTPStatus.NOT_FOUND,
    ErrorCode.UNKNOWN_CODE: HTTPStatus.NOT_FOUND,
    ErrorCode.UNKNOWN_COMMAND: HTTPStatus.BAD_REQUEST,
    ErrorCode.UNKNOWN_FIELD: HTTPStatus.BAD_REQUEST,
    ErrorCode.BAD_FRAME: HTTPStatus.BAD_REQUEST,
    ErrorCode.BAD_COMMAND: HTTPStatus.BAD_REQUEST,
    ErrorCode.BAD_NAME: HTTPStatus.BAD_REQUEST,
    ErrorCode.BAD_REQUEST: HTTPStatus.BAD_REQUEST,
    ErrorCode.CONFLICT: HTTPStatus.CONFLICT,
    ErrorCode.RATE_LIMITED: HTTPStatus.TOO_MANY_REQUESTS,
    ErrorCode.CAPACITY: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ErrorCode.STALE_COMMAND: HTTPStatus.CONFLICT,
    ErrorCode.ROOM_CLOSED: HTTPStatus.GONE,
    ErrorCode.DRAINING: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.DATABASE_ERROR: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.INVARIANT: HTTPStatus.INTERNAL_SERVER_ERROR,
    ErrorCode.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""The status of each code. A game's own codes are conflicts with its rules: 409."""


def body(rejected: Rejected) -> dict[str, Any]:
    """The JSON of an error; keys without a value are left out."""
    told = {"code": rejected.code, "message": rejected.message, "field": rejected.field}
    error: dict[str, Any] = {name: value for name, value in told.items() if value is not None}
    if rejected.retry_after_s is not None:
        error["retry_after_s"] = rejected.retry_after_s
    return {"error": error}


def answer(rejected: Rejected, status: int | None = None) -> JSONResponse:
    """The response that tells of it."""
    known = {code.value: found for code, found in STATUS.items()}
    headers = {"Cache-Control": "no-store"}
    if rejected.retry_after_s is not None:
        headers["Retry-After"] = str(max(1, round(rejected.retry_after_s)))
    if rejected.code == ErrorCode.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(body(rejected), status or known.get(rejected.code, HTTPStatus.CONFLICT), headers)


def install(app: FastAPI) -> None:
    """Every kind of exception a route may end in."""

    @app.exception_handler(Rejected)
    async def refused(request: Request, error: Rejected) -> JSONResponse:
        return answer(error)

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"][1:]) or None
        unknown = first["type"] == "extra_forbidden"
        code = ErrorCode.UNKNOWN_FIELD if unknown else ErrorCode.BAD_REQUEST
        return answer(Rejected(code, str(first["msg"]), field=field))

    @app.exception_handler(HTTPException)
    async def refused_by_framework(request: Request, error: HTTPException) -> JSONResponse:
        codes = {HTTPStatus.NOT_FOUND: ErrorCode.NOT_FOUND, HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ErrorCode.TOO_LARGE}
        code = codes.get(HTTPStatus(error.status_code), ErrorCode.BAD_REQUEST)
        return answer(Rejected(code, str(error.detail).lower()), error.status_code)

    @app.exception_handler(DatabaseError)
    async def database_failed(request: Request, error: DatabaseError) -> JSONResponse:
        log.error("database error", exc_info=error)
        return answer(Rejected(ErrorCode.DATABASE_ERROR, "the database did not answer", retry_after_s=5.0))

    @app.exception_handler(Exception)
    async def fault(request: Request, error: Exception) -> JSONResponse:
        """The one boundary. It says nothing: the server logs the exception once, with the request's ids."""
        return answer(Rejected(ErrorCode.INTERNAL, "the server could not carry this out"))
