"""Takes payments forward: decides, keeps, asks the provider, keeps the answer.

Killed at any line it does no harm. What is about to be asked is kept before, under a name that is
the provider's idempotency key; so whoever comes next finds the open question, asks the provider
what became of it, and asks it again under the same name if it never arrived. Two at work on one
payment do no harm either: the one who keeps second reads again and decides again.
"""

from collections.abc import Callable, Sequence

from store_engine.errors import ConflictError, EffectError, UnreachableError
from store_engine.payment_events import Answered, Asked, PaymentEvent
from store_engine.payments import Decision, No, Payment, due_us, fold, needs_methods, next_step
from store_engine.ports.office import Books, PaymentMethod, PaymentRow, Provider, ProviderAnswer
from store_engine.units import to_us

TAKE_OVER_S = 5.0  # an open question is somebody else's for this long, then the worker's (guess)
TRY_AGAIN_MAX_S = 600.0  # ... and then again after as long as it is old, up to this (guess)

NowUs = Callable[[], int]
Decide = Callable[[Payment], Decision]


class Cashier:
    """One payment at a time, however many cashiers there are."""

    def __init__(self, books: Books, provider: Provider, *, now_us: NowUs) -> None:
        self._books = books
        self._provider = provider
        self._now_us = now_us

    def load(self, name: str) -> Payment:
        """Return a payment as it stands; one that nobody opened is "new"."""
        return fold(self._books.load(name), Payment(payment=name))

    def act(self, name: str, decide: Decide) -> Payment | No:
        """Do what `decide` wants, and everything that follows from it.

        Raises:
            UnreachableError: an outcome is not known; the worker goes on from here.
        """
        while True:
            payment = self.load(name)
            decided = decide(payment)
            if isinstance(decided, No):
                return decided
            try:
                return self._go_on(payment, decided)
            except ConflictError:
                continue

    def drive(self, name: str) -> Payment:
        """Do everything that is to be done for a payment now. Raises as `act`."""
        while True:
            try:
                return self._go_on(self.load(name), [])
            except ConflictError:
                continue

    def postpone(self, payment: Payment) -> None:
        """Look at a payment again later, if it still stands as it does here."""
        self._books.append(self._row(payment), [], after=payment.count)

    def _go_on(self, payment: Payment, events: Sequence[PaymentEvent]) -> Payment:
        """Keep `events` and what follows by itself; ask, until nothing is left to ask."""
        known = {asked.operation for asked in payment.waiting}
        payment = self._keep(payment, events)
        while payment.waiting:
            asked = payment.waiting[0]
            answered = self._ask(payment, asked, unsure=asked.operation in known)
            payment = self._keep(payment, [answered])
        return payment

    def _keep(self, payment: Payment, events: Sequence[PaymentEvent]) -> Payment:
        before, kept = payment.count, list(events)
        payment = fold(events, payment)
        while step := next_step(payment, self._methods(payment), now_us=self._now_us()):
            payment = fold(step, payment)
            kept += step
        if kept:
            self._books.append(self._row(payment), kept, after=before)
        return payment

    def _methods(self, payment: Payment) -> list[str]:
        if not needs_methods(payment):
            return []
        return [method.method for method in self._books.methods(payment.party)]

    def _row(self, payment: Payment) -> PaymentRow:
        waiting = payment.waiting
        return PaymentRow(
            payment=payment.payment,
            store=payment.store,
            state=payment.state,
            currency=payment.currency,
            exponent=payment.exponent,
            held=payment.hold.amount if payment.hold else 0,
            owed=payment.owed or 0,
            captured=payment.captured,
            refunded=payment.refunded,
            waiting=waiting[0].operation if waiting else "",
            updated_us=payment.updated_us,
            try_at_us=self._try_at_us(payment),
        )

    def _try_at_us(self, payment: Payment) -> int | None:
        due = due_us(payment)
        if due is None:
            return None
        now_us = self._now_us()
        age_us = now_us - (payment.waiting[0].time_us if payment.waiting else payment.updated_us)
        wait_us = min(max(age_us, to_us(TAKE_OVER_S)), to_us(TRY_AGAIN_MAX_S))
        return max(due, now_us + wait_us)

    # ---- asking --------------------------------------------------------------------------------

    def _ask(self, payment: Payment, asked: Asked, *, unsure: bool) -> Answered:
        answer = self._provider.find(key=asked.operation) if unsure else None
        if answer is None:
            answer = self._call(payment, asked)
        return Answered(
            payment=payment.payment,
            time_us=self._now_us(),
            operation=asked.operation,
            kind=asked.kind,
            outcome=answer.outcome,
            amount=answer.amount if answer.outcome == "done" else 0,
            ref=answer.ref,
            reason=answer.reason,
        )

    def _call(self, payment: Payment, asked: Asked) -> ProviderAnswer:
        """Ask the provider; a question that it refuses is declined, since nothing happened."""
        try:
            return self._perform(payment, asked)
        except UnreachableError:
            raise
        except EffectError as error:
            return ProviderAnswer("declined", 0, "", str(error))

    def _perform(self, payment: Payment, asked: Asked) -> ProviderAnswer:
        provider, key = self._provider, asked.operation
        match asked.kind:
            case "authorise":
                return self._authorise(payment, asked)
            case "adjust":
                return provider.adjust(key=key, hold=asked.on, amount=asked.amount)
            case "capture":
                return provider.capture(key=key, hold=asked.on, amount=asked.amount)
            case "release":
                return provider.release(key=key, hold=asked.on)
            case "refund":
                return provider.refund(key=key, capture=asked.on, amount=asked.amount)

    def _authorise(self, payment: Payment, asked: Asked) -> ProviderAnswer:
        method = self._method(payment.party, asked.method)
        if method is None:
            return ProviderAnswer("declined", 0, "", f"payment method {asked.method} is gone")
        return self._provider.authorise(
            key=asked.operation,
            method=method.token,
            amount=asked.amount,
            currency=payment.currency,
        )

    def _method(self, party: str, name: str) -> PaymentMethod | None:
        methods = self._books.methods(party)
        return next((method for method in methods if method.method == name), None)
