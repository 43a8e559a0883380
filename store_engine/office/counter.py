"""The counter: where a shopper says that a receipt is wrong, and a person answers.

    contest, review, hold ─▶ complaints (decides) ─▶ Casebook ─▶ finish ─▶ the till moves the money

The money of a case moves under the case's name. So a case that was cut short between decision and
money is finished later by the worker, and moves it once all the same.
"""

import contextlib
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from store_engine import complaints
from store_engine.card_numbers import masked
from store_engine.case_events import CaseEvent, Decision
from store_engine.complaints import Case, Policy, Refused, Said, Standing
from store_engine.errors import ConflictError, EffectError, UnreachableError
from store_engine.events import ReviewRequested
from store_engine.messages import Receipt
from store_engine.ports.office import Casebook, CaseRow, ReceiptBook
from store_engine.units import US_PER_S

__all__ = ["Case", "Counter", "Money", "Paid", "Policy", "Refused", "Said"]

UNFINISHED = ("to refund", "to charge")
AGAIN_MAX = 10  # decisions anew on one case before something must be wrong (guess)


class Paid(NamedTuple):
    """What a payment took and gave back, minor units."""

    captured: int
    refunded: int


class Money(Protocol):
    """What the counter needs of the till. Every call may be repeated under the same name."""

    def paid(self, receipt: Receipt) -> Paid:
        """Return what was taken and given back for a receipt so far."""
        ...

    def give_back(
        self, receipt: Receipt, *, name: str, amount: int, reason: str, lines: tuple[str, ...]
    ) -> int:
        """Give `amount` back and return what was.

        Raises `UnreachableError` when that is not known yet, `EffectError` when it cannot be.
        """
        ...

    def take(self, receipt: Receipt, *, name: str, amount: int) -> int:
        """Take `amount` more of whoever paid and return what was. Raises as `give_back`."""
        ...


class Counter:
    """Opens cases, takes answers, and sees to it that the money follows."""

    def __init__(
        self,
        *,
        casebook: Casebook,
        receipts: ReceiptBook,
        money: Money,
        policy: Policy,
        now_us: Callable[[], int],
    ) -> None:
        self._casebook = casebook
        self._receipts = receipts
        self._money = money
        self._policy = policy
        self._now_us = now_us

    def case(self, case: str) -> Case | None:
        """Return where a case stands."""
        return complaints.fold(self._casebook.load(case))

    def contest(self, receipt: str, said: Said, *, request: str) -> Case | Refused:
        """Take a claim in; the same `request` about the same receipt is the same claim."""
        found = self._receipts.receipt(receipt)
        if found is None:
            return Refused(f"receipt {receipt}: unknown")
        said = said._replace(reason=masked(said.reason))  # people write card numbers anywhere
        return self._open(f"{receipt}/{masked(request)}", found, said)

    def review(self, asked: ReviewRequested) -> Case | Refused:
        """Put a receipt that the engine is not sure of in the queue."""
        found = self._receipts.receipt(asked.receipt)
        if found is None:
            return Refused(f"receipt {asked.receipt}: unknown")
        unsure = ", ".join(asked.about)
        reason = f"{asked.certainty:.0%} sure of the whole receipt; least sure of {unsure}"
        return self._open(f"{asked.receipt}/review", found, Said("unsure", reason=reason))

    def hold(self, receipt: Receipt) -> list[Case | Refused]:
        """Put each line that was held back for the shopper's age in the queue, once.

        Nobody is charged for it unless a person who knows the shopper's age says so.
        """
        return [
            self._open(f"{receipt.receipt}/held/{line.gtin}", receipt, Said("held", line.gtin))
            for line in receipt.lines
            if line.held
        ]

    def answer(self, case: str, *, decision: Decision, amount: int, by: str) -> Case | Refused:
        """Take a person's decision on a waiting case."""

        def decide(now: Case) -> list[CaseEvent] | Refused:
            if (now.decision, now.decided_by) == (decision, by):
                return []  # told twice
            return complaints.answer(
                now,
                self._standing(self._receipt_of(now)),
                decision=decision,
                amount=amount,
                by=by,
                time_us=self._now_us(),
            )

        return self._decide(case, decide)

    def finish(self, case: str) -> Case | Refused:
        """Move the money of a decided case; does nothing for any other."""
        now = complaints.fold(self._casebook.load(case))
        if now is None:
            return Refused(f"case {case}: unknown")
        if now.state not in UNFINISHED:
            return now
        try:
            moved, note = self._move(now), ""
        except UnreachableError:
            return now  # the worker tries again
        except EffectError as error:
            moved, note = 0, str(error)

        def settle(latest: Case) -> list[CaseEvent]:
            return complaints.settle(latest, moved=moved, note=note, time_us=self._now_us())

        return self._decide(case, settle)

    def finish_all(self) -> int:
        """Finish what was cut short or could not be done; return how many cases were tried."""
        rows = self._casebook.cases(states=UNFINISHED)
        for row in rows:
            self.finish(row.case)
        return len(rows)

    # ---- pieces --------------------------------------------------------------------------------

    def _open(self, case: str, receipt: Receipt, said: Said) -> Case | Refused:
        known = complaints.fold(self._casebook.load(case))
        if known is None:
            standing = self._standing(receipt)
            now_us = self._now_us()
            words = complaints.open_case(
                case, receipt, standing, self._policy, said=said, time_us=now_us
            )
            if isinstance(words, Refused):
                return words
            with contextlib.suppress(ConflictError):  # the same claim twice: either one counts
                self._keep(words, after=0)
        return self.finish(case)

    def _decide(
        self, case: str, decide: Callable[[Case], list[CaseEvent] | Refused]
    ) -> Case | Refused:
        """Keep what is decided on the latest state of a case, and do what follows from it."""
        for _ in range(AGAIN_MAX):
            events = self._casebook.load(case)
            now = complaints.fold(events)
            if now is None:
                return Refused(f"case {case}: unknown")
            words = decide(now)
            if isinstance(words, Refused):
                return words
            if not words:
                return now
            try:
                self._keep([*events, *words], after=len(events))
            except ConflictError:
                continue
            return self.finish(case)
        raise ConflictError(f"case {case}: {AGAIN_MAX} others were faster")

    def _keep(self, events: Sequence[CaseEvent], *, after: int) -> None:
        case = complaints.fold(events)
        if case is not None:
            row = _row(case, events[-1].time_us)
            self._casebook.append(row, events[after:], after=after)

    def _standing(self, receipt: Receipt) -> Standing:
        since_us = self._now_us() - self._policy.window_days * 86_400 * US_PER_S
        at_once = self._casebook.refunds_at_once(payment=receipt.account, since_us=since_us)
        paid = self._money.paid(receipt)
        return Standing(paid.captured, paid.refunded, at_once)

    def _receipt_of(self, case: Case) -> Receipt:
        found = self._receipts.receipt(case.opened.receipt)
        if found is None:
            raise EffectError(f"receipt {case.opened.receipt}: erased, its money stays where it is")
        return found

    def _move(self, case: Case) -> int:
        opened, receipt = case.opened, self._receipt_of(case)
        if case.state == "to charge":
            return self._money.take(receipt, name=opened.case, amount=case.amount)
        reason = f"{opened.claim}: {opened.reason}" if opened.reason else opened.claim
        lines = (opened.gtin,) if opened.gtin else ()
        return self._money.give_back(
            receipt, name=opened.case, amount=case.amount, reason=reason, lines=lines
        )


def _row(case: Case, updated_us: int) -> CaseRow:
    opened = case.opened
    return CaseRow(
        case=opened.case,
        receipt=opened.receipt,
        payment=opened.payment,
        store=opened.store,
        claim=opened.claim,
        state=case.state,
        amount=opened.amount if case.decision is None else case.amount,
        at_once=case.decision == "refund" and case.decided_by == "policy",
        opened_us=opened.time_us,
        updated_us=updated_us,
    )
