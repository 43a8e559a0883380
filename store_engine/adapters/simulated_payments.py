"""Payments for replays and simulations (port `Payments`): charged at once, then forgotten.

A till without an office. Nothing is held at the gate, since whoever walks in a recording has been
let in; a charge is authorised and captured by the simulated provider, under the request's name.
"""

from collections.abc import Mapping

from store_engine.adapters.simulated_provider import SimulatedProvider
from store_engine.ports import ChargeOutcome
from store_engine.units import AccountId


class InMemoryPayments:
    """Charges the payment method of each account; `payment_methods` are the provider's tokens."""

    def __init__(
        self,
        payment_methods: Mapping[AccountId, str],
        *,
        provider: SimulatedProvider | None = None,
    ) -> None:
        self.provider = provider or SimulatedProvider()
        self._payment_methods = payment_methods

    def charge(
        self,
        *,
        key: str,
        account: str,
        amount: int,
        currency: str,
        receipt: str = "",  # noqa: ARG002
    ) -> ChargeOutcome:
        """Hold `amount` minor units and take them."""
        method = self._payment_methods.get(AccountId(account))
        if method is None:
            reason = f"account {account!r} has no payment method"
            return ChargeOutcome("declined", 0, "", reason)
        held = self.provider.authorise(
            key=f"{key}/hold", method=method, amount=amount, currency=currency
        )
        if held.outcome == "declined":
            return ChargeOutcome("declined", 0, held.ref, held.reason)
        taken = self.provider.capture(key=key, hold=held.ref, amount=amount)
        charged = taken.outcome == "done"
        return ChargeOutcome(
            "charged" if charged else "declined", taken.amount, taken.ref, taken.reason
        )

    def release(self, *, key: str, account: str) -> ChargeOutcome:  # noqa: ARG002
        """Nothing is ever held."""
        return ChargeOutcome("released", 0, "", "")
