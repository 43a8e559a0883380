"""A store without shelves: scans let people in, crossings let them out, baskets are drawn.

Takes the engine's place in the service (`recovery.Decides`) around the real checkout room.
"""

import random
from collections.abc import Iterator, Mapping
from typing import Any

from store_engine.checkout import Checkout
from store_engine.events import EntryRefused, EntryRequested, Event, VisitStarted, event_id
from store_engine.messages import (
    Arrival,
    EntryDecision,
    GateCrossing,
    GateScan,
    PaymentResult,
    PricesChanged,
)
from store_engine.signals import CartBelief, LineBelief, VisitLeaving
from store_engine.store import Store
from store_engine.units import Gtin, MessageRef, VisitId

EMPTY_SHARE = 0.15  # of visits that take nothing (guess)
PRODUCTS_MAX, PIECES_MAX = 5, 3  # in one basket, of one product (guess)


def visit_of(scan: str) -> str:
    """Return the visit that a scan starts, as `visits` names it: "door-1/0/4" -> "door-1.0.4"."""
    return scan.replace("/", ".")


def basket(visit: str, gtins: list[str]) -> dict[str, int]:
    """Return what a visit takes: pieces by product, the same whenever it is asked."""
    draw = random.Random(visit)
    if draw.random() < EMPTY_SHARE:
        return {}
    chosen = draw.sample(gtins, draw.randint(1, PRODUCTS_MAX))
    return {gtin: draw.randint(1, PIECES_MAX) for gtin in sorted(chosen)}


class Door:
    """Decides visits from gate messages alone. A crossing's x is its visit's scan number."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._gtins = sorted(store.catalog.products)
        self._checkout = Checkout(store)
        self._seen: dict[str, None] = {}  # names of messages handled
        self._inside: dict[str, str] = {}  # visit -> scan
        self._left: dict[str, int] = {}  # visits that left before they were let in, and when

    @property
    def price_book(self) -> str:
        """The version of the prices in force."""
        return self._checkout.price_book

    def handle(self, arrival: Arrival) -> list[Event]:
        """Return the events that this arrival decides; a repeated message decides nothing."""
        message = arrival.message
        if message.ref in self._seen:
            return []
        self._seen[message.ref] = None
        return list(self._decide(message))

    def _decide(self, message: Any) -> Iterator[Event]:
        match message:
            case GateScan():
                yield self._ask(message)
            case EntryDecision():
                yield from self._answered(message)
            case GateCrossing(direction="out", position=(number, _)):
                yield from self._leave(f"{message.device}.0.{int(number)}", message.time_us)
            case PaymentResult():
                yield from self._checkout.paid(message, message.time_us)
            case PricesChanged():
                self._checkout.change_prices(message.book)

    def _ask(self, scan: GateScan) -> EntryRequested:
        return EntryRequested(
            event=event_id(self._store.map.store, visit_of(scan.ref), "entry_requested"),
            time_us=scan.time_us,
            causes=(scan.ref,),
            gate=scan.device,
            scan=scan.ref,
            credential=scan.credential,
        )

    def _answered(self, decision: EntryDecision) -> Iterator[Event]:
        visit = visit_of(decision.scan)
        gate = decision.scan.partition("/")[0]
        if not decision.accepted:
            yield EntryRefused(
                event=event_id(self._store.map.store, visit, "entry_refused"),
                time_us=decision.time_us,
                gate=gate,
                scan=decision.scan,
                reason=decision.reason,
            )
            return
        started = VisitStarted(
            event=event_id(self._store.map.store, visit, "visit_started"),
            time_us=decision.time_us,
            causes=(decision.scan, decision.ref),
            visit=visit,
            account=decision.account,
            gate=gate,
            track="",
            shopper=decision.shopper,
        )
        self._checkout.start(started)
        self._inside[visit] = decision.scan
        yield started
        left_us = self._left.pop(visit, None)
        if left_us is not None:
            yield from self._leave(visit, max(left_us, decision.time_us))

    def _leave(self, visit: str, time_us: int) -> Iterator[Event]:
        scan = self._inside.pop(visit, None)
        if scan is None:
            self._left[visit] = time_us
            return
        causes = (MessageRef(scan),)
        self._checkout.leave(VisitLeaving(visit=VisitId(visit), time_us=time_us, causes=causes))
        lines = tuple(
            LineBelief(Gtin(gtin), pieces, 1.0, causes)
            for gtin, pieces in basket(visit, self._gtins).items()
        )
        belief = CartBelief(visit=VisitId(visit), time_us=time_us, kind="final", lines=lines)
        yield from self._checkout.settle(belief)

    def snapshot(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "checkout": self._checkout.snapshot(),
            "seen": list(self._seen),
            "inside": dict(self._inside),
            "left": dict(self._left),
        }

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Hold exactly what `snapshot` held."""
        self._checkout.restore(snapshot["checkout"])
        self._seen = dict.fromkeys(snapshot["seen"])
        self._inside = dict(snapshot["inside"])
        self._left = dict(snapshot["left"])
