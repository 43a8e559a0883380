"""The money of complaints, moved by a till (port `counter.Money`)."""

from store_engine.errors import EffectError, UnreachableError
from store_engine.messages import Receipt
from store_engine.office.counter import Paid
from store_engine.office.till import Till


class TillMoney:
    """Gives back and takes under the name of a case: once, however often it is asked for."""

    def __init__(self, till: Till) -> None:
        self._till = till

    def paid(self, receipt: Receipt) -> Paid:
        """Return what was taken and given back for a receipt so far."""
        name = self._till.charged(receipt.account, receipt=receipt.receipt)
        if name is None:
            return Paid(0, 0)
        payment = self._till.payment(name)
        return Paid(payment.captured, payment.captured - payment.refundable)

    def give_back(
        self, receipt: Receipt, *, name: str, amount: int, reason: str, lines: tuple[str, ...]
    ) -> int:
        """Give `amount` back. Raises `UnreachableError`, and `EffectError` when it cannot be."""
        payment = self._till.charged(receipt.account, receipt=receipt.receipt)
        if payment is None:
            raise EffectError(f"receipt {receipt.receipt}: nothing was charged")
        done = self._till.refund(payment, refund=name, amount=amount, reason=reason, lines=lines)
        if done.outcome == "waiting":
            raise UnreachableError(done.reason)
        if done.outcome != "done":
            raise EffectError(done.reason)
        return done.amount

    def take(self, receipt: Receipt, *, name: str, amount: int) -> int:
        """Take `amount` more, by a payment of its own. Raises as `give_back`.

        The shopper offered to pay what nobody knew of. Where their card declines, the offer is
        over: what it opened is written off at once, and no link and no later card pays it.
        """
        outcome = self._till.charge(
            key=name,
            account=receipt.account,
            amount=amount,
            currency=receipt.currency,
            receipt=receipt.receipt,
        )
        if outcome.outcome != "charged":
            self._give_up(receipt, name)
            raise EffectError(outcome.reason)
        return outcome.amount

    def _give_up(self, receipt: Receipt, name: str) -> None:
        for payment in self._till.payments(receipt.account):
            if payment.request == name and payment.outstanding:
                self._till.write_off(payment.payment, reason=f"{name}: offered, and declined")
