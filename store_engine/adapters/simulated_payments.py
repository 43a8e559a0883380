"""A payment provider that lives here: authorises, captures, declines, refunds (port `Payments`).

It keeps the promises that real ones keep. A key acts once: asking again with the same key gives
the same answer, and the same key with other parameters is refused. Refunds stop at what was
captured. Switches let tests make it slow or unreachable, before or after it acted.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from store_engine.adapters.payment_ledger import Ledger, MemoryLedger, Operation
from store_engine.errors import EffectError, UnreachableError
from store_engine.ports import ChargeOutcome
from store_engine.units import AccountId

# Payment methods that never pay, and what the provider says (in the manner of real test cards).
DECLINING = {
    "tok_declined": "card declined",
    "tok_expired_card": "card expired",
    "tok_insufficient_funds": "insufficient funds",
}


@dataclass
class Trouble:
    """What is wrong with the provider right now; the counters run down call by call."""

    unreachable: bool = False  # no call gets through
    unreachable_before: int = 0  # this many calls never reach it
    unreachable_after: int = 0  # this many calls are carried out, their answer lost
    slow_s: float = 0.0  # every call takes this long


class SimulatedPayments:
    """The provider; `payment_methods` are the tokens it holds for each account."""

    def __init__(
        self,
        ledger: Ledger,
        *,
        payment_methods: Mapping[AccountId, str],
        trouble: Trouble | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.trouble = trouble or Trouble()
        self.ledger = ledger
        self._payment_methods = payment_methods
        self._sleep = sleep
        self._counting = threading.Lock()

    def charge(
        self, *, key: str, account: str, amount: int, currency: str, receipt: str = ""
    ) -> ChargeOutcome:
        """Authorise and capture `amount` minor units."""
        _check_positive(key, amount)
        reason = self._authorise(account)
        wanted = Operation(
            key=key,
            kind="charge",
            account=account,
            currency=currency,
            charge="",
            asked=amount,
            moved=0 if reason else amount,
            provider_ref=f"ch_{key}",
            reason=reason,
        )
        return self._perform(wanted)

    def release(self, *, key: str, account: str) -> ChargeOutcome:
        """Nothing is ever held here."""
        self._reach()
        return ChargeOutcome("released", 0, "", "")

    def refund(self, *, key: str, provider_ref: str, amount: int) -> ChargeOutcome:
        """Give back up to what was captured."""
        _check_positive(key, amount)
        wanted = Operation(
            key=key,
            kind="refund",
            account="",
            currency="",
            charge=provider_ref,
            asked=amount,
            moved=amount,
            provider_ref=f"re_{key}",
            reason="",
        )
        return self._perform(wanted)

    def _authorise(self, account: str) -> str:
        """Return why this account cannot pay, "" when it can."""
        token = self._payment_methods.get(AccountId(account))
        if token is None:
            return f"account {account!r} has no payment method"
        return DECLINING.get(token, "")

    def _perform(self, wanted: Operation) -> ChargeOutcome:
        self._reach()
        with self.ledger.exclusive():
            done = self.ledger.find(wanted.key)
            if done is None:
                self._check_refundable(wanted)
                self.ledger.append(wanted)
                done = wanted
            elif _parameters(done) != _parameters(wanted):
                raise EffectError(
                    f"key {wanted.key!r} was used for {_parameters(done)}, "
                    f"now for {_parameters(wanted)}"
                )
        self._lose_answer()
        return ChargeOutcome(
            "charged" if done.moved > 0 else "declined", done.moved, done.provider_ref, done.reason
        )

    def _check_refundable(self, refund: Operation) -> None:
        if refund.kind != "refund":
            return
        operations = self.ledger.operations()
        captured = sum(o.moved for o in operations if o.provider_ref == refund.charge)
        refunded = sum(o.moved for o in operations if o.charge == refund.charge)
        if refund.asked > captured - refunded:
            raise EffectError(
                f"refund of {refund.asked} on {refund.charge!r}: "
                f"{captured} captured, {refunded} refunded already"
            )

    def _reach(self) -> None:
        if self.trouble.slow_s > 0:
            self._sleep(self.trouble.slow_s)
        if self.trouble.unreachable or self._strikes("unreachable_before"):
            raise UnreachableError("the payment provider cannot be reached")

    def _lose_answer(self) -> None:
        if self._strikes("unreachable_after"):
            raise UnreachableError("the payment provider did not answer in time")

    def _strikes(self, counter: str) -> bool:
        with self._counting:
            left: int = getattr(self.trouble, counter)
            if left > 0:
                setattr(self.trouble, counter, left - 1)
        return left > 0


class InMemoryPayments(SimulatedPayments):
    """A provider for replays and simulations: forgets everything with the process."""

    def __init__(
        self, payment_methods: Mapping[AccountId, str], *, trouble: Trouble | None = None
    ) -> None:
        super().__init__(MemoryLedger(), payment_methods=payment_methods, trouble=trouble)


def _parameters(operation: Operation) -> tuple[str, str, str, str, int]:
    kind, account, currency = operation.kind, operation.account, operation.currency
    return kind, account, currency, operation.charge, operation.asked


def _check_positive(key: str, amount: int) -> None:
    if amount <= 0:
        raise EffectError(f"{key}: amount {amount} is not positive")
