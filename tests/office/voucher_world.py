"""A desk that hands out vouchers, a checkout that redeems them, a till that settles them."""

import dataclasses

import msgspec

from store_engine.adapters.database.records import SqlRecords
from store_engine.adapters.database.records_reading import RecordsReader
from store_engine.adapters.database.vouchers import SqlVouchers
from store_engine.checkout import Checkout
from store_engine.events import ChargeRequested, ReceiptIssued
from store_engine.office.desk import Desk
from store_engine.office.redemption import RedeemingTill, Redemption
from store_engine.office.vouchers import Vouchers
from store_engine.ports import Kept
from tests.checkout.till import WATER, belief, line, started, till_store
from tests.office.desk_world import STORE, DeskWorld


def shop():
    """The till's store under the name that the desk's world has."""
    store = till_store()
    return store._replace(map=dataclasses.replace(store.map, store=STORE))


class VoucherWorld(DeskWorld):
    """Water costs 1.29, untaxed; whoever comes in is charged by the real checkout."""

    def start(self):
        super().start()
        self.book = SqlVouchers(self.database)
        self.reading = RecordsReader(self.database, store=STORE)
        self.records = SqlRecords(self.database, store=STORE)
        self.vouchers = Vouchers(self.book, self.accounts, now_us=self.now)
        self.redemption = Redemption(
            self.book, self.reading, store=STORE, currency="USD", now_us=self.now
        )
        self.payments = RedeemingTill(self.till, self.redemption)
        self.desk = Desk(
            rules=self.rules,
            accounts=self.accounts,
            gates=self.gates,
            parties=self.books,
            till=self.till,
            vault=self.vault,
            now_us=self.now,
            vouchers=self.redemption,
        )

    def open(self):
        """Ada has an account and comes in with her printed code."""
        self.registry.add("ada", methods=["tok_ada"], credentials=["qr-ada", "qr-phone"])

    def issue(self, **off):
        known = {"amount": 100, "currency": "USD"} if not off.get("rate_ppm") else {}
        return self.vouchers.issue(account="ada", **{**known, **off}).voucher

    def state(self, voucher):
        return self.book.voucher(voucher).state(self.now_us)

    def come_in(self, credential="qr-ada"):
        """Return the visit that a tap starts, as the engine would say it."""
        admission = self.tap(credential)
        visit = f"door.0.{self.entries}"
        word = msgspec.structs.replace(
            started(visit),
            event=f"{STORE}/{visit}/visit_started",
            time_us=self.now_us,
            account=admission.account,
            shopper=admission.shopper,
        )
        self.records.commit(Kept(events=[word]))
        return word

    def settle(self, visit, *lines):
        """Walk out with these; return the receipt and the request, both kept."""
        checkout = Checkout(shop())
        checkout.start(visit)
        events = checkout.settle(belief(*lines, visit=visit.visit, time_us=self.now_us))
        self.records.commit(Kept(events=events))
        (issued,) = (event for event in events if isinstance(event, ReceiptIssued))
        return issued.receipt, events[-2]

    def perform(self, request):
        """Do what the engine asks for, as its effects do."""
        if isinstance(request, ChargeRequested):
            return self.payments.charge(
                key=request.event,
                account=request.account,
                amount=request.amount,
                currency=request.currency,
                receipt=request.receipt,
            )
        return self.payments.release(key=request.event, account=request.account)

    def shop(self, visit, *lines):
        """Walk out with these and pay; return the receipt."""
        receipt, request = self.settle(visit, *lines)
        self.perform(request)
        return receipt


def water(quantity=1):
    return line(WATER, quantity)
