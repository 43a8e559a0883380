"""What may be said about a receipt, and under which name: saying it twice opens one case.

A line is contested once, whatever is said about it; whoever disagrees with the answer says so about
the whole receipt, and a person looks.
"""

import hashlib
from collections.abc import Callable, Iterable

from store_engine.card_numbers import holds_card_number
from store_engine.case_events import REASON_MAX, Claim
from store_engine.catalog import Catalog
from store_engine.messages import Receipt
from store_engine.office.counter import Case, Counter, Refused, Said
from store_engine.ports.office import Casebook

CASES_MAX = 20  # per receipt (guess: more is no complaint any more)


class Contests:
    """Takes in what shoppers say about the receipts of one store."""

    def __init__(
        self, counter: Counter, casebook: Casebook, *, catalog: Callable[[], Catalog]
    ) -> None:
        self._counter = counter
        self._casebook = casebook
        self._catalog = catalog

    def say(
        self,
        receipt: Receipt,
        claim: Claim,
        *,
        gtin: str = "",
        quantity: int = 0,
        product: str = "",
        reason: str = "",
    ) -> Case | Refused:
        """Take in that a receipt is wrong.

        Args:
            receipt: which.
            claim: what is wrong.
            gtin: the line it is about; "" for the whole receipt.
            quantity: pieces too many, or not charged; 0: all of the line.
            product: what was not charged, by its name or GTIN; priced where the store sells it.
            reason: in the shopper's words; one with a card number in it is refused.
        """
        if any(map(holds_card_number, (product, reason))):
            return Refused("this looks like a card number, and none may be kept")
        if claim == "not_charged":
            said = self._not_charged(product or gtin, quantity or 1, reason)
        else:
            said = Said(claim, gtin, quantity, reason)
        request = gtin if gtin and claim != "not_charged" else _digest(said)
        return self._open(receipt, said, request)

    def cases(self, receipt: str) -> list[Case]:
        """Return what was said about a receipt by people, oldest first."""
        rows = self._casebook.cases(receipt=receipt)
        found = (self._counter.case(row.case) for row in rows if row.claim != "unsure")
        return [case for case in found if case is not None]

    def _open(self, receipt: Receipt, said: Said, request: str) -> Case | Refused:
        known = {row.case for row in self._casebook.cases(receipt=receipt.receipt)}
        if len(known) >= CASES_MAX and f"{receipt.receipt}/{request}" not in known:
            return Refused(f"receipt {receipt.receipt}: {CASES_MAX} cases, no more are taken")
        return self._counter.contest(receipt.receipt, said, request=request)

    def _not_charged(self, product: str, quantity: int, reason: str) -> Said:
        """Price what a shopper names, where the store knows it; else a person has to."""
        catalog = self._catalog()
        gtin = _gtin_of(product, catalog)
        if gtin:
            price = catalog.price(gtin, 1)
            named = _named(f"{quantity} x {price.product.name}", reason)
            return Said("not_charged", gtin, quantity, named, price.owed)
        return Said("not_charged", "", quantity, _named(f"{quantity} x {product}", reason))


def _named(product: str, reason: str) -> str:
    return f"{product}: {reason}"[:REASON_MAX] if reason else product


def _gtin_of(product: str, catalog: Catalog) -> str:
    wanted = product.strip().casefold()
    named = (
        str(gtin)
        for gtin, one in catalog.products.items()
        if wanted in (str(gtin), one.name.casefold())
    )
    return next(named, "")


def _digest(said: Iterable[object]) -> str:
    return hashlib.sha256(repr(tuple(said)).encode()).hexdigest()[:16]
