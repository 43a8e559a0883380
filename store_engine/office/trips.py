"""What a retailer asks of us about a trip: its priced cart, and the money of a card.

The retailer names a trip; the till knows the party behind it. Every call may be repeated: a trip is
captured under its own name, a refund under the name that the retailer gave it.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from store_engine.errors import EffectError, RequestError, UnreachableError
from store_engine.office.till import Till
from store_engine.office.trip_carts import Money, PricedCart, checked_minor, checked_total
from store_engine.ports.trips import Order, Settlement, Trip, TripBook, TripRefund
from store_engine.units import seconds_between

REFUND_WINDOW_S = 30 * 86_400.0  # the newer plan; the reference says 7 days: a conflict
CART_WINDOW_S = 7 * 86_400.0  # "trip expired" is published, its period is not (guess)
ORDERS = uuid.UUID("b6f3b7c2-52b5-5d52-8e4f-3f7d5f0f6c11")  # drawn once; names our orders

ChargeStatus: TypeAlias = Literal["APPROVED", "DECLINED", "PENDING"]


class UnknownTripError(RequestError):
    """The retailer named a trip that this store has not had."""


@dataclass(frozen=True, kw_only=True)
class TripTerms:
    """What one store and its retailer agreed on."""

    store_id: str  # the retailer's name for the store
    currency: str
    exponent: int  # digits after the point
    charge_carts: bool = False  # a priced cart is charged at once; else the retailer captures


class ChargeAnswer(NamedTuple):
    """What became of a charge that was to be adjusted."""

    status: ChargeStatus
    authorised: int  # minor units; 0 unless approved


class RefundWanted(NamedTuple):
    """A refund, as the retailer asks for it."""

    store_id: str
    trip: str
    refund: str
    amount: Money
    reason: str


class SettlementNews(NamedTuple):
    """What a retailer says became of a trip's money."""

    store_id: str
    trip: str
    total: Money
    settled: Money


class Trips:
    """Serves one store's retailer. Any number of threads and processes may."""

    def __init__(
        self, book: TripBook, till: Till, *, terms: TripTerms, now_us: Callable[[], int]
    ) -> None:
        self._book = book
        self._till = till
        self._terms = terms
        self._now_us = now_us

    # ---- a priced cart ------------------------------------------------------------------------

    def take_cart(self, store_id: str, cart: PricedCart) -> str:
        """Take in what a trip costs; return the order's name. The same cart again is no news.

        Raises:
            UnknownTripError: there was no such trip.
            RequestError: it does not add up, or comes too late, or differs from the one before.
        """
        terms = self._terms
        trip = self._trip(store_id, cart.trip)
        total = checked_total(cart, currency=terms.currency, exponent=terms.exponent)
        if self._age_s(trip) > CART_WINDOW_S:
            raise RequestError(f"the trip expired: carts are taken for {CART_WINDOW_S:g} s")
        order = Order(
            order=str(uuid.uuid5(ORDERS, trip.trip)),
            trip=trip.trip,
            total=total,
            digest=cart.digest,
            time_us=self._now_us(),
        )
        if self._book.keep_order(order).digest != cart.digest:
            raise RequestError("the trip has another cart already")
        if terms.charge_carts and total and self._paid_by_card(trip):
            self._charge(trip, total)
        return order.order

    # ---- the money of a card ------------------------------------------------------------------

    def adjust(self, store_id: str, name: str, amount: Money) -> ChargeAnswer:
        """Hold `amount` in all for a trip. Raises as `take_cart`."""
        trip = self._card_trip(store_id, name)
        wanted = self._positive(amount)
        try:
            self._till.pay_again(trip.party)  # an answer may be missing
        except UnreachableError:
            return ChargeAnswer("PENDING", 0)
        if self._till.payment(trip.party).owed:
            raise RequestError("the trip was captured already")
        adjusted = self._till.adjust(trip.party, amount=wanted)
        match adjusted.outcome:
            case "done":
                return ChargeAnswer("APPROVED", adjusted.held)
            case "waiting":
                return ChargeAnswer("PENDING", 0)
            case _:  # declined, or nothing is held (any more)
                return ChargeAnswer("DECLINED", 0)

    def cancel(self, store_id: str, name: str) -> None:
        """Let go of what is held for a trip. Raises as `take_cart`."""
        trip = self._card_trip(store_id, name)
        if any(payment.owed for payment in self._till.payments(trip.party)):
            raise RequestError("the trip was captured already")
        self._till.give_up(trip.party, entry=f"{trip.trip}/cancel")

    def capture(self, store_id: str, name: str, amount: Money) -> None:
        """Begin to take `amount` for a trip; what cannot be taken is a debt.

        Raises:
            UnknownTripError: there was no such trip.
            RequestError: the amount cannot be charged, or another one was.
        """
        trip = self._card_trip(store_id, name)
        self._charge(trip, self._positive(amount))

    def _charge(self, trip: Trip, amount: int) -> None:
        try:
            self._till.charge(
                key=trip.trip,
                account=trip.party,
                amount=amount,
                currency=self._terms.currency,
                receipt=trip.receipt,
            )
        except UnreachableError:
            return  # what is owed is kept by now: the worker goes on
        except EffectError as error:
            raise RequestError(str(error)) from error

    def refund(self, wanted: RefundWanted) -> str:
        """Give money back once per name; return our name for it.

        Raises:
            UnknownTripError: there was no such trip.
            RequestError: it is too late or too much, nothing was captured, the name belongs to
                another trip, or the provider declined.
        """
        trip = self._card_trip(wanted.store_id, wanted.trip)
        amount = self._positive(wanted.amount)
        if self._age_s(trip) > REFUND_WINDOW_S:
            raise RequestError(f"too late: refunds are taken for {REFUND_WINDOW_S:g} s")
        payment = self._till.charged(trip.party, receipt=trip.receipt)
        if payment is None:
            raise RequestError("nothing was captured for this trip")
        self._name_refund(trip, wanted, amount)
        name = f"jwo/{wanted.refund}"
        done = self._till.refund(payment, refund=name, amount=amount, reason=wanted.reason)
        if done.outcome in ("refused", "declined"):
            raise RequestError(done.reason)
        return name

    def _name_refund(self, trip: Trip, wanted: RefundWanted, amount: int) -> None:
        refund = TripRefund(
            refund=wanted.refund,
            trip=trip.trip,
            amount=amount,
            reason=wanted.reason,
            time_us=self._now_us(),
        )
        if self._book.keep_refund(refund).trip != trip.trip:
            raise RequestError("refundRequestId: another trip has it")

    # ---- news ---------------------------------------------------------------------------------

    def note_settlement(self, news: SettlementNews) -> bool:
        """Note what became of a trip's money at the retailer; whether it can be (inferred).

        Raises:
            UnknownTripError: there was no such trip.
        """
        trip = self._trip(news.store_id, news.trip)
        try:
            total, settled = self._minor(news.total), self._minor(news.settled)
        except RequestError:
            return False
        if not 0 <= settled <= total:
            return False
        self._book.keep_settlement(
            Settlement(trip=trip.trip, total=total, settled=settled, time_us=self._now_us())
        )
        return True

    # ---- which trip, how much -----------------------------------------------------------------

    def _trip(self, store_id: str, name: str) -> Trip:
        trip = self._book.trip(name) if store_id == self._terms.store_id else None
        if trip is None:
            raise UnknownTripError("this store has had no such trip")
        return trip

    def _card_trip(self, store_id: str, name: str) -> Trip:
        trip = self._trip(store_id, name)
        if not self._paid_by_card(trip):
            raise RequestError("the trip has no card: who came in by code is charged by you")
        return trip

    def _paid_by_card(self, trip: Trip) -> bool:
        return self._till.payment(trip.party).state != "new"

    def _positive(self, amount: Money) -> int:
        minor = self._minor(amount)
        if minor <= 0:
            raise RequestError("amount: must be above 0")
        return minor

    def _minor(self, amount: Money) -> int:
        terms = self._terms
        return checked_minor(
            amount, what="amount", currency=terms.currency, exponent=terms.exponent
        )

    def _age_s(self, trip: Trip) -> float:
        return seconds_between(trip.left_us, self._now_us())
