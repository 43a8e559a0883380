"""The connectors that a retailer's back end calls, as Just Walk Out serves them.

Every path is POST /v1/... with JSON. Refusals are `{"errorMsg": ...}`; the published error names
stand at the beginning of the message, and in the header that AWS's clients read (inferred).
"""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
import structlog
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from store_engine.errors import RecordsError, RequestError, UnreachableError
from store_engine.office.trips import RefundWanted, SettlementNews, Trips, UnknownTripError
from store_engine.ports.trips import major_units
from store_engine.web.jwo_bodies import (
    Body,
    Cancel,
    Cart,
    Charge,
    PaymentStatus,
    Refund,
    read,
)
from store_engine.web.jwo_signatures import Callers, Incoming, NotAllowedError
from store_engine.web.limits import Buckets
from store_engine.web.problems import ProblemError

PER_CALLER_S, CALLER_BURST = 50.0, 200.0  # requests (guess: five for each of ten exits a second)
BAD_REQUEST, UNKNOWN_TRIP = "BadRequestException", "UnknownShoppingTrip"

AnyBody = TypeVar("AnyBody", bound=Body)

_encode = msgspec.json.Encoder(decimal_format="number").encode
_log = structlog.get_logger(__name__)


class _Connectors:
    """Reads bodies, asks the office, words its answers."""

    def __init__(self, trips: Trips, *, exponent: int) -> None:
        self._trips = trips
        self._exponent = exponent

    def take_cart(self, cart: Cart) -> Response:
        order = self._trips.take_cart(cart.store_id, cart.priced)
        return JSONResponse({"orderId": order}, 201)

    def adjust(self, charge: Charge) -> Response:
        answer = self._trips.adjust(charge.store_id, charge.shopping_trip_id, charge.amount.money)
        held = major_units(answer.authorised, self._exponent)
        said = {
            "status": answer.status,
            "authorizedAmount": {"amount": held, "code": charge.amount.code},
        }
        return Response(_encode(said), media_type="application/json")

    def cancel(self, cancel: Cancel) -> Response:
        self._trips.cancel(cancel.store_id, cancel.shopping_trip_id)
        return Response()

    def capture(self, charge: Charge) -> Response:
        self._trips.capture(charge.store_id, charge.shopping_trip_id, charge.amount.money)
        return Response()

    def refund(self, refund: Refund) -> Response:
        wanted = RefundWanted(
            refund.store_id,
            refund.shopping_trip_id,
            refund.refund_request_id,
            refund.amount.money,
            refund.refund_reason_code,
        )
        return JSONResponse({"reconciliationId": self._trips.refund(wanted)})

    def note_settlement(self, status: PaymentStatus) -> Response:
        news = SettlementNews(
            status.store_id,
            status.shopping_trip_id,
            status.total_amount.money,
            status.settled_amount.money,
        )
        taken = self._trips.note_settlement(news)
        return JSONResponse({"status": "Accepted" if taken else "Rejected"})


def jwo_router(
    trips: Trips, *, callers: Callers, exponent: int, rates: Buckets | None = None
) -> APIRouter:
    """Return the routes of one store's connectors.

    Args:
        trips: the office behind them.
        callers: who may call.
        exponent: digits after the point of the store's currency.
        rates: how often each caller may; left out: as above.
    """
    router = APIRouter()
    connectors = _Connectors(trips, exponent=exponent)
    buckets = rates or Buckets(per_s=PER_CALLER_S, burst=CALLER_BURST)

    def serve(path: str, kind: type[AnyBody], act: Callable[[AnyBody], Response]) -> None:
        unknown = f"{UNKNOWN_TRIP}Exception" if kind is Cart else UNKNOWN_TRIP

        async def answer(request: Request) -> Response:
            incoming = Incoming(
                request.method,
                request.url.path,
                request.url.query,
                request.headers,
                await request.body(),
            )
            return await run_in_threadpool(allowed, request, incoming)

        def allowed(request: Request, incoming: Incoming) -> Response:
            try:
                request.state.who = f"retailer {callers.caller(incoming)}"
                buckets.take(request.state.who)
                return act(read(kind, incoming.body))
            except Exception as error:  # every one has a status of its own
                return _refusal(error, path=path, unknown=unknown)

        router.add_api_route(
            f"/v1/{path}", answer, methods=["POST"], include_in_schema=False, name=path
        )

    serve("checkout/carts", Cart, connectors.take_cart)
    serve("adjust/charge", Charge, connectors.adjust)
    serve("cancel/charge", Cancel, connectors.cancel)
    serve("capture/charge", Charge, connectors.capture)
    serve("refund", Refund, connectors.refund)
    serve("feedback/payment-status", PaymentStatus, connectors.note_settlement)
    return router


def _refusal(error: Exception, *, path: str, unknown: str) -> Response:
    match error:
        case NotAllowedError():
            return _answer(403, "AccessDeniedException", "not signed by anybody we know")
        case ProblemError():
            return _answer(error.status, "TooManyRequestsException", error.detail, error.headers)
        case UnknownTripError():
            return _answer(400, unknown, str(error))
        case RequestError():
            return _answer(400, BAD_REQUEST, str(error))
        case RecordsError() | UnreachableError():
            _log.warning("a connector could not be served", path=path, error=str(error))
            return _answer(503, "ServiceUnavailableException", "ask again")
        case _:
            _log.error("a connector broke something", path=path, error=repr(error))
            return _answer(500, "InternalServerException", "this is our mistake, and was noted")


def _answer(
    status: int, name: str, message: str, headers: dict[str, Any] | None = None
) -> JSONResponse:
    said = {"x-amzn-ErrorType": name, **(headers or {})}
    return JSONResponse({"errorMsg": f"{name}: {message}"}, status, headers=said)
