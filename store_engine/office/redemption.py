"""Vouchers redeemed once: kept for one visit at the gate, used or let go of by its receipt.

    Desk ─▶ present ─▶ kept for the receipt that this entry would lead to
    engine ─▶ RedeemingTill ─▶ settle: what the receipt redeemed is used, the rest is let go of
                       └─▶ Till

A voucher belongs to the entry that asked first, and an entry starts one visit at most; so whatever
else the account's party does meanwhile (other taps, a group, a visit that begins while the last
one is charged), no second visit has the voucher. The engine keeps the receipt before it asks for
the charge, and asks again until it is answered: the power may go at any line.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from store_engine.events import Event, VisitStarted
from store_engine.messages import Receipt
from store_engine.office.desk import party_of
from store_engine.ports import ChargeOutcome, Payments
from store_engine.ports.vouchers import VoucherBook
from store_engine.promotions import Voucher
from store_engine.units import to_us

AT_ONCE = 20  # vouchers of one visit (guess: nobody collects more)
LAPSED_S = (
    86_400.0  # nobody starts a visit so long after a tap (guess: as long as answers are kept)
)
LOOK_AT = 100  # lapsed ones in one look (guess)
NO_RECEIPT = "/release_requested"  # ends the key under which nothing is asked for


class Visits(Protocol):
    """What the engine of this store decided about visits."""

    def receipt(self, name: str) -> Receipt | None:
        """Return a receipt."""
        ...

    def events(self, *, visit: str) -> Sequence[Event]:
        """Return what was decided about a visit, in order."""
        ...


class Redemption:
    """One store's vouchers at work. Any number of threads may use it."""

    def __init__(
        self,
        book: VoucherBook,
        visits: Visits,
        *,
        store: str,
        currency: str,
        now_us: Callable[[], int],
    ) -> None:
        self._book = book
        self._visits = visits
        self._store = store
        self._currency = currency
        self._now_us = now_us

    def present(self, account: str, *, entry: str, time_us: int) -> tuple[Voucher, ...]:
        """Keep what an account may redeem for the visit of an entry, and return it."""
        kept = self._book.keep(
            account=account,
            receipt=party_of(entry),
            store=self._store,
            currency=self._currency,
            time_us=time_us,
            limit=AT_ONCE,
        )
        return tuple(row.offer for row in kept)

    def settle(self, receipt: str) -> None:
        """Mark what a receipt redeemed as used, and let go of the rest that was kept for it.

        Without a receipt nobody came in. May be repeated.
        """
        if not self._book.kept_for(receipt):
            return
        found = self._visits.receipt(receipt)
        redeemed = found.redeemed if found is not None else ()
        self._book.settle(receipt, redeemed=redeemed, time_us=self._now_us())

    def tidy(self) -> int:
        """Let go of what was kept for taps that led to no visit; return how many were looked at."""
        before_us = self._now_us() - to_us(LAPSED_S)
        old = self._book.kept_before(before_us, store=self._store, limit=LOOK_AT)
        for receipt in {row.receipt for row in old}:
            if self._visits.receipt(receipt) is not None or not self._began(receipt):
                self.settle(receipt)
        return len(old)

    def _began(self, receipt: str) -> bool:
        visit = receipt.removeprefix(f"{self._store}.")
        return any(isinstance(event, VisitStarted) for event in self._visits.events(visit=visit))


class RedeemingTill:
    """A till that settles a visit's vouchers before it asks for money (port `Payments`)."""

    def __init__(self, till: Payments, redemption: Redemption) -> None:
        self._till = till
        self._redemption = redemption

    def charge(
        self, *, key: str, account: str, amount: int, currency: str, receipt: str = ""
    ) -> ChargeOutcome:
        """Take what a visit owes. Raises as the till does, and `RecordsError`."""
        self._redemption.settle(receipt)
        return self._till.charge(
            key=key, account=account, amount=amount, currency=currency, receipt=receipt
        )

    def release(self, *, key: str, account: str) -> ChargeOutcome:
        """Let go of what is held: of a visit that owes nothing, or of a tap that led to none."""
        self._redemption.settle(receipt_of(key))
        return self._till.release(key=key, account=account)


def receipt_of(release: str) -> str:
    """Return the receipt of a release's visit: "shop/door.0.1/..." -> "shop.door.0.1"."""
    return release.removesuffix(NO_RECEIPT).replace("/", ".")
