"""What Stripe says of its own accord: signed webhooks -> notices (port `NoticeReader`).

The signature is checked here and not by the SDK, which asks the clock by itself. The scheme is
described in docs.stripe.com/webhooks/signature: HMAC-SHA256 over "<t>.<body>".
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from store_engine.adapters.stripe_errors import in_words
from store_engine.ports.office import NoticeKind, ProviderNotice, RefusedNotice
from store_engine.units import US_PER_S

TOLERANCE_S = 300  # datasheet: what Stripe's own libraries allow
BODY_MAX = 1_000_000  # bytes; guess: Stripe's events are tens of kB at most

Fields: TypeAlias = Mapping[str, Any]


class _Data(msgspec.Struct):
    object: dict[str, Any]
    previous_attributes: dict[str, Any] = {}


class _StripeEvent(msgspec.Struct):
    id: str
    type: str
    created: int  # seconds since the Unix epoch
    data: _Data


_decode = msgspec.json.Decoder(_StripeEvent).decode


class StripeWebhooks:
    """Reads the webhooks of one endpoint; an endpoint has two secrets while one is replaced."""

    def __init__(self, secrets: Sequence[str]) -> None:
        """`secrets` are those of the endpoint, "whsec_..."; at least one."""
        if not secrets or not all(secrets):
            raise ValueError("a webhook endpoint without a secret would believe anybody")
        self._secrets = [secret.encode() for secret in secrets]

    def read(
        self, body: bytes, signature: str, *, now_us: int
    ) -> ProviderNotice | RefusedNotice | None:
        """Return the notice in a request with this `Stripe-Signature` header.

        None: a genuine event of a kind that concerns nobody here.
        """
        if len(body) > BODY_MAX:
            return RefusedNotice(f"body of {len(body)} bytes, {BODY_MAX} allowed")
        refused = self._check(body, signature, now_us // US_PER_S)
        if refused is not None:
            return refused
        try:
            return _notice(_decode(body))
        except (msgspec.MsgspecError, AttributeError, KeyError, TypeError) as error:
            return RefusedNotice(f"not an event as Stripe sends them: {error}")

    def _check(self, body: bytes, signature: str, now_s: int) -> RefusedNotice | None:
        parts = [part.partition("=") for part in signature.split(",")]
        stamps = [value for name, _, value in parts if name.strip() == "t"]
        given = [value for name, _, value in parts if name.strip() == "v1"]
        if len(stamps) != 1 or not (stamps[0].isascii() and stamps[0].isdigit()) or not given:
            return RefusedNotice("the signature header has no time or no v1 signature")
        signed = stamps[0].encode() + b"." + body
        right = [hmac.new(secret, signed, hashlib.sha256).hexdigest() for secret in self._secrets]
        if not any(_same(one, other) for one in right for other in given):
            return RefusedNotice("the signature is not ours")
        age_s = now_s - int(stamps[0])
        if abs(age_s) > TOLERANCE_S:
            return RefusedNotice(f"signed {age_s} s ago, {TOLERANCE_S} s allowed")
        return None


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _notice(event: _StripeEvent) -> ProviderNotice | None:
    if event.type not in _READ:
        return None
    kind, read = _READ[event.type]
    fields = read(event.data.object, event.data.previous_attributes)
    if fields["ref"] is None:  # no PaymentIntent: a charge that somebody else made
        return None
    told = {"notice": event.id, "kind": kind, "time_us": event.created * US_PER_S, **fields}
    return msgspec.convert(told, ProviderNotice)


def _of_intent(mark: str, amount: str) -> Callable[[Fields, Fields], Fields]:
    """Read a PaymentIntent: its `amount` field, and the key under `mark` in its metadata."""

    def fields(intent: Fields, _before: Fields) -> Fields:
        error = intent.get("last_payment_error") or {}
        return {
            "ref": intent["id"],
            "operation": (intent.get("metadata") or {}).get(mark, ""),
            "amount": intent[amount],
            "reason": in_words(error.get("decline_code") or error.get("code")) if error else "",
        }

    return fields


def _of_charge(charge: Fields, before: Fields) -> Fields:
    given_back = charge["amount_refunded"] - before.get("amount_refunded", 0)
    return {"ref": charge["payment_intent"], "amount": given_back}


def _of_refund(refund: Fields, _before: Fields) -> Fields:
    return {
        "ref": refund["payment_intent"],
        "operation": (refund.get("metadata") or {}).get("refund", ""),
        "amount": refund["amount"],
        "reason": in_words(refund.get("failure_reason") or "refund_failed"),
    }


def _of_dispute(dispute: Fields, _before: Fields) -> Fields:
    return {
        "ref": dispute["payment_intent"],
        "amount": dispute["amount"],
        "dispute": dispute["id"],
        "won": dispute["status"] in ("won", "warning_closed"),
        "reason": dispute.get("reason") or "",
    }


_READ: Mapping[str, tuple[NoticeKind, Callable[[Fields, Fields], Fields]]] = {
    "payment_intent.amount_capturable_updated": ("held", _of_intent("authorise", "amount")),
    "payment_intent.succeeded": ("captured", _of_intent("capture", "amount_received")),
    "payment_intent.canceled": ("released", _of_intent("release", "amount")),
    "payment_intent.payment_failed": ("declined", _of_intent("authorise", "amount")),
    "charge.refunded": ("refunded", _of_charge),
    "refund.failed": ("refund_failed", _of_refund),
    "charge.dispute.created": ("dispute_opened", _of_dispute),
    "charge.dispute.closed": ("dispute_closed", _of_dispute),
}
