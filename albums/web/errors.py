"""Every error leaves in one shape: {"error": {code, what, why, hint, facts}}."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from albums.errors import AlbumsError
from albums.vault.durable import disk_trouble
from albums.web.guard import SECURITY_HEADERS

log = logging.getLogger(__name__)


class ErrorFacts(BaseModel):
    """What went wrong, for people and for programs."""

    code: str = Field(description="short name of the kind of error")
    what: str = Field(description="what went wrong, one sentence")
    why: str = Field(description="why, where known")
    hint: str = Field(description="what to do about it")
    facts: dict[str, Any] = Field(description="details for programs")


class ErrorAnswer(BaseModel):
    """The one shape of every error."""

    error: ErrorFacts

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "error": {
                        "code": "not-found",
                        "what": "There is no asset '9c4a83' in this library",
                        "why": "",
                        "hint": "",
                        "facts": {},
                    }
                }
            ]
        }
    }


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI's word on which errors an endpoint may answer with."""
    return {
        status: {"model": ErrorAnswer, "description": HTTPStatus(status).phrase}
        for status in statuses
    }


def error_response(
    status: int, code: str, what: str, why: str = "", hint: str = "", **facts: object
) -> JSONResponse:
    body = {"code": code, "what": what, "why": why, "hint": hint, "facts": facts}
    return JSONResponse({"error": body}, status)


def add_error_handlers(app: FastAPI) -> None:
    app.add_exception_handler(AlbumsError, _albums_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(OverflowError, _too_big)
    app.add_exception_handler(OSError, _disk)
    app.add_exception_handler(Exception, _unexpected)


def _albums_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AlbumsError)
    return said_plainly(error)


def said_plainly(error: AlbumsError) -> JSONResponse:
    """The answer to a request that failed with it."""
    facts = {key: value for key, value in error.facts.items() if _plain(value)}
    response = error_response(error.status, error.code, error.what, error.why, error.hint, **facts)
    if isinstance(retry_after := error.facts.get("retry_after"), int):
        response.headers["retry-after"] = str(retry_after)
    return response


def _plain(value: object) -> bool:
    return isinstance(value, str | int | float | bool | None | list | dict)


def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    wrong = [
        {"where": ".".join(str(step) for step in e["loc"]), "what": str(e["msg"])}
        for e in error.errors()
    ]
    first = wrong[0]
    what = f"{first['where']}: {first['what']}"
    return error_response(422, "bad-input", what, hint="See /api/v1/openapi.json", wrong=wrong)


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    code = phrase.lower().replace(" ", "-")
    why = f"{request.method} {request.url.path}"
    response = error_response(error.status_code, code, phrase, why)
    response.headers.update(error.headers or {})
    return response


def _too_big(request: Request, error: Exception) -> JSONResponse:
    """SQLite counts to 2^63; nothing in a library has so large a number."""
    return error_response(422, "bad-input", "A number in this request is too large", str(error))


def _disk(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, OSError)
    trouble = disk_trouble(error, "this")
    return said_plainly(trouble) if trouble else _unexpected(request, error)


def _gone(request: Request, error: Exception) -> JSONResponse:
    """Nobody reads this answer: the client hung up."""
    return error_response(400, "cut-off", "The request ended before it was complete")


def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("%s %s", request.method, request.url.path, exc_info=error)
    response = error_response(
        500,
        "error",
        "Something went wrong inside the box",
        hint="The box's log says what; the request can be tried again",
    )
    response.headers.update(SECURITY_HEADERS)
    return response
