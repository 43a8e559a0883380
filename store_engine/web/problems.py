"""Every refusal as a problem document (RFC 9457), which names the thing and the limit.

Nothing that was sent is repeated: it may be a secret.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from store_engine.errors import EffectError, RecordsError, RequestError, UnreachableError

CONTENT_TYPE = "application/problem+json"
AGAIN_S = "5"  # when what failed here may work (guess: a database that restarts)

PROBLEM_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "string"}},
    },
}

_log = structlog.get_logger(__name__)


class ProblemError(Exception):
    """Ends a request with a refusal."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})


def not_found(what: str) -> ProblemError:
    """Return the refusal for what is not there, or not for whoever asks: they look the same."""
    return ProblemError(404, f"{what}: not found")


def document(
    status: int,
    detail: str,
    *,
    errors: Sequence[str] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return a problem document."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = list(errors)
    return JSONResponse(body, status, headers=dict(headers or {}), media_type=CONTENT_TYPE)


def answer_with_problems(app: FastAPI) -> None:
    """Have every error of `app` answered by a problem document."""
    app.add_exception_handler(ProblemError, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestError, _request)
    app.add_exception_handler(RecordsError, _records)
    app.add_exception_handler(UnreachableError, _records)
    app.add_exception_handler(EffectError, _request)
    app.add_exception_handler(Exception, _broken)


async def _problem(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ProblemError)  # noqa: S101 - it is registered for this type
    return document(error.status, error.detail, errors=error.errors, headers=error.headers)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    errors = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
    return document(422, f"{len(errors)} mistakes in the request", errors=errors)


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    return document(error.status_code, str(error.detail), headers=error.headers)


async def _request(_request: Request, error: Exception) -> JSONResponse:
    return document(409, str(error))


async def _records(_request: Request, error: Exception) -> JSONResponse:
    _log.warning("a request could not be answered", error=str(error))
    return document(503, "not possible right now; ask again", headers={"Retry-After": AGAIN_S})


async def _broken(_request: Request, error: Exception) -> JSONResponse:
    _log.error("a request broke something", exc_info=error)
    return document(500, "this is our mistake, and was noted")
