"""Checkout: prices, receipts and payments [money, in minor units].

    VisitStarted, VisitLeaving ─▶ start, leave ─▶ (remembered)
    PricesChanged ─▶ change_prices ─▶ (holds for visits that start later)
    AgeChecked ─▶ check_age ─▶ AlertRaised (what is held of a visit may be charged, or stays held)
    CartBelief, CartChanged ─▶ follow ─▶ CartChanged with what it would cost, age checks
    CartBelief (final) ─▶ settle ─▶ ReceiptIssued (─▶ ReviewRequested)
                                    ─▶ ChargeRequested / ReleaseRequested ─▶ VisitEnded
    PaymentResult ─▶ paid ─▶ ChargeSettled / ChargeDeclined / ChargeWaived

The id of the `ChargeRequested` event is the idempotency key of the charge. It is a function of
store and visit alone, and a visit asks once, so no retry anywhere can charge twice.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from store_engine.catalog import Catalog
from store_engine.checkout import payments
from store_engine.checkout.age_checks import age_checked, check_ages
from store_engine.checkout.price_books import PriceBooks
from store_engine.checkout.receipts import doubts, quote, write_receipt
from store_engine.checkout.reviews import Reviews, ask
from store_engine.checkout.tab import MOVES, Move, Payment, Tab, moved
from store_engine.errors import InvariantError
from store_engine.events import (
    CartChanged,
    ChargeRequested,
    Event,
    ReceiptIssued,
    ReleaseRequested,
    VisitEnded,
    VisitStarted,
    event_id,
)
from store_engine.messages import AgeChecked, PaymentResult, Receipt
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
        self._books = PriceBooks(store.catalog)

    def start(self, started: VisitStarted) -> None:
        """Open a tab.

        Raises:
            InvariantError: the visit already has one.
        """
        if started.visit in self._tabs:
            raise InvariantError(f"visit {started.visit}: started twice")
        self._tabs[started.visit] = Tab(
            visit=started.visit,
            account=started.account,
            entered_us=started.time_us,
            price_book=self._books.current,
            shopper=started.shopper,
        )

    @property
    def price_book(self) -> str:
        """The version of the prices that visits start under now."""
        return self._books.current

    def change_prices(self, book: Catalog) -> None:
        """Price visits that start from now on by `book`; those inside keep theirs."""
        self._books.put_in_force(book)
        self._forget_books()

    def follow(self, belief: CartBelief, said: list[Event]) -> list[Event]:
        """Return what was said about a cart, with what it would cost if paid now; age checks."""
        tab = self._tabs.get(belief.visit)
        if not said or tab is None or tab.state != "shopping":
            return said
        store = self._store_of(tab)
        self._tabs[tab.visit], checks = check_ages(tab, belief, store)
        total = quote(tab, belief, store.catalog)
        return [*(_costing(event, total) for event in said), *checks]

    def check_age(self, checked: AgeChecked, time_us: int) -> list[Event]:
        """Note that somebody looked at a shopper's age; what was settled before stays as it is."""
        tab = self._tabs.get(checked.visit)
        tab, events = age_checked(tab, checked, self._store.map.store, time_us=time_us)
        if tab is not None:
            self._tabs[tab.visit] = tab
        return events

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
        receipt = write_receipt(tab, belief, self._store_of(tab))
        events = self._closing_words(tab, receipt, belief)
        tab = msgspec.structs.replace(tab, amount=receipt.total)
        self._keep(moved(tab, "request" if receipt.total > 0 else "free") or tab)
        self._forget_books()
        return events

    def paid(self, result: PaymentResult, time_us: int) -> list[Event]:
        """Note the provider's answer; unknown, repeated and wrong answers never act."""
        if payments.is_release(self._store, result):
            return []
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

    def _store_of(self, tab: Tab) -> Store:
        """Return the store as it was for a visit: at the prices it started under."""
        return self._store._replace(catalog=self._books.of(tab.price_book))

    def _forget_books(self) -> None:
        """Keep no prices that no visit inside can be charged by."""
        inside = (tab.price_book for tab in self._tabs.values() if tab.state == "shopping")
        self._books.keep(inside)

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
        ended = VisitEnded(
            event=event_id(store, tab.visit, "visit_ended"),
            time_us=time_us,
            causes=tab.left_causes,
            visit=tab.visit,
        )
        money = self._money_words(tab, receipt, time_us, causes)
        if tab.shopper.role:  # nothing is charged, so nothing is doubtful
            return [issued, *money, ended]
        asked = self._reviews.wants(receipt.certainty)
        review = [ask(receipt, self._store, time_us=time_us)] if asked else []
        return [issued, *doubts(belief, self._store), *review, *money, ended]

    def _money_words(
        self, tab: Tab, receipt: Receipt, time_us: int, causes: tuple[str, ...]
    ) -> list[Event]:
        """Ask for what is owed; where nothing is, have what is held let go of.

        An account that is inside on another visit needs its hold: that visit will see to it.
        """
        if receipt.total > 0:
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
            return [request]
        others = (other for other in self._tabs.values() if other.visit != tab.visit)
        if any(other.account == tab.account and other.state == "shopping" for other in others):
            return []
        release = ReleaseRequested(
            event=event_id(self._store.map.store, tab.visit, payments.RELEASE),
            time_us=time_us,
            causes=causes,
            visit=tab.visit,
            account=tab.account,
        )
        return [release]

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
            "prices": self._books.snapshot(),
        }

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Hold exactly the tabs that `snapshot` held."""
        self._tabs = msgspec.convert(snapshot["tabs"], dict[str, Tab])
        self._strays = snapshot["strays"]
        self._reviews.restore(snapshot["reviews"])
        self._books.restore(snapshot["prices"])


def _costing(event: Event, total: int) -> Event:
    """Return a cart's publication with its total in place of shelf prices; others as they are."""
    if not isinstance(event, CartChanged):
        return event
    cart = msgspec.structs.replace(event.cart, total=total)
    return msgspec.structs.replace(event, cart=cart)
