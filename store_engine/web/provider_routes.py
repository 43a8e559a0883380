"""`/v1/providers/...`: what a payment provider says of its own accord.

A signature stands in for a token. Whatever cannot be taken in now is answered by 503, whereupon
the provider sends it again; what is genuine and concerns nobody here is taken, and forgotten.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response

from store_engine.web.access import Behind, Guard
from store_engine.web.problems import ProblemError, not_found

STRIPE = "provider stripe"  # who it was, for the audit log

router = APIRouter(prefix="/v1/providers", include_in_schema=False)


async def _body(request: Request) -> bytes:
    return await request.body()


@router.post("/stripe/notices")
def stripe_notices(
    request: Request,
    body: Annotated[bytes, Depends(_body)],
    doors: Behind,
    stripe_signature: Annotated[str, Header()] = "",
) -> Response:
    """Take in one of Stripe's webhooks, however often it comes."""
    if doors.stripe is None:
        raise not_found("provider")
    refused = doors.stripe.take(body, stripe_signature)
    if refused is not None:
        guard: Guard = request.app.state.guard
        guard.forged(request)
        raise ProblemError(400, refused.reason)
    request.scope["state"]["who"] = STRIPE
    return Response(status_code=204)
