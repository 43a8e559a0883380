"""Amounts as Stripe counts them (docs.stripe.com/currencies).

Stripe takes the smallest unit of a currency, as this engine does: 500 is 5.00 USD and 500 JPY.
Three currencies it counts otherwise than ISO 4217, and others only in tens of their smallest unit.
"""

from store_engine.errors import EffectError

AMOUNT_MAX = 99_999_999  # datasheet: eight digits
STEP = {"BHD": 10, "JOD": 10, "KWD": 10, "OMR": 10, "TND": 10}  # of three digits the last is 0
COUNTED_OTHERWISE = {"ISK", "MGA", "UGX"}  # an amount would be a hundred times too much or little


def check_amount(amount: int, *, currency: str) -> None:
    """Raise `EffectError` for an amount in minor units that Stripe would refuse or misread."""
    currency = currency.upper()
    if currency in COUNTED_OTHERWISE:
        raise EffectError(f"{currency}: Stripe counts it in another unit; not supported")
    if not 0 < amount <= AMOUNT_MAX:
        raise EffectError(f"{amount} {currency} is not positive, or beyond {AMOUNT_MAX}")
    step = STEP.get(currency, 1)
    if amount % step:
        raise EffectError(f"{amount} {currency}: Stripe takes multiples of {step} only")
