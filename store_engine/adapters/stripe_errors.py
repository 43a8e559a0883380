"""What Stripe's errors mean here: declined, refused, or nobody knows."""

import contextlib
from collections.abc import Iterator

import stripe

from store_engine.errors import EffectError, UnreachableError

# Words for the commonest reasons; the others are told in Stripe's own.
_REASONS = {
    "card_declined": "card declined",
    "expired_card": "card expired",
    "generic_decline": "card declined",
}
# Stripe asks not to tell these to the person at the door (docs.stripe.com/declines/codes).
_KEPT_QUIET = {"fraudulent", "lost_card", "merchant_blacklist", "pickup_card", "stolen_card"}

_EXPIRED = {"automatic", "expired"}  # why Stripe itself cancels a PaymentIntent


@contextlib.contextmanager
def explaining(key: str) -> Iterator[None]:
    """Raise Stripe's errors as this engine's, naming the operation.

    Raises:
        EffectError: Stripe refused the request: nothing happened.
        UnreachableError: anything else, a wrong API key included: that is for a person to put
            right, and must not close a payment.
    """
    try:
        yield
    except (stripe.CardError, stripe.InvalidRequestError, stripe.IdempotencyError) as error:
        raise EffectError(f"{key}: Stripe refused: {error}") from error
    except (stripe.AuthenticationError, stripe.PermissionError):  # they quote parts of the key
        raise UnreachableError(f"{key}: Stripe does not take stripe.key for this") from None
    except stripe.StripeError as error:
        raise UnreachableError(f"{key}: no answer from Stripe: {error}") from error


def decline_reason(error: object) -> str:
    """Return why a card was declined, in words for a receipt.

    error: a `CardError`, or the `last_payment_error` of a PaymentIntent.
    """
    told = error.error if isinstance(error, stripe.CardError) else error
    return in_words(getattr(told, "decline_code", None) or getattr(told, "code", None))


def in_words(code: str | None) -> str:
    """Return one of Stripe's decline codes in words."""
    if not code or code in _KEPT_QUIET:
        return "card declined"
    return _REASONS.get(code, code.replace("_", " "))


def intent_of(error: stripe.CardError) -> str:
    """Return the name of the PaymentIntent that was declined, "" when Stripe does not say."""
    intent = getattr(error.error, "payment_intent", None)
    return "" if intent is None else str(intent.id)


def ran_out(intent: stripe.PaymentIntent) -> bool:
    """Whether the hold is gone because nobody captured it in time."""
    reason = getattr(intent, "cancellation_reason", None)
    return intent.status == "canceled" and reason in _EXPIRED
