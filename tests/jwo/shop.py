"""A shop whose retailer has a Just Walk Out back end: desk, line, till, and the served routes."""

import itertools
import json
import ssl
import uuid

import sqlalchemy as sa
from fastapi import FastAPI
from starlette.testclient import TestClient

from store_engine.adapters.database import open_database, sqlite_url
from store_engine.adapters.database.accounts import SqlAccountBook
from store_engine.adapters.database.books import SqlBooks
from store_engine.adapters.database.gate import SqlGateBook
from store_engine.adapters.database.office_tables import parties
from store_engine.adapters.database.records import SqlRecords
from store_engine.adapters.database.records_reading import RecordsReader
from store_engine.adapters.database.trips import SqlTripBook
from store_engine.adapters.jwo import BackEnd, JwoRetailer, RetailerTerms, SignatureV4
from store_engine.adapters.provider_trouble import Trouble
from store_engine.adapters.simulated_provider import SimulatedProvider
from store_engine.events import ChargeRequested, ReceiptIssued, ReleaseRequested
from store_engine.messages import Receipt, ReceiptLine
from store_engine.office.till import Terms, Till
from store_engine.office.trip_desk import TripDesk, TripDeskRules
from store_engine.office.trip_line import TripLine
from store_engine.office.trips import Trips, TripTerms
from store_engine.office.vault import PUT_AWAY_FOR_RETAILER, Vault
from store_engine.office.worker import Worker
from store_engine.ports import Kept
from store_engine.units import to_us
from store_engine.web.jwo import jwo_router
from store_engine.web.jwo_signatures import Callers
from store_engine.web.limits import Buckets

STORE, STORE_ID = "shop", "US-0001"
START_US = to_us(1_764_000_000)
HOLD = 2_000
KEY_ID, SECRET, REGION = "AKIDEXAMPLE", "not-a-secret", "eu-west-1"
API_KEY = "an-api-key-of-the-retailer"
DAY_S = 86_400.0
TLS = ssl.create_default_context()  # slow to make, and the same for every shop


class Shop:
    """Everything on this side of the connectors; time stands still."""

    def __init__(self, folder, url, *, currency="USD", exponent=2, **how):
        self.now_us = START_US
        self.currency, self.exponent = currency, exponent
        self.numbers = itertools.count(1)
        self.path = folder / "shop.sqlite"
        self.trouble = Trouble(sleep=lambda _: None)
        self.provider = SimulatedProvider(trouble=self.trouble, now_us=self.now)
        self.url = url
        self.how = how
        self.start()

    def now(self):
        return self.now_us

    def pass_s(self, seconds):
        self.now_us += to_us(seconds)

    def start(self):
        """Begin anew over the same database: nothing is in memory."""
        how = self.how
        self.database = database = open_database(sqlite_url(self.path))
        books, gates = SqlBooks(database), SqlGateBook(database)
        accounts = SqlAccountBook(database)
        self.records = SqlRecords(database, store=STORE)
        self.records.begin_life()
        terms = Terms(store=STORE, currency=self.currency, exponent=self.exponent, hold=HOLD)
        self.till = Till(books, self.provider, terms=terms, now_us=self.now)
        self.worker = Worker(books, self.provider, now_us=self.now)
        self.back_end = BackEnd(
            self.url,
            auth=SignatureV4(key_id=KEY_ID, secret=SECRET, region=REGION),
            verify=TLS,
        )
        retailer = JwoRetailer(
            self.back_end,
            RetailerTerms(
                store_id=how.get("store_id", STORE_ID),
                currency=self.currency,
                exponent=self.exponent,
                item_type=how.get("item_type", "SCANCODE"),
            ),
        )
        self.book = SqlTripBook(database, store=STORE, trip_id=retailer.trip_id)
        secret = gates.secret(b"s" * 32)
        self.vault = Vault(
            gates,
            secret=secret,
            now_us=self.now,
            card_prefixes=("tok_",),
            put_away=PUT_AWAY_FOR_RETAILER,
        )
        self.accounts, self.books = accounts, books
        self.desk = TripDesk(
            rules=TripDeskRules(
                store=STORE,
                hold=HOLD,
                code_pattern=how.get("code_pattern", ""),
                authorise_cards=how.get("authorise_cards", True),
                associates_pay=how.get("associates_pay", False),
            ),
            retailer=retailer,
            trips=self.book,
            accounts=accounts,
            gates=gates,
            parties=books,
            till=self.till,
            vault=self.vault,
            now_us=self.now,
        )
        self.line = TripLine(
            retailer=retailer,
            trips=self.book,
            receipts=RecordsReader(database, store=STORE),
            parties=books,
            who_are=accounts.who_are,
            till=self.till,
        )
        self.client = TestClient(self.app(), raise_server_exceptions=False)

    def app(self):
        terms = TripTerms(
            store_id=self.how.get("store_id", STORE_ID),
            currency=self.currency,
            exponent=self.exponent,
            charge_carts=self.how.get("charge_carts", False),
        )
        self.trips = Trips(self.book, self.till, terms=terms, now_us=self.now)
        callers = Callers(
            secrets={KEY_ID: SECRET},
            api_keys={"retailer": API_KEY},
            region=REGION,
            now_us=self.now,
        )
        app = FastAPI()
        self.rates = Buckets(per_s=1e6, burst=1e6)
        app.include_router(
            jwo_router(self.trips, callers=callers, exponent=self.exponent, rates=self.rates)
        )
        return app

    def begin_case(self):
        """Send everybody home and mend everything: what came before must not be seen."""
        with self.database.writing() as connection:
            connection.execute(sa.update(parties).values(open=False))
        self.trouble.declines = {}
        self.rates._per_s = self.rates._burst = 1e6
        self.known_notices = len(self.provider.notices(limit=10**6))

    def new_notices(self):
        """What the provider did in this case."""
        return self.provider.notices(limit=10**6)[self.known_notices :]

    def close(self):
        self.client.close()
        self.back_end.close()
        self.database.close()

    # ---- shoppers ------------------------------------------------------------------------------

    def come_in(self, credential, *, entry=None, time_us=None):
        """Present a credential at the gate, as the service would hand it on."""
        handle = self.vault.take(credential)
        return self.desk.admit(
            handle, time_us=time_us or self.now_us, entry=entry or self.new_entry()
        )

    def new_entry(self):
        return f"{STORE}/door-1.0.{next(self.numbers)}/entry_requested"

    def leave(self, party, *lines, role=""):
        """Have the engine decide that a visit is over; return what it asks of the office."""
        visit = f"visit-{next(self.numbers)}"
        receipt = a_receipt(self, visit, party, lines, role)
        issued = ReceiptIssued(
            event=f"{STORE}/{visit}/receipt_issued", time_us=self.now_us, receipt=receipt
        )
        said = {"time_us": self.now_us, "visit": visit, "account": party}
        if receipt.total:
            asks = ChargeRequested(
                event=f"{STORE}/{visit}/charge_requested",
                receipt=receipt.receipt,
                amount=receipt.total,
                currency=receipt.currency,
                **said,
            )
        else:
            asks = ReleaseRequested(event=f"{STORE}/{visit}/release_requested", **said)
        self.records.commit(Kept(events=[issued, asks]))
        self.pass_s(1.0)
        return asks

    def settle(self, asks):
        """Do what the engine asks for, as the effects would."""
        if isinstance(asks, ReleaseRequested):
            return self.line.release(key=asks.event, account=asks.account)
        return self.line.charge(
            key=asks.event,
            account=asks.account,
            amount=asks.amount,
            currency=asks.currency,
            receipt=asks.receipt,
        )

    def shop_with(self, credential, *lines):
        """A whole visit; return the party and the trip."""
        party = self.come_in(credential).account
        self.settle(self.leave(party, *(lines or (a_line(),))))
        return party, self.book.trips_of(party)[-1]

    def state(self, party):
        return self.till.payment(party).state

    # ---- the retailer calls --------------------------------------------------------------------

    def call(self, path, body, **headers):
        """Call a served route; return the answer."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        signed = {"x-api-key": API_KEY, **headers}
        return self.client.post(f"/v1/{path}", content=content, headers=signed)


def a_line(gtin="4006381333931", quantity=1, *, mass_g=None, charged=True, owed=250):
    return ReceiptLine(
        gtin=gtin,
        name=f"product {gtin}",
        quantity=quantity,
        unit_price=owed,
        amount=owed * quantity,
        tax_class="food",
        tax=0,
        posterior=0.99 if charged else 0.5,
        charged=charged,
        causes=(),
        mass_g=mass_g,
        owed=owed * quantity if charged else 0,
    )


def a_receipt(shop, visit, party, lines, role=""):
    total = sum(line.owed for line in lines)
    return Receipt(
        receipt=f"{STORE}.{visit}",
        store=STORE,
        visit=visit,
        account=party,
        entered_us=shop.now_us - to_us(60.0),
        left_us=shop.now_us,
        lines=tuple(lines),
        subtotal=total,
        tax=0,
        total=total,
        currency=shop.currency,
        currency_exponent=shop.exponent,
        prices_include_tax=True,
        role=role,
    )


def charge_body(trip, value=5.5, *, code="USD"):
    return {
        "storeId": STORE_ID,
        "shoppingTripId": trip,
        "amount": {"amount": value, "code": code},
    }


def refund_body(trip, value=1.25, *, refund=None, **changed):
    return {
        **charge_body(trip, value),
        "refundRequestId": refund or str(uuid.uuid5(uuid.NAMESPACE_OID, trip)),
        "refundReasonCode": "UNWANTED_ITEM",
        **changed,
    }


def status_body(trip, total=5.5, settled=5.5, *, code="USD", **changed):
    return {
        "storeId": STORE_ID,
        "shoppingTripId": trip,
        "totalAmount": {"amount": total, "code": code},
        "settledAmount": {"amount": settled, "code": code},
        "paymentStatusTime": 1_764_000_000,
        **changed,
    }


def cart_body(trip, *, price="0.99", sub="1.00", promotions="0.01", tax="0.00"):
    def money(amount):
        return {"amount": amount, "currencyCode": "USD"}

    return {
        "idempotentShoppingTripId": trip,
        "storeId": STORE_ID,
        "lineItems": [
            {
                "productId": "4006381333931",
                "type": "SCANCODE",
                "quantity": {"value": "1.0", "unit": "unit"},
                "unitPrice": {
                    "totalPrice": money("0.99"),
                    "price": money("1.00"),
                    "salesTax": money("0.00"),
                    "depositsAndFees": [],
                    "promotions": [
                        {"promotionAmount": money("0.01"), "promotionDescription": "a cent off"}
                    ],
                },
            }
        ],
        "orderTotals": {
            "priceTotal": money(price),
            "subTotal": money(sub),
            "promotionsTotal": money(promotions),
            "salesTaxTotal": money(tax),
        },
    }
