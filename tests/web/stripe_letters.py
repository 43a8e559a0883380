"""Webhooks as Stripe sends and signs them (docs.stripe.com/webhooks/signature)."""

import hashlib
import hmac
import json

SECRET = "whsec_door"


def event(kind, name="evt_1", **fields):
    """The body of a webhook about something with these fields."""
    told = {"id": name, "object": "event", "type": kind, "created": 1, "data": {"object": fields}}
    return json.dumps(told).encode()


def dispute(payment_intent, amount, *, kind="created", status="needs_response"):
    """The body of a webhook about a dispute of a charge."""
    return event(
        f"charge.dispute.{kind}",
        f"evt_{kind}",
        id="dp_1",
        payment_intent=payment_intent,
        amount=amount,
        status=status,
        reason="unrecognized",
    )


def signature(body, *, sent_us, secret=SECRET):
    """The header that goes with it."""
    sent_s = sent_us // 1_000_000
    right = hmac.new(secret.encode(), f"{sent_s}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={sent_s},v1={right}"}
