"""A visit that Stripe pays for, from the gate to its webhooks: localstripe, and real HTTP."""

import contextlib
import threading
import time
import urllib.request
from pathlib import Path

import httpx
import pytest
import uvicorn

from store_engine.adapters.database.api import SqlAudit
from store_engine.app.web import open_web_office
from store_engine.settings import Settings
from tests.web.stripe_letters import SECRET, dispute, signature

stripe = pytest.importorskip("stripe", reason="needs the extra stripe")
from tests.local_stripe import Abridging, free_port, local_stripe  # noqa: E402 - an extra

PATH = "/v1/providers/stripe/notices"
KEY = "sk_test_local"
NANOSTORE = Path(__file__).parents[2] / "configs" / "nanostore"
WAIT_S = 20.0  # for a webhook, on a busy machine


class Shop:
    """An office on `payments = "stripe"`, and the Stripe behind it."""

    def __init__(self, folder, stripe_url):
        account = {"key": KEY, "webhook_secrets": [SECRET], "url": stripe_url}
        settings = Settings(store=NANOSTORE, data=folder, payments="stripe", stripe=account)
        self.web = open_web_office(settings)
        self.till = self.web.office.till
        self.stripe_url = stripe_url
        self.url = ""

    @contextlib.contextmanager
    def open(self):
        """Answer HTTP, and have Stripe write."""
        port = free_port()
        self.url = f"http://127.0.0.1:{port}{PATH}"
        config = uvicorn.Config(self.web.application, port=port, lifespan="off", log_level="error")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            until(lambda: server.started)
            form = f"url={self.url}&secret={SECRET}".encode()
            urllib.request.urlopen(f"{self.stripe_url}/_config/webhooks/door", form, 10).close()
            yield self
        finally:
            server.should_exit = True
            thread.join()
            self.web.database.close()

    def come_in(self, name, *, card):
        """Show a phone at the gate; return what the desk says, and the entry."""
        front = self.web.office.front
        front.registry.add(name, credentials=[f"{name}'s phone"], methods=[card])
        handle = front.vault.take(f"{name}'s phone")
        entry = f"nanostore/door-{name}.0.1/entry_requested"
        return self.web.office.desk.admit(handle, time_us=now_us(), entry=entry)

    def at_stripe(self, intent):
        """What Stripe says about a PaymentIntent."""
        url = f"{self.stripe_url}/v1/payment_intents/{intent}"
        return httpx.get(url, auth=(KEY, "")).json()

    def heard(self):
        """What came of the notices that came in, oldest first."""
        entries = SqlAudit(self.web.database).entries()
        return [(one.who, one.outcome) for one in entries[::-1] if one.what == f"POST {PATH}"]

    def post(self, body):
        return httpx.post(self.url, content=body, headers=signature(body, sent_us=now_us()))


def taken(intent):
    """What was captured and not given back; localstripe captures all, and refunds the rest."""
    (charge,) = intent["charges"]["data"]
    return charge["amount"] - charge["amount_refunded"]


def now_us():
    return time.time_ns() // 1_000


def until(so):
    give_up_s = time.monotonic() + WAIT_S
    while not so():
        assert time.monotonic() < give_up_s
        time.sleep(0.02)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    with local_stripe() as url, pytest.MonkeyPatch.context() as patch:
        patch.setattr(stripe, "RequestsClient", Abridging)  # localstripe reads not everything
        with Shop(tmp_path_factory.mktemp("office"), url).open() as shop:
            yield shop


def test_a_visit_is_authorised_captured_refunded_and_charged_back(shop):
    party = shop.come_in("ada", card="pm_card_visa").account
    opened = shop.till.payment(party)
    intent = opened.hold.ref
    held = shop.at_stripe(intent)
    assert (held["status"], held["amount"]) == ("requires_capture", 2_000)

    charged = shop.till.charge(key="c1", account=party, amount=1_300, currency=opened.currency)
    assert charged.outcome == "charged"
    assert taken(shop.at_stripe(intent)) == 1_300

    shop.till.refund(party, refund="r1", amount=300, reason="not taken")
    assert taken(shop.at_stripe(intent)) == 1_000

    lost = dispute(intent, 1_000, kind="closed", status="lost")
    assert [shop.post(lost).status_code for _ in range(2)] == [204, 204]
    payment = shop.till.payment(party)
    assert (payment.state, payment.charged_back) == ("charged back", 1_000)


def test_what_stripe_writes_of_a_decline_is_heard_at_the_door(shop):
    admission = shop.come_in("bob", card="pm_card_chargeCustomerFail")
    assert (admission.accepted, admission.reason) == (False, "card declined")
    until(lambda: shop.heard()[-1:] == [("provider stripe", 204)])
