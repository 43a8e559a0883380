"""Checkout: prices, receipts and payments [money, in minor units].

    VisitStarted, VisitLeaving ─▶ start, leave ─▶ (remembered)
    CartBelief (final) ─▶ settle ─▶ ReceiptIssued (─▶ ReviewRequested) ─▶ ChargeRequested
                                    ─▶ VisitEnded
    PaymentResult ─▶ paid ─▶ ChargeSettled / ChargeDeclined

The id of the `ChargeRequested` event is the idempotency key of the charge. It is a function of
store and visit alone, and a visit asks once, so no retry anywhere can charge twice.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from store_engine.checkout import payments
from store_engine.checkout.receipts import doubts, write_receipt
from store_engine.checkout.reviews import Reviews, ask
from store_engine.checkout.tab import MOVES, Move, Payment, Tab, moved
from store_engine.errors import InvariantError
from store_engine.events import (
    ChargeRequested,
    Event,
    ReceiptIssued,
    VisitEnded,
    VisitStarted,
    event_id,
)
from store_engine.messages import PaymentResult, Receipt
from store_engine.signals import CartBelief, VisitLeaving
from store_engine.store import Store

# Answered tabs remembered, so that repeated answers are recognised (guess: a busy store's day; a
# provider repeats itself within minutes). An older answer is reported as a stray; it acts never.
ANSWERED_KEPT = 1_000

__all__ = ["ANSWERED_KEPT", "MOVES", "Checkout", "Move", "Payment", "Tab"]


class Checkout:
    """What every visit owes, and whether it paid."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._tabs: dict[str, Tab] = {}  # by visit, in order of entry
        self._strays = 0  # payment results nobody asked for, so far
        self._reviews = Reviews(store.policy)

    def start(self, started: VisitStarted) -> None:
        """Open a tab.

        Raises:
            InvariantError: the visit already has one.
        """
        if started.visit in self._tabs:
            raise InvariantError(f"visit {started.visit}: started twice")
        self._tabs[started.visit] = Tab(
            visit=started.visit, account=started.account, entered_us=started.time_us
        )

    def leave(self, leaving: VisitLeaving) -> None:
        """Remember when and why a visit is over; the money waits for the final belief."""
        tab = self._tab(leaving.visit)
        self._tabs[tab.visit] = msgspec.structs.replace(
            tab, left_us=leaving.time_us, left_causes=leaving.causes
        )

    def settle(self, belief: CartBelief) -> list[Event]:
        """Issue the receipt and ask for the charge, once; a repeated final belief says nothing.

        Raises:
            InvariantError: the belief is not final, its visit never started, or its lines are no
                cart (see `write_receipt`).
        """
        if belief.kind != "final":
            raise InvariantError(f"visit {belief.visit}: a live belief cannot be settled")
        tab = self._tab(belief.visit)
        if tab.state != "shopping":
            return []
        receipt = write_receipt(tab, belief, self._store)
        events = self._closing_words(tab, receipt, belief)
        tab = msgspec.structs.replace(tab, amount=receipt.total)
        self._keep(moved(tab, "request" if receipt.total > 0 else "free") or tab)
        return events

    def paid(self, result: PaymentResult, time_us: int) -> list[Event]:
        """Note the provider's answer; unknown, repeated and wrong answers never act."""
        visit = payments.visit_of(self._store, result.request)
        tab = self._tabs.get(visit)
        if tab is None or tab.state in ("shopping", "nothing owed"):
            self._strays += 1
            return [payments.stray(self._store, result, time_us=time_us, ordinal=self._strays)]
        tab, events = payments.answer(tab, result, self._store, time_us=time_us)
        self._keep(tab)
        return events

    def _tab(self, visit: str) -> Tab:
        tab = self._tabs.get(visit)
        if tab is None:
            raise InvariantError(f"visit {visit}: never started, so nothing can be owed")
        return tab

    def _closing_words(self, tab: Tab, receipt: Receipt, belief: CartBelief) -> list[Event]:
        store, time_us = self._store.map.store, belief.time_us
        evidence = (*(cause for line in receipt.lines for cause in line.causes), *tab.left_causes)
        causes = tuple(dict.fromkeys(evidence))
        issued = ReceiptIssued(
            event=event_id(store, tab.visit, "receipt_issued"),
            time_us=time_us,
            causes=causes,
            receipt=receipt,
        )
        request = ChargeRequested(
            event=payments.request_id(self._store, tab.visit),
            time_us=time_us,
            causes=causes,
            visit=tab.visit,
            account=tab.account,
            receipt=receipt.receipt,
            amount=receipt.total,
            currency=receipt.currency,
        )
        ended = VisitEnded(
            event=event_id(store, tab.visit, "visit_ended"),
            time_us=time_us,
            causes=tab.left_causes,
            visit=tab.visit,
        )
        asked = self._reviews.wants(receipt.certainty)
        review = [ask(receipt, self._store, time_us=time_us)] if asked else []
        charge = [request] if receipt.total > 0 else []
        return [issued, *doubts(belief, self._store), *review, *charge, ended]

    def _keep(self, tab: Tab) -> None:
        """Store `tab`, and forget the oldest answered ones beyond `ANSWERED_KEPT`."""
        self._tabs[tab.visit] = tab
        if len(self._tabs) <= ANSWERED_KEPT:
            return
        waiting = ("shopping", "requested")
        answered = [visit for visit, kept in self._tabs.items() if kept.state not in waiting]
        for visit in answered[:-ANSWERED_KEPT]:
            del self._tabs[visit]

    def snapshot(self) -> dict[str, Any]:
        """Return all tabs as plain values."""
        return {
            "tabs": msgspec.to_builtins(self._tabs),
            "strays": self._strays,
            "reviews": self._reviews.snapshot(),
        }

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Hold exactly the tabs that `snapshot` held."""
        self._tabs = msgspec.convert(snapshot["tabs"], dict[str, Tab])
        self._strays = snapshot["strays"]
        self._reviews.restore(snapshot["reviews"])
