"""Stripe's webhooks: who is believed, and what is understood.

The events are abridged from docs.stripe.com/api/events/types; the signatures of two tests are made
by Stripe's own SDK and by localstripe.
"""

import json
import queue
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from store_engine.adapters.stripe_provider import StripeProvider
from store_engine.adapters.stripe_webhooks import BODY_MAX, StripeWebhooks
from store_engine.ports.office import ProviderNotice, RefusedNotice
from tests.local_stripe import client, local_stripe

SECRET = "whsec_door"
SENT_S = 1_790_000_000
HOLD = "pi_3MtwBwLkdIwHu7ix28a3tqPa"


def event(kind="payment_intent.canceled", before=None, **fields):
    about = {"id": HOLD, "amount": 5000, "metadata": {}, **fields}
    data = {"object": about} if before is None else {"object": about, "previous_attributes": before}
    told = {"id": "evt_1", "object": "event", "type": kind, "created": SENT_S, "data": data}
    return json.dumps(told).encode()


def signed(body, secret=SECRET, sent_s=SENT_S):
    header = stripe.WebhookSignature.generate_signature_header(body.decode(), secret, sent_s)
    return body, header


def read(body, signature, after_s=0, secrets=(SECRET,)):
    return StripeWebhooks(secrets).read(body, signature, now_us=(SENT_S + after_s) * 1_000_000)


def notice(kind, **fields):
    told = {"notice": "evt_1", "time_us": SENT_S * 1_000_000, "ref": HOLD, **fields}
    return ProviderNotice(kind=kind, **told)


def test_what_stripe_signed_is_believed():
    assert read(*signed(event())) == notice("released", amount=5000)


def test_what_somebody_else_signed_is_refused():
    body, header = signed(event(), secret="whsec_stranger")
    assert read(body, header) == RefusedNotice("the signature is not ours")


def test_a_body_that_was_changed_on_the_way_is_refused():
    body, header = signed(event())
    changed = body.replace(b"5000", b"5001")
    assert read(changed, header) == RefusedNotice("the signature is not ours")


@pytest.mark.parametrize("after_s", [-300, 0, 300])
def test_a_notice_is_believed_for_five_minutes_around_the_time_it_was_signed(after_s):
    assert isinstance(read(*signed(event()), after_s=after_s), ProviderNotice)


@pytest.mark.parametrize("after_s", [-301, 301, 86400])
def test_a_notice_replayed_later_is_refused(after_s):
    refused = read(*signed(event()), after_s=after_s)
    assert refused == RefusedNotice(f"signed {after_s} s ago, 300 s allowed")


def test_the_time_of_the_signature_cannot_be_changed():
    body, header = signed(event())
    later = header.replace(str(SENT_S), str(SENT_S + 3600))
    assert read(body, later, after_s=3600) == RefusedNotice("the signature is not ours")


def test_both_secrets_of_an_endpoint_are_believed_while_one_is_replaced():
    for secret in ("whsec_old", "whsec_new"):
        told = read(*signed(event(), secret=secret), secrets=("whsec_old", "whsec_new"))
        assert isinstance(told, ProviderNotice)


@pytest.mark.parametrize("secrets", [[], [""], ["whsec_door", ""]])
def test_an_endpoint_without_a_secret_is_not_opened(secrets):
    with pytest.raises(ValueError, match="without a secret"):
        StripeWebhooks(secrets)


@pytest.mark.parametrize(
    "header", ["", "t=", "t=1,t=2,v1=00", f"t={SENT_S}", "v1=00", "t=\u0661,v1=00", "t=-1,v1=00"]
)
def test_a_header_without_a_time_or_a_signature_is_refused(header):
    assert read(event(), header) == RefusedNotice(
        "the signature header has no time or no v1 signature"
    )


@given(body=st.binary(max_size=40), header=st.text(max_size=60))
def test_nothing_that_is_not_signed_is_believed_or_breaks_anything(body, header):
    assert isinstance(read(body, header), RefusedNotice)


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"null", b'{"id": "evt_1"}', event(id=7), event(amount="5000"),
     event("charge.refunded"), event("charge.dispute.created", payment_intent=HOLD)],
)  # fmt: skip
def test_a_signed_body_that_is_no_event_is_refused(body):
    refused = read(*signed(body))
    assert isinstance(refused, RefusedNotice)
    assert refused.reason.startswith("not an event as Stripe sends them")


def test_a_body_that_is_too_long_is_refused_unread():
    assert read(b"x" * (BODY_MAX + 1), "") == RefusedNotice(
        "body of 1000001 bytes, 1000000 allowed"
    )


def test_an_event_that_concerns_nobody_here_is_no_notice():
    assert read(*signed(event("customer.created"))) is None


def test_a_refund_of_a_charge_that_is_not_ours_is_no_notice():
    body = event("charge.refunded", id="ch_1", payment_intent=None, amount_refunded=5)
    assert read(*signed(body)) is None


@pytest.mark.parametrize(
    ("body", "understood"),
    [
        (
            event("payment_intent.amount_capturable_updated", metadata={"authorise": "visit/hold"}),
            notice("held", amount=5000, operation="visit/hold"),
        ),
        (
            event(
                "payment_intent.succeeded",
                amount_received=1250,
                metadata={"authorise": "visit/hold", "capture": "visit/capture"},
            ),
            notice("captured", amount=1250, operation="visit/capture"),
        ),
        (
            event("payment_intent.payment_failed", last_payment_error={"code": "expired_card"}),
            notice("declined", amount=5000, reason="card expired"),
        ),
        (
            event(
                "charge.refunded",
                id="ch_1",
                payment_intent=HOLD,
                amount_refunded=700,
                before={"amount_refunded": 500},
            ),
            notice("refunded", amount=200),
        ),
        (
            event(
                "refund.failed",
                id="re_1",
                payment_intent=HOLD,
                amount=200,
                failure_reason="lost_or_stolen_card",
                metadata={"refund": "visit/refund"},
            ),
            notice(
                "refund_failed",
                amount=200,
                operation="visit/refund",
                reason="lost or stolen card",
            ),
        ),
        (
            event(
                "charge.dispute.created",
                id="dp_1",
                payment_intent=HOLD,
                amount=1250,
                status="needs_response",
                reason="unrecognized",
            ),
            notice("dispute_opened", amount=1250, dispute="dp_1", reason="unrecognized"),
        ),
    ],
    ids=lambda value: value.kind if isinstance(value, ProviderNotice) else "",
)
def test_what_stripe_says_is_understood_as_documented(body, understood):
    assert read(*signed(body)) == understood


@pytest.mark.parametrize(("status", "won"), [("won", True), ("lost", False)])
def test_a_dispute_is_closed_in_somebodys_favour_as_documented(status, won):
    body = event("charge.dispute.closed", id="dp_1", payment_intent=HOLD, status=status)
    closed = read(*signed(body))
    assert (closed.kind, closed.dispute, closed.won) == ("dispute_closed", "dp_1", won)


@pytest.fixture
def mailbox():
    """A server of our own that keeps what is posted to it."""
    came = queue.Queue()

    class Postman(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came.put((body, self.headers["Stripe-Signature"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Postman)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", came
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_decline_is_told_by_a_signed_webhook_of_localstripe(mailbox):
    address, came = mailbox
    with local_stripe() as url:
        form = f"url={address}&secret={SECRET}".encode()
        urllib.request.urlopen(f"{url}/_config/webhooks/door", form, timeout=10).close()
        StripeProvider(client(url)).authorise(
            key="visit/hold", method="pm_card_chargeCustomerFail", amount=5000, currency="USD"
        )
        body, signature = came.get(timeout=10)
    told = StripeWebhooks([SECRET]).read(body, signature, now_us=time.time_ns() // 1000)
    assert (told.kind, told.operation, told.amount) == ("declined", "visit/hold", 5000)
