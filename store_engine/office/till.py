"""The till: holds at the gate, charges at the exit, and what is put right afterwards.

It answers the engine (port `ports.Payments`), the desk, the complaints counter and the provider's
notices. Every method may be repeated: the entry, the request or the name it is given acts once.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

from store_engine.errors import EffectError, UnreachableError
from store_engine.office.cashier import Cashier, Decide, NowUs
from store_engine.office.outcomes import (
    Adjusted,
    Entry,
    Refunded,
    charge_outcome,
    refund_outcome,
)
from store_engine.payment_events import Opened
from store_engine.payments import Decision, No, Payment, decide, fold
from store_engine.ports import ChargeOutcome
from store_engine.ports.office import Books, Provider


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What one store asks for."""

    store: str
    currency: str
    exponent: int  # digits after the point
    hold: int  # minor units to authorise before anybody comes in; 0: everybody is trusted


class Till:
    """One store's till. Any number of threads and processes may have one over the same books."""

    def __init__(self, books: Books, provider: Provider, *, terms: Terms, now_us: NowUs) -> None:
        self._books = books
        self._cashier = Cashier(books, provider, now_us=now_us)
        self._terms = terms
        self._now_us = now_us

    def payment(self, name: str) -> Payment:
        """Return a payment as it stands; one that nobody opened is "new"."""
        return self._cashier.load(name)

    def payments(self, party: str) -> list[Payment]:
        """Return every payment of a party, its first one first."""
        found: list[Payment] = []
        for number in count(1):
            payment = self.payment(_name(party, number))
            if payment.state == "new":
                return found
            found.append(payment)
        raise AssertionError

    # ---- the gate ------------------------------------------------------------------------------

    def open(
        self,
        *,
        party: str,
        store: str,
        entry: str,
        time_us: int,
        free: bool = False,
        hold: int | None = None,
    ) -> Entry:
        """Hold something for a party that asks to come in.

        Args:
            party: who; of several who come in on one card, the same.
            store: where.
            entry: EventId of the request.
            time_us: when they asked.
            free: they never pay; what they owe is kept.
            hold: minor units; left out: as the terms say.

        Raises:
            UnreachableError: it is not known yet if something is held; ask again, or `give_up`.
        """
        opened = Opened(
            payment=party,
            time_us=time_us,
            party=party,
            store=store,
            entry=entry,
            currency=self._terms.currency,
            exponent=self._terms.exponent,
            hold=0 if free else self._terms.hold if hold is None else hold,
            free=free,
        )
        payment = self._act(party, lambda known: [] if known.count else [opened])
        if payment.state != "refused" and payment.owed is None:
            return Entry("held")
        self._books.part(party=party)
        if payment.entry != entry:
            return Entry("closed", "the visit before is being settled")
        return Entry("declined", payment.declined or "too late")

    def give_up(self, party: str, *, entry: str) -> None:
        """Nobody comes in on a payment after all; what is held, or will be, is let go of."""
        with contextlib.suppress(UnreachableError):  # that nothing is owed is kept by then:
            self.release(key=entry, account=party)  # the worker does the rest

    def adjust(self, party: str, *, amount: int) -> Adjusted:
        """Make what is held for a party inside `amount` in all."""
        try:
            payment = self._decide(party, decide.adjust, amount=amount)
        except UnreachableError as error:
            return Adjusted("waiting", 0, str(error))
        if isinstance(payment, No):
            return Adjusted("refused", 0, payment.reason)
        held = payment.hold.amount if payment.hold else 0
        return Adjusted("done" if held == amount else "declined", held, payment.declined)

    # ---- the exit (port `ports.Payments`) --------------------------------------------------------

    def charge(
        self, *, key: str, account: str, amount: int, currency: str, receipt: str = ""
    ) -> ChargeOutcome:
        """Take what a visit owes: of what is held, and of the account's methods for the rest.

        A party whose payment is closed, or that has none, is charged by a new payment.
        """
        if amount <= 0:
            raise EffectError(f"{key}: amount {amount} is not positive")
        if currency != self._terms.currency:
            raise EffectError(
                f"{key}: {currency} asked for, this till takes {self._terms.currency}"
            )
        while True:
            opened = self._place(account, key)
            payment = self._act(opened.payment, self._owes(opened, amount, receipt))
            if payment.request == key:
                self._books.part(party=account)
                return charge_outcome(payment)

    def release(self, *, key: str, account: str) -> ChargeOutcome:
        """Let go of what is held for a party; somebody who owes something keeps owing it."""
        payment = self._act(account, lambda known: self._leave(known, key))
        if payment.count:
            self._books.part(party=account)
        return ChargeOutcome("released", 0, "", "")

    def _place(self, party: str, key: str) -> Opened:
        """Return the first word of the payment that a request belongs on, were it a new one."""
        free = False
        for number in count(1):
            payment = self.payment(_name(party, number))
            free = free or payment.free
            asked = payment.request == key and payment.owed is not None
            if asked or payment.state == "new" or decide.may(payment, "owe"):
                break
        return Opened(
            payment=_name(party, number),
            time_us=self._now_us(),
            party=party,
            store=self._terms.store,
            entry=key,
            currency=self._terms.currency,
            exponent=self._terms.exponent,
            free=free,
        )

    def _owes(self, opened: Opened, amount: int, receipt: str) -> Decide:
        """Return the decision that a party owes something, if it is to stand on this payment."""
        key = opened.entry

        def owes(known: Payment) -> Decision:
            begun = [] if known.count else [opened]
            payment = fold(begun, known)
            if payment.request != key and not decide.may(payment, "owe"):
                return []  # another request was faster: this one needs another place
            owed = decide.owe(
                payment, request=key, receipt=receipt, amount=amount, now_us=self._now_us()
            )
            return owed if isinstance(owed, No) else [*begun, *owed]

        return owes

    def _leave(self, known: Payment, key: str) -> Decision:
        if known.owed is not None or not decide.may(known, "owe nothing"):
            return []
        return decide.owe(known, request=key, receipt="", amount=0, now_us=self._now_us())

    def _act(self, name: str, wanted: Decide) -> Payment:
        payment = self._cashier.act(name, wanted)
        if isinstance(payment, No):
            raise EffectError(payment.reason)
        return payment

    # ---- afterwards ------------------------------------------------------------------------------

    def charged(self, party: str, *, receipt: str) -> str | None:
        """Return the payment of a party that a receipt was charged on."""
        found = (payment.payment for payment in self.payments(party) if payment.receipt == receipt)
        return next(found, None)

    def refund(
        self, payment: str, *, refund: str, amount: int, reason: str, lines: tuple[str, ...] = ()
    ) -> Refunded:
        """Give money back, once; what is still owed is forgiven first.

        Args:
            payment: name of the payment (see `charged`).
            refund: the refund's own name, unique for ever.
            amount: minor units.
            reason: why, for the books.
            lines: GTINs of the receipt lines it is for.
        """
        try:
            after = self._decide(
                payment, decide.refund, refund=refund, amount=amount, reason=reason, lines=lines
            )
        except UnreachableError as error:
            return Refunded("waiting", 0, str(error))
        if isinstance(after, No):
            return Refunded("refused", 0, after.reason)
        return refund_outcome(after, refund)

    def pay_again(self, payment: str) -> Payment:
        """Try what has not been tried for a debt: the account has a new payment method.

        Raises:
            UnreachableError: an outcome is not known yet; the worker goes on.
        """
        return self._cashier.drive(payment)

    def link_paid(self, payment: str, *, link: str, amount: int, ref: str) -> Payment | No:
        """Note that a link was paid, by a capture that the provider calls `ref`."""
        return self._decide(payment, decide.link_paid, link=link, amount=amount, ref=ref)

    def write_off(self, payment: str, *, reason: str) -> Payment | No:
        """Give a debt up."""
        return self._decide(payment, decide.write_off, reason=reason)

    def dispute(self, payment: str, *, dispute: str, amount: int) -> Payment | No:
        """Note that a bank took money back, until it has decided."""
        return self._decide(payment, decide.open_dispute, dispute=dispute, amount=amount)

    def close_dispute(self, payment: str, *, dispute: str, amount: int, won: bool) -> Payment | No:
        """Note what a bank decided."""
        return self._decide(payment, decide.close_dispute, dispute=dispute, amount=amount, won=won)

    def was_done(self, payment: str, operation: str) -> bool:
        """Whether the provider had answered that it did something, before it said otherwise."""
        answer = self.payment(payment).answered.get(operation)
        return answer is not None and answer.outcome == "done"

    def refund_failed(
        self, payment: str, *, operation: str, capture: str, amount: int, reason: str
    ) -> Payment | No:
        """Note that a refund came back after it was done."""
        return self._decide(
            payment,
            decide.refund_failed,
            operation=operation,
            capture=capture,
            amount=amount,
            reason=reason,
        )

    def _decide(self, payment: str, command: Callable[..., Decision], **named: Any) -> Payment | No:
        return self._cashier.act(
            payment, lambda known: command(known, now_us=self._now_us(), **named)
        )


def _name(party: str, number: int) -> str:
    """Return the name of a party's first, second, ... payment."""
    return party if number == 1 else f"{party}.{number}"
