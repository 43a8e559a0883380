"""What localstripe does not show: exchanges written by hand after Stripe's documentation.

NOT verified against Stripe itself: that wants an account. See stripe_stub.py.
"""

import threading

import pytest
import stripe

from store_engine.adapters.stripe_provider import StripeProvider, stripe_client
from store_engine.errors import EffectError, UnreachableError
from store_engine.ports.office import ProviderAnswer
from tests.adapters.stripe_stub import EXCHANGES, stripe_stub

HOLD = "pi_3MtwBwLkdIwHu7ix28a3tqPa"
REFUND = "re_1Nispe2eZvKYlo2Cd31jOCgZ"
CARD = "pm_1MqLiJLkdIwHu7ixUEgbFdYF"


def authorise(url, amount=5000, currency="USD", method=CARD):
    return provider(url).authorise(
        key="visit/hold", method=method, amount=amount, currency=currency
    )


def capture(url):
    return provider(url).capture(key="visit/capture", hold=HOLD, amount=1250)


def adjust(url):
    return provider(url).adjust(key="visit/adjust", hold=HOLD, amount=9000)


def release(url):
    return provider(url).release(key="visit/release", hold=HOLD)


def refund(url):
    return provider(url).refund(key="visit/refund", capture=HOLD, amount=250)


def provider(url):
    return StripeProvider(stripe_client("sk_test_local", url=url))


def test_every_exchange_names_the_page_it_was_written_after():
    assert all(exchange["source"] for exchange in EXCHANGES.values())


def test_a_call_made_again_is_the_same_request_under_the_same_key_as_documented():
    with stripe_stub("hold", "hold") as url:
        assert authorise(url) == authorise(url) == ProviderAnswer("done", 5000, HOLD)


def test_a_key_used_for_another_amount_is_refused_as_documented():
    with (
        stripe_stub("hold, key used for another amount") as url,
        pytest.raises(EffectError, match="visit/hold: Stripe refused: Keys for idempotent"),
    ):
        authorise(url, amount=5001)


def test_the_method_of_a_customer_is_charged_for_that_customer_as_documented():
    with stripe_stub("hold for a customer") as url:
        assert authorise(url, method=f"cus_NffrFeUfNV2Hib/{CARD}").outcome == "done"


@pytest.mark.parametrize(
    ("exchange", "reason"),
    [
        ("hold, insufficient funds", "insufficient funds"),
        ("hold, expired card", "card expired"),
        ("hold, stolen card", "card declined"),
        ("hold, authentication required", "authentication required"),
    ],
)
def test_declines_say_what_may_be_said_as_documented(exchange, reason):
    with stripe_stub(exchange) as url:
        assert authorise(url) == ProviderAnswer("declined", 0, HOLD, reason)


@pytest.mark.parametrize(
    "exchange",
    [
        "hold, answer lost",
        "hold, key in use",
        "hold, too many requests",
        "hold, server error",
        "hold, wrong API key",
    ],
)
def test_what_nobody_knows_is_asked_again_later_and_not_at_once_as_documented(exchange):
    with stripe_stub(exchange) as url, pytest.raises(UnreachableError, match="visit/hold"):
        authorise(url)


def test_a_key_that_stripe_does_not_take_is_not_shown():
    with stripe_stub("hold, wrong API key") as url, pytest.raises(UnreachableError) as away:
        authorise(url)
    assert str(away.value) == "visit/hold: Stripe does not take stripe.key for this"
    assert away.value.__suppress_context__  # a log of the whole story quotes nothing either


def test_a_method_that_does_not_exist_is_refused_as_documented():
    with (
        stripe_stub("hold, no such method") as url,
        pytest.raises(EffectError, match="No such PaymentMethod") as refused,
    ):
        authorise(url)
    assert not isinstance(refused.value, UnreachableError)


def test_nobody_waits_longer_than_the_limit(monkeypatch):
    monkeypatch.setattr("store_engine.adapters.stripe_provider.READ_TIMEOUT_S", 0.05)
    done = threading.Event()
    monkeypatch.setattr("tests.adapters.stripe_stub.Player.play", lambda self: done.wait(5))
    with stripe_stub() as url:
        with pytest.raises(UnreachableError, match="no answer from Stripe"):
            authorise(url)
        done.set()


# ---- currencies --------------------------------------------------------------------------------


def test_yen_have_no_smaller_unit_as_documented():
    with stripe_stub("hold 500 yen") as url:
        assert authorise(url, amount=500, currency="JPY").amount == 500


def test_dinars_go_in_tens_of_fils_as_documented():
    with stripe_stub("hold 5.120 dinars") as url:
        assert authorise(url, amount=5120, currency="KWD").amount == 5120
        with pytest.raises(EffectError, match="5125 KWD: Stripe takes multiples of 10 only"):
            authorise(url, amount=5125, currency="KWD")


@pytest.mark.parametrize("currency", ["ISK", "ugx", "MGA"])
def test_currencies_that_stripe_counts_otherwise_are_refused_before_asking(currency):
    with stripe_stub() as url, pytest.raises(EffectError, match="not supported"):
        authorise(url, currency=currency)


# ---- holds -------------------------------------------------------------------------------------


def test_a_hold_is_raised_where_the_card_allows_it_as_documented():
    with stripe_stub("adjust") as url:
        assert adjust(url) == ProviderAnswer("done", 9000, HOLD)


def test_a_hold_that_cannot_be_raised_is_declined_and_stays_as_documented():
    with stripe_stub("adjust, not available", "look: held") as url:
        answer = adjust(url)
    assert (answer.outcome, answer.amount, answer.ref) == ("declined", 0, HOLD)
    assert "does not support incremental authorization" in answer.reason


def test_a_bank_may_decline_to_raise_a_hold_as_documented():
    with stripe_stub("adjust, declined") as url:
        assert adjust(url) == ProviderAnswer("declined", 0, HOLD, "insufficient funds")


def test_a_hold_that_is_captured_cannot_be_raised_as_documented():
    with stripe_stub("adjust, not available", "look: captured") as url, pytest.raises(EffectError):
        adjust(url)


def test_a_capture_leaves_its_key_and_lets_go_of_the_rest_as_documented():
    with stripe_stub("capture") as url:
        assert capture(url) == ProviderAnswer("done", 1250, HOLD)


@pytest.mark.parametrize(
    "exchanges", [["capture, hold expired", "look: held"], ["capture, cancelled", "look: expired"]]
)
def test_a_capture_after_the_hold_expired_is_declined_as_documented(exchanges):
    with stripe_stub(*exchanges) as url:
        assert capture(url) == ProviderAnswer("declined", 0, HOLD, "hold expired")


@pytest.mark.parametrize(
    "exchanges",
    [
        ["capture, too much", "look: held"],
        ["capture, cancelled", "look: released"],
        ["capture, captured already", "look: captured"],
    ],
)
def test_a_capture_of_what_is_not_held_is_refused_as_documented(exchanges):
    with stripe_stub(*exchanges) as url, pytest.raises(EffectError, match="visit/capture"):
        capture(url)


@pytest.mark.parametrize(
    "exchanges", [["release"], ["release, cancelled already", "look: released"]]
)
def test_a_hold_is_released_also_when_it_was_already_as_documented(exchanges):
    with stripe_stub(*exchanges) as url:
        assert release(url) == ProviderAnswer("done", 0, HOLD)


def test_what_is_captured_is_not_released_as_documented():
    with (
        stripe_stub("release, captured", "look: captured") as url,
        pytest.raises(EffectError, match="status of succeeded"),
    ):
        release(url)


@pytest.mark.parametrize(
    ("call", "exchanges", "answer"),
    [
        (
            capture,
            ["capture, captured already", "look: captured by visit/capture"],
            ProviderAnswer("done", 1250, HOLD),
        ),
        (
            adjust,
            ["adjust, not available", "look: raised by visit/adjust"],
            ProviderAnswer("done", 9000, HOLD),
        ),
    ],
)
def test_a_call_made_again_after_its_key_is_forgotten_knows_its_own_work_as_documented(
    call, exchanges, answer
):
    with stripe_stub(*exchanges) as url:
        assert call(url) == answer


# ---- refunds -----------------------------------------------------------------------------------


def test_a_refund_leaves_its_key_as_documented():
    with stripe_stub("refund") as url:
        assert refund(url) == ProviderAnswer("done", 250, REFUND)


def test_a_refund_that_fails_is_declined_as_documented():
    with stripe_stub("refund, failed") as url:
        assert refund(url) == ProviderAnswer("declined", 0, REFUND, "expired or canceled card")


def test_a_disputed_payment_is_not_refunded_as_documented():
    with stripe_stub("refund, disputed") as url:
        assert refund(url) == ProviderAnswer("declined", 0, "", "disputed")


def test_refunds_stop_at_what_was_captured_as_documented():
    with (
        stripe_stub("refund, too much") as url,
        pytest.raises(EffectError, match="greater than unrefunded amount"),
    ):
        refund(url)


# ---- what became of a call ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exchange", "answer"),
    [
        ("search visit/hold: held", ProviderAnswer("done", 5000, HOLD)),
        ("search visit/hold: declined", ProviderAnswer("declined", 0, HOLD, "insufficient funds")),
        ("search visit/capture: captured", ProviderAnswer("done", 1250, HOLD)),
        ("search visit/adjust: raised", ProviderAnswer("done", 9000, HOLD)),
    ],
)
def test_a_call_is_found_by_the_key_it_left_as_documented(exchange, answer):
    key = exchange.removeprefix("search ").partition(":")[0]
    with stripe_stub(exchange) as url:
        assert provider(url).find(key=key) == answer


def test_a_refund_is_found_among_the_newest_as_documented():
    with stripe_stub("search visit/refund: nothing", "refunds: ours and another") as url:
        assert provider(url).find(key="visit/refund") == ProviderAnswer("done", 250, REFUND)


def test_what_cannot_be_seen_is_not_found_as_documented():
    with stripe_stub("search visit/hold: nothing yet", "refunds: none") as url:
        assert provider(url).find(key="visit/hold") is None


def test_an_account_that_cannot_be_searched_leaves_the_outcome_unknown_as_documented():
    with stripe_stub("search visit/hold: not available") as url, pytest.raises(UnreachableError):
        provider(url).find(key="visit/hold")


def test_more_refunds_than_are_looked_through_leave_the_outcome_unknown(monkeypatch):
    monkeypatch.setattr("store_engine.adapters.stripe_provider.REFUNDS_LOOKED_THROUGH", 2)
    exchanges = ("search visit/hold: nothing yet", "refunds: ours and another")
    with stripe_stub(*exchanges) as url, pytest.raises(UnreachableError, match="newest 2 refunds"):
        provider(url).find(key="visit/hold")


def test_the_version_of_the_api_is_the_one_these_exchanges_were_written_for():
    assert stripe.api_version.endswith(".endive")
