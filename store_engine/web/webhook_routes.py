"""`/v1/webhooks` and `/v1/audit`: who is told, and who did what. For tokens of all stores."""

import base64
import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field

from store_engine.errors import ConfigError
from store_engine.office.cloud_events import ALL_TYPES
from store_engine.office.webhooks import SECRET_BYTES_MIN, SECRET_PREFIX, check_types
from store_engine.ports.api import AuditEntry
from store_engine.ports.webhooks import Subscription
from store_engine.web.access import Behind, Name, needs_everywhere
from store_engine.web.problems import ProblemError, not_found
from store_engine.web.words import Page, SubscriptionSaid, Words, says

BIGGEST = 2**53

TELLS = [Depends(needs_everywhere("webhooks:write"))]
AUDITS = [Depends(needs_everywhere("audit:read"))]

router = APIRouter(prefix="/v1", tags=["back end"])


class SubscriptionBody(BaseModel):
    """Who wants to hear what."""

    model_config = ConfigDict(extra="forbid")

    url: AnyHttpUrl
    types: Annotated[list[Name], Field(max_length=len(ALL_TYPES))] = []  # empty: all


@router.get(
    "/webhooks", responses=says(Page[SubscriptionSaid]), response_class=Words, dependencies=TELLS
)
def webhooks(doors: Behind) -> Response:
    """List who is told."""
    return Words(Page(items=[_said(one) for one in doors.subscriptions.subscriptions()]))


@router.put(
    "/webhooks/{subscription}",
    responses=says(SubscriptionSaid),
    response_class=Words,
    dependencies=TELLS,
)
def put_webhook(subscription: Name, body: SubscriptionBody, doors: Behind) -> Response:
    """Tell a back end what happens; the answer to the first one holds its secret, once."""
    try:
        check_types(body.types, ALL_TYPES)
    except ConfigError as error:
        raise ProblemError(422, str(error)) from error
    known = _known(doors.subscriptions.subscriptions(), subscription)
    one = Subscription(
        subscription=subscription,
        url=str(body.url),
        secret=known.secret if known else _secret(),
        types=tuple(body.types),
    )
    doors.subscriptions.subscribe(one)
    return Words(_said(one, secret=None if known else one.secret))


@router.delete(
    "/webhooks/{subscription}",
    responses=says(SubscriptionSaid),
    response_class=Words,
    dependencies=TELLS,
)
def delete_webhook(subscription: Name, doors: Behind) -> Response:
    """Tell a back end nothing more."""
    known = _known(doors.subscriptions.subscriptions(), subscription)
    if known is None:
        raise not_found("subscription")
    doors.subscriptions.cancel(subscription)
    return Words(_said(known))


@router.get(
    "/audit",
    responses=says(Page[AuditEntry]),
    response_class=Words,
    dependencies=AUDITS,
    tags=["audit"],
)
def audit(
    doors: Behind,
    before: Annotated[int | None, Query(ge=0, le=BIGGEST)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Response:
    """List who did what, newest first."""
    return Words(Page(items=doors.audit.entries(before=before, limit=limit)))


def _known(subscriptions: list[Subscription], name: str) -> Subscription | None:
    return next((one for one in subscriptions if one.subscription == name), None)


def _secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES_MIN)).decode()


def _said(one: Subscription, *, secret: str | None = None) -> SubscriptionSaid:
    return SubscriptionSaid(
        subscription=one.subscription, url=one.url, types=list(one.types), secret=secret
    )
