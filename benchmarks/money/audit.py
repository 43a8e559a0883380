"""Charged = owed, from three books that know nothing of each other.

The truth (baskets drawn from names, priced by the catalog), ours (receipts and the words of every
payment) and the provider's ledger must agree visit by visit, and nothing may be stuck.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.money.door import basket
from benchmarks.money.traffic import Visit
from store_engine.adapters.database import Database
from store_engine.adapters.database.books import SqlBooks
from store_engine.adapters.database.records_reading import RecordsReader
from store_engine.adapters.sqlite_bank_ledger import SqliteLedger
from store_engine.app.office import PAYMENTS_FILE
from store_engine.events import EntryRefused, VisitStarted
from store_engine.messages import Receipt
from store_engine.payments import Payment, balance, fold
from store_engine.store import Store

DONE = ("paid", "released", "waived", "refused", "refunded", "refunded in part")
DEBT = ("in debt", "link offered", "written off")


@dataclass(kw_only=True)
class Findings:
    """What an audit counted, and everything that is wrong."""

    counts: Counter[str] = field(default_factory=Counter)
    money: Counter[str] = field(default_factory=Counter)  # minor units
    wrong: list[str] = field(default_factory=list)


class Audit:
    """Reads all three books after the last word."""

    def __init__(self, folder: Path, database: Database, store: Store) -> None:
        reader = RecordsReader(database, store=store.map.store)
        self._store, self._gtins = store, sorted(store.catalog.products)
        self._books = SqlBooks(database)
        self._receipts = {receipt.visit: receipt for receipt in reader.receipts()}
        self._pending = reader.pending_effects()
        events = reader.events()
        self._parties = {e.visit: e.account for e in events if isinstance(e, VisitStarted)}
        self._refused = {
            e.scan.replace("/", "."): e.reason for e in events if isinstance(e, EntryRefused)
        }
        ledger = SqliteLedger(folder / PAYMENTS_FILE)
        self._taken, self._open_holds = taken_by_payment(ledger)
        ledger.close()

    def check(self, visits: list[Visit]) -> Findings:
        """Return what became of these visits."""
        found = Findings()
        found.wrong += [f"{self._pending} effects were never answered"] if self._pending else []
        found.wrong += [f"hold {ref} is still open" for ref in self._open_holds]
        for visit in visits:
            found.wrong += [
                f"{visit.visit} ({visit.kind}): {why}" for why in self._visit(visit, found)
            ]
        return found

    def _visit(self, visit: Visit, found: Findings) -> Iterator[str]:
        party = self._parties.get(visit.visit)
        if party is None:
            yield from self._stayed_out(visit, found)
            return
        receipt = self._receipts.get(visit.visit)
        if receipt is None:
            yield "came in and has no receipt"
            return
        yield from self._receipt(visit, receipt)
        payments = self._payments(party)
        found.money["owed"] += receipt.total
        taken = sum(self._taken[payment.payment] for payment in payments)
        found.money["taken"] += taken
        yield from self._paid(visit, receipt, payments, taken, found)

    def _stayed_out(self, visit: Visit, found: Findings) -> Iterator[str]:
        reason = self._refused.get(visit.visit)
        if reason is None:
            yield "was never answered at the gate"
        party = f"{self._store.map.store}.{visit.visit}"
        if self._taken[party]:
            yield f"stayed out and was charged {self._taken[party]}"
        found.counts["stayed out"] += 1

    def _receipt(self, visit: Visit, receipt: Receipt) -> Iterator[str]:
        took = basket(visit.visit, self._gtins)
        listed = {line.gtin: line.quantity for line in receipt.lines}
        if listed != took:
            yield f"took {took}, the receipt says {listed}"
        owed = sum(line.owed for line in receipt.lines)
        if owed != receipt.total:
            yield f"lines add up to {owed}, the receipt says {receipt.total}"

    def _payments(self, party: str) -> list[Payment]:
        payments, name, number = [], party, 1
        while events := self._books.load(name):
            if (missing := balance(events).difference) != 0:
                raise AssertionError(f"{name}: the books do not balance, {missing} is missing")
            payments.append(fold(events))
            number += 1
            name = f"{party}.{number}"
        return payments

    def _paid(
        self,
        visit: Visit,
        receipt: Receipt,
        payments: list[Payment],
        taken: int,
        found: Findings,
    ) -> Iterator[str]:
        states = {payment.state for payment in payments}
        stuck = states - set(DONE) - set(DEBT)
        if stuck or any(payment.waiting for payment in payments):
            yield f"is stuck in {sorted(states)}"
        ours = sum(payment.captured - payment.refunded for payment in payments)
        if ours != taken:
            yield f"our books say {ours} was taken, the provider says {taken}"
        if visit.kind == "staff":
            found.counts["waived"] += 1
            if taken:
                yield f"is staff and was charged {taken}"
            return
        unpaid = sum(payment.outstanding + payment.written_off for payment in payments)
        if taken + unpaid != receipt.total:
            yield f"owes {receipt.total}: {taken} taken, {unpaid} outstanding"
        if unpaid and visit.kind != "debtor":
            yield f"can pay, and {unpaid} is outstanding"
        found.counts["in debt" if unpaid else "paid" if taken else "empty"] += 1


def taken_by_payment(ledger: SqliteLedger) -> tuple[Counter[str], list[str]]:
    """Return what the provider keeps of each payment, and the holds that it still keeps open.

    Disputes aside, the provider knows payments only by the keys that it was asked under.
    """
    taken: Counter[str] = Counter()
    payment_of: dict[str, str] = {}
    for operation in ledger.operations():
        if operation.outcome != "done":
            continue
        payment = operation.key.partition("/")[0]
        payment_of[operation.ref] = payment
        if operation.kind == "capture":
            taken[payment] += operation.moved
        elif operation.kind == "refund":
            taken[payment_of[operation.on]] -= operation.moved
    return taken, [hold.ref for hold in ledger.holds() if hold.state == "open"]
