"""Stripe as the payment provider (port `Provider`), through its SDK. Needs the extra `stripe`.

A hold is a PaymentIntent with manual capture; hold and capture both go by its id. Every call
carries its key as Stripe's idempotency key, and leaves the key in the metadata of what it makes.

Two memories answer what became of a call. Stripe keeps idempotency keys for 24 hours: until then,
making the same call again is itself the question. Metadata stay for ever, and `find` looks there;
but Stripe's search lags behind by a minute or more, so None may mean "not to be seen yet". `find`
first and then the same call again is safe at any time, because neither memory is blind while the
other is.

Sources: docs.stripe.com/api/payment_intents, /api/idempotent_requests, /search, /error-codes.
"""

import itertools
from typing import Final

import stripe
from stripe.params import PaymentIntentCreateParams

from store_engine.adapters.stripe_amounts import check_amount
from store_engine.adapters.stripe_errors import (
    decline_reason,
    explaining,
    in_words,
    intent_of,
    ran_out,
)
from store_engine.errors import EffectError, UnreachableError
from store_engine.ports.office import ProviderAnswer

CONNECT_TIMEOUT_S = 3.0  # guess: a healthy connection takes a tenth of this
READ_TIMEOUT_S = 10.0  # guess: Stripe answers within 2 s as a rule; then the outcome is unknown
REFUNDS_LOOKED_THROUGH = 1000  # guess: the newest refunds that `find` reads, 100 a request
PAGE = 100  # datasheet: as many as Stripe lists at once

MARKS = ("authorise", "adjust", "capture")  # metadata of a PaymentIntent that hold keys
REFUND_MARK = "refund"  # metadata of a refund that holds its key


def stripe_client(api_key: str, *, url: str | None = None) -> stripe.StripeClient:
    """Return a client that waits for a bounded time and never repeats a call by itself.

    Args:
        api_key: a secret or restricted key; it belongs in the environment, not in a file.
        url: where the API is, None for Stripe itself.
    """
    return stripe.StripeClient(
        api_key,
        base_addresses={"api": url} if url else None,
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S)),
    )


class StripeProvider:
    """Stripe, behind a client made by `stripe_client`. Any number of threads may call it."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._intents: Final = client.v1.payment_intents
        self._refunds: Final = client.v1.refunds

    def authorise(self, *, key: str, method: str, amount: int, currency: str) -> ProviderAnswer:
        """Hold `amount` on a saved payment method: "pm_..." or, of a customer, "cus_.../pm_..."."""
        check_amount(amount, currency=currency)
        customer, _, payment_method = method.rpartition("/")
        params: PaymentIntentCreateParams = {
            "amount": amount,
            "currency": currency.lower(),
            "capture_method": "manual",
            "confirm": True,
            "off_session": True,
            "payment_method": payment_method,
            "allowed_payment_method_types": ["card"],
            "payment_method_options": {
                "card": {"request_incremental_authorization": "if_available"}
            },
            "metadata": {"authorise": key},
        }
        if customer:
            params["customer"] = customer
        with explaining(key):
            try:
                return _authorised(self._intents.create(params, {"idempotency_key": key}))
            except stripe.CardError as error:
                return ProviderAnswer("declined", 0, intent_of(error), decline_reason(error))

    def adjust(self, *, key: str, hold: str, amount: int) -> ProviderAnswer:
        """Raise a hold. Declined where Stripe cannot: for most cards, and whenever it is less."""
        with explaining(key):
            try:
                intent = self._intents.increment_authorization(
                    hold,
                    {"amount": amount, "metadata": {"adjust": key}},
                    {"idempotency_key": key},
                )
            except stripe.CardError as error:
                return ProviderAnswer("declined", 0, hold, decline_reason(error))
            except stripe.InvalidRequestError as error:
                intent = self._intents.retrieve(hold)
                if not _marked(intent, "adjust", key):
                    if intent.status != "requires_capture":
                        raise
                    return ProviderAnswer("declined", 0, hold, f"the hold stays: {error}")
        return ProviderAnswer("done", intent.amount, hold)

    def capture(self, *, key: str, hold: str, amount: int) -> ProviderAnswer:
        """Take `amount`; Stripe lets go of the rest."""
        with explaining(key):
            try:
                self._intents.capture(
                    hold,
                    {"amount_to_capture": amount, "metadata": {"capture": key}},
                    {"idempotency_key": key},
                )
            except stripe.CardError as error:
                return ProviderAnswer("declined", 0, hold, decline_reason(error))
            except stripe.InvalidRequestError as error:
                intent = self._intents.retrieve(hold)
                if _marked(intent, "capture", key) and intent.status == "succeeded":
                    return ProviderAnswer("done", intent.amount_received, hold)
                if error.code != "charge_expired_for_capture" and not ran_out(intent):
                    raise
                return ProviderAnswer("declined", 0, hold, "hold expired")
        return ProviderAnswer("done", amount, hold)

    def release(self, *, key: str, hold: str) -> ProviderAnswer:
        """Cancel the PaymentIntent; one that is cancelled already is done."""
        with explaining(key):
            try:
                self._intents.cancel(hold, {}, {"idempotency_key": key})
            except stripe.InvalidRequestError:
                if self._intents.retrieve(hold).status != "canceled":
                    raise
        return ProviderAnswer("done", 0, hold)

    def refund(self, *, key: str, capture: str, amount: int) -> ProviderAnswer:
        """Give money back. What is done can still fail days later: a notice says so."""
        with explaining(key):
            try:
                refund = self._refunds.create(
                    {"payment_intent": capture, "amount": amount, "metadata": {REFUND_MARK: key}},
                    {"idempotency_key": key},
                )
            except stripe.InvalidRequestError as error:
                if error.code != "charge_disputed":
                    raise
                return ProviderAnswer("declined", 0, "", "disputed")
        return _refunded(refund)

    def find(self, *, key: str) -> ProviderAnswer | None:
        """Return what became of the call under `key`, as far as Stripe shows it yet.

        Releases leave no mark and are not found; making one again does no harm.

        Raises:
            UnreachableError: Stripe cannot be searched, or there are more refunds than
                `REFUNDS_LOOKED_THROUGH`.
        """
        try:
            with explaining(key):
                return self._find_intent(key) or self._find_refund(key)
        except UnreachableError:
            raise
        except EffectError as error:  # a question that is refused leaves the outcome unknown
            raise UnreachableError(str(error)) from error

    def _find_intent(self, key: str) -> ProviderAnswer | None:
        quoted = key.replace("\\", "\\\\").replace("'", "\\'")
        query = " OR ".join(f"metadata['{mark}']:'{quoted}'" for mark in MARKS)
        for intent in self._intents.search({"query": query}).data:
            if _marked(intent, "authorise", key):
                return _authorised(intent)
            if _marked(intent, "adjust", key):
                return ProviderAnswer("done", intent.amount, intent.id)
            if _marked(intent, "capture", key) and intent.status == "succeeded":
                return ProviderAnswer("done", intent.amount_received, intent.id)
        return None

    def _find_refund(self, key: str) -> ProviderAnswer | None:
        newest_first = self._refunds.list({"limit": PAGE}).auto_paging_iter()
        looked_through = 0
        for refund in itertools.islice(newest_first, REFUNDS_LOOKED_THROUGH):
            if _marked(refund, REFUND_MARK, key):
                return _refunded(refund)
            looked_through += 1
        if looked_through == REFUNDS_LOOKED_THROUGH:
            raise UnreachableError(f"{key}: not among the newest {looked_through} refunds")
        return None


def _marked(made: stripe.PaymentIntent | stripe.Refund, mark: str, key: str) -> bool:
    """Whether the call under `key` made this, or made it what it is."""
    return getattr(made.metadata, mark, None) == key


def _authorised(intent: stripe.PaymentIntent) -> ProviderAnswer:
    """Read a PaymentIntent as the answer to its authorisation, whatever came of it later."""
    if intent.status in ("requires_capture", "succeeded", "canceled"):
        return ProviderAnswer("done", intent.amount, intent.id)
    if intent.status == "requires_action":
        return ProviderAnswer("declined", 0, intent.id, "authentication required")
    if intent.status == "requires_payment_method":
        return ProviderAnswer("declined", 0, intent.id, decline_reason(intent.last_payment_error))
    raise UnreachableError(f"{intent.id}: Stripe has not decided yet: {intent.status}")


def _refunded(refund: stripe.Refund) -> ProviderAnswer:
    if refund.status in ("failed", "canceled"):
        return ProviderAnswer(
            "declined", 0, refund.id, in_words(refund.failure_reason or "refund_failed")
        )
    return ProviderAnswer("done", refund.amount, refund.id)
