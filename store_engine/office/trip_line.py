"""The line of trips that wait to be handed to the retailer (port `Payments`).

A trip is handed over when every trip that left before it has been. While the retailer cannot be
reached they all wait, in the store of record; whichever is asked for again first takes along those
before it. So they arrive in the order in which shoppers left, and each counts once: the retailer
knows a trip by its name.

"Charged" means here: handed to the retailer, who prices and charges it. What of it goes through
our till comes back as calls of the retailer (see `trips`).
"""

import threading
from collections.abc import Callable
from typing import Protocol

import structlog

from store_engine.errors import EffectError, UnreachableError
from store_engine.office.trip_desk import VISITOR
from store_engine.ports import ChargeOutcome
from store_engine.ports.office import ReceiptBook
from store_engine.ports.trips import Basket, Retailer, Trip, TripBook, TurnedAway

HANDED_OVER = "handed to the retailer, who prices and charges it"
ERASED = "its receipt is not here any more"

WhoAre = Callable[[list[str]], dict[str, str]]  # parties -> accounts

_log = structlog.get_logger(__name__)


class Releases(Protocol):
    """The till, as the line sees it."""

    def release(self, *, key: str, account: str) -> ChargeOutcome:
        """Let go of what is held for a party. Raises `UnreachableError`."""
        ...


class Closes(Protocol):
    """Parties, as the line sees them."""

    def part(self, *, party: str) -> None:
        """Close a party: the account's next entry is a new visit."""
        ...


class TripLine:
    """Hands trips over. Any number of threads may ask at once; one store has one line."""

    def __init__(
        self,
        *,
        retailer: Retailer,
        trips: TripBook,
        receipts: ReceiptBook,
        parties: Closes,
        who_are: WhoAre,
        till: Releases,
    ) -> None:
        self._retailer = retailer
        self._trips = trips
        self._receipts = receipts
        self._parties = parties
        self._who_are = who_are
        self._till = till
        self._turn = threading.Lock()
        self._failures = 0
        self._failure = ""

    def charge(
        self, *, key: str, account: str, amount: int, currency: str, receipt: str = ""
    ) -> ChargeOutcome:
        """Hand over the trip of a receipt, and every trip that left before it.

        Raises:
            UnreachableError: the retailer cannot be reached; the trip waits in line.
            EffectError: there is no such receipt.
        """
        del currency  # of the receipt
        self._parties.part(party=account)
        self._trips.line_up()
        trip = self._trips.trip_of_receipt(receipt)
        if trip is None:
            raise EffectError(f"{key}: no receipt {receipt} to hand over")
        trip = self._hand_over_to(trip)
        if trip.state != "turned away":
            return ChargeOutcome("charged", amount, f"purchase {trip.purchase}", HANDED_OVER)
        self._till.release(key=f"{trip.trip}/turned away", account=account)
        return ChargeOutcome("declined", 0, "", trip.reason)

    def release(self, *, key: str, account: str) -> ChargeOutcome:
        """Let go of a hold at once, and hand over the empty trip if there was one.

        What a party took on an earlier trip may still be captured: then the hold stays.

        Raises:
            UnreachableError: the retailer or the provider cannot be reached.
        """
        self._parties.part(party=account)
        self._trips.line_up()
        theirs = self._trips.trips_of(account)
        if not any(trip.items and trip.state != "turned away" for trip in theirs):
            self._till.release(key=key, account=account)
        for trip in theirs:
            self._hand_over_to(trip)
        return ChargeOutcome("released", 0, "", "")

    # ---- the line -----------------------------------------------------------------------------

    def _hand_over_to(self, wanted: Trip) -> Trip:
        """Hand trips over until `wanted` is; return it as it stands then."""
        failures = self._failures
        with self._turn:
            while (trip := self._trips.trip(wanted.trip)) and trip.state == "waiting":
                if self._failures != failures:  # somebody found out while we waited for our turn
                    raise UnreachableError(self._failure)
                self._hand_over_first(trip)
        if trip is None:
            raise EffectError(f"trip {wanted.trip} is not in the line any more")
        return trip

    def _hand_over_first(self, wanted: Trip) -> None:
        trip = self._trips.first_waiting() or wanted
        try:
            self._hand_over(trip)
        except UnreachableError as error:
            self._failures += 1
            self._failure = f"trip {trip.trip} waits for the retailer: {error}"
            raise UnreachableError(self._failure) from error

    def _hand_over(self, trip: Trip) -> None:
        if trip.role:
            self._trips.settle(trip.trip, state="at work")
            return
        receipt = self._receipts.receipt(trip.receipt)
        if receipt is None:
            self._turn_away(trip, ERASED)
            return
        entries = self._trips.entries(trip.party)
        answer = self._retailer.hand_over(Basket(trip, receipt, entries, self._visitor(trip)))
        if isinstance(answer, TurnedAway):
            self._turn_away(trip, answer.reason)
        else:
            self._trips.settle(trip.trip, state="handed over", purchase=answer.purchase)

    def _turn_away(self, trip: Trip, reason: str) -> None:
        _log.error("a trip was turned away", trip=trip.trip, receipt=trip.receipt, reason=reason)
        self._trips.settle(trip.trip, state="turned away", reason=reason)

    def _visitor(self, trip: Trip) -> str:
        account = self._who_are([trip.party]).get(trip.party, "")
        return account.removeprefix(VISITOR) if account.startswith(VISITOR) else ""
