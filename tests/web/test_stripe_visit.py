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
from store_engine.app_web import open_web_office
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

    def at_stripe(self, what):
        """What Stripe has of a kind, as it tells whoever asks."""
        answer = httpx.get(f"{self.stripe_url}/v1/{what}", auth=(KEY, ""))
        return answer.json()["data"]

    def heard(self):
        """What came of the notices that came in, oldest first."""
        entries = SqlAudit(self.web.database).entries()
        return [(one.who, one.outcome) for one in entries[::-1] if one.what == f"POST {PATH}"]

    def post(self, body):
        return httpx.post(self.url, content=body, headers=signature(body, sent_us=now_us()))


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


def test_a_visit_is_authorised_captured_and_refunded_and_stripe_is_heard(shop):
    party = shop.come_in("ada", card="pm_card_visa").account
    (intent,) = shop.at_stripe("payment_intents")
    assert (intent["status"], intent["amount"]) == ("requires_capture", 2_000)

    currency = shop.till.payment(party).currency
    charged = shop.till.charge(key="c1", account=party, amount=1_300, currency=currency)
    assert (charged.outcome, charged.ref) == ("charged", intent["id"])
    (intent,) = shop.at_stripe("payment_intents")
    assert (intent["status"], intent["amount_received"]) == ("succeeded", 1_300)

    shop.till.refund(party, refund="r1", amount=300, reason="not taken")
    assert [one["amount"] for one in shop.at_stripe("refunds")] == [300]
    until(lambda: ("provider stripe", 204) in shop.heard())

    lost = dispute(intent["id"], 1_000, kind="closed", status="lost")
    assert [shop.post(lost).status_code for _ in range(2)] == [204, 204]
    payment = shop.till.payment(party)
    assert (payment.state, payment.charged_back) == ("charged back", 1_000)
    assert {outcome for _, outcome in shop.heard()} <= {0, 204}  # 0: being answered


def test_a_declined_card_stays_outside_and_stripe_says_so_too(shop):
    before = len(shop.heard())
    admission = shop.come_in("bob", card="pm_card_chargeCustomerFail")
    assert (admission.accepted, admission.reason) == (False, "card declined")
    until(lambda: ("provider stripe", 204) in shop.heard()[before:])
