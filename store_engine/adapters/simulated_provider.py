"""A payment provider that lives here (ports `Provider` and `Noticeboard`).

It enforces what real ones enforce: a key acts once and stands for one request; a capture takes at
most what is held, once, before the hold expires; refunds stop at what was captured. `Trouble` has
a switch for every way in which real ones fail, and disputes can be opened by hand.
"""

import time
from collections.abc import Callable, Mapping

from store_engine.adapters.bank_ledger import (
    Book,
    Hold,
    Kind,
    Ledger,
    MemoryLedger,
    Operation,
    Request,
)
from store_engine.adapters.provider_trouble import Trouble
from store_engine.adapters.simulated_bank import CLOSED, Terms, Verdict, decide
from store_engine.errors import EffectError
from store_engine.ports.office import NoticeKind, ProviderAnswer, ProviderNotice

NOTICE = "no_"  # notices are named after their place in the ledger
_DONE: Mapping[Kind, NoticeKind] = {
    "authorise": "held",
    "adjust": "held",
    "capture": "captured",
    "release": "released",
    "refund": "refunded",
    "dispute": "dispute_opened",
    "dispute_won": "dispute_closed",
    "dispute_lost": "dispute_closed",
}
_DECLINED: Mapping[Kind, NoticeKind] = {"refund": "refund_failed"}


class SimulatedProvider:
    """The provider. Any number of threads may call it at once."""

    def __init__(
        self,
        ledger: Ledger | None = None,
        *,
        terms: Terms | None = None,
        trouble: Trouble | None = None,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1000,
    ) -> None:
        """Without a `ledger` it forgets everything with the process."""
        self.ledger = ledger or MemoryLedger()
        self.trouble = trouble or Trouble()
        self._terms = terms or Terms()
        self._now_us = now_us

    def authorise(self, *, key: str, method: str, amount: int, currency: str) -> ProviderAnswer:
        """Hold `amount` minor units on a token."""
        return self._call(Request(key, "authorise", amount, method=method, currency=currency))

    def adjust(self, *, key: str, hold: str, amount: int) -> ProviderAnswer:
        """Make a hold `amount` in all, more or less than before."""
        return self._call(Request(key, "adjust", amount, on=hold))

    def capture(self, *, key: str, hold: str, amount: int) -> ProviderAnswer:
        """Take `amount` and let go of the rest."""
        return self._call(Request(key, "capture", amount, on=hold))

    def release(self, *, key: str, hold: str) -> ProviderAnswer:
        """Let go of a hold."""
        return self._call(Request(key, "release", 0, on=hold))

    def refund(self, *, key: str, capture: str, amount: int) -> ProviderAnswer:
        """Give back up to what was captured and not refunded yet."""
        return self._call(Request(key, "refund", amount, on=capture))

    def find(self, *, key: str) -> ProviderAnswer | None:
        """Return what became of the call under `key`."""
        self.trouble.reach()
        operation = self.ledger.find(key)
        self.trouble.come_back()
        return None if operation is None else operation.answer

    def dispute(self, *, capture: str, amount: int, dispute: str) -> None:
        """Have the shopper's bank open a dispute of that name, and take `amount` back."""
        self._perform(Request(dispute, "dispute", amount, on=capture))

    def close_dispute(self, *, dispute: str, won: bool) -> None:
        """Have the bank decide. Raises `EffectError` when it did, or knows no such dispute."""
        opened = self.ledger.find(dispute)
        if opened is None or opened.kind != "dispute":
            raise EffectError(f"no dispute {dispute!r}")
        kind: Kind = "dispute_won" if won else "dispute_lost"
        self._perform(Request(dispute + CLOSED, kind, opened.asked, on=opened.on))

    def notices(self, *, after: str = "", limit: int = 100) -> list[ProviderNotice]:
        """Return what happened behind the notice named `after`, oldest first."""
        start = int(after.removeprefix(NOTICE) or 0)
        operations = self.ledger.operations(after=start, limit=limit)
        each = 2 if self.trouble.notices_twice else 1
        return [
            _notice(operation, place)
            for place, operation in enumerate(operations, start=start + 1)
            for _ in range(each)
        ]

    def _call(self, request: Request) -> ProviderAnswer:
        self.trouble.reach()
        for _ in range(self.trouble.deliveries()):
            answer = self._perform(request)
        self.trouble.come_back()
        return answer

    def _perform(self, request: Request) -> ProviderAnswer:
        with self.ledger.exclusive() as book:
            done = book.find(request.key)
            if done is None:
                done = self._carry_out(request, book)
        if done.request != request:
            raise EffectError(f"key {request.key!r} was used for {done.request}, now for {request}")
        return done.answer

    def _carry_out(self, request: Request, book: Book) -> Operation:
        now_us = self._now_us()
        answer, hold = self._decide(request, book.hold(request.on) if request.on else None, now_us)
        operation = Operation(
            *request,
            outcome=answer.outcome,
            moved=answer.amount,
            ref=answer.ref,
            reason=answer.reason,
            time_us=now_us,
        )
        book.keep(operation, hold)
        return operation

    def _decide(self, request: Request, hold: Hold | None, now_us: int) -> Verdict:
        if request.kind in self.trouble.refusals:
            raise EffectError(f"{request.key}: {self.trouble.refusals[request.kind]}")
        answer, after = decide(request, hold, now_us=now_us, terms=self._terms)
        if request.kind in self.trouble.declines:
            reason = self.trouble.declines[request.kind]
            return ProviderAnswer("declined", 0, request.on or answer.ref, reason), hold
        return answer, after


def _notice(operation: Operation, place: int) -> ProviderNotice:
    declined = operation.outcome == "declined"
    on_capture = operation.kind == "refund" or operation.kind.startswith("dispute")
    return ProviderNotice(
        notice=f"{NOTICE}{place}",
        kind=_DECLINED.get(operation.kind, "declined") if declined else _DONE[operation.kind],
        ref=operation.on if on_capture else operation.ref,
        operation="" if operation.kind.startswith("dispute") else operation.key,
        amount=operation.asked if declined else operation.moved,
        dispute=operation.ref if operation.kind.startswith("dispute") else "",
        won=operation.kind == "dispute_won",
        reason=operation.reason,
        time_us=operation.time_us,
    )
