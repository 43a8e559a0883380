"""A front door over a real database: two stores, a till, a counter, a provider that lives here."""

from collections import Counter as Count

from fastapi.testclient import TestClient

from store_engine.adapters.database.accounts import SqlAccountBook
from store_engine.adapters.database.api import SqlAudit, SqlPriceBooks, SqlSecrets, SqlTokens
from store_engine.adapters.database.books import SqlBooks
from store_engine.adapters.database.cases import SqlCasebook
from store_engine.adapters.database.gate import SqlGateBook
from store_engine.adapters.database.records import SqlRecords
from store_engine.adapters.database.records_reading import RecordsReader
from store_engine.adapters.database.shop_reading import ShopReader
from store_engine.adapters.database.webhooks import SqlSubscriptions
from store_engine.adapters.simulated_provider import SimulatedProvider
from store_engine.catalog import Catalog, Product
from store_engine.events import CartChanged, ReceiptIssued, VisitEnded, VisitStarted
from store_engine.messages import CartLine, LiveCart, Receipt, ReceiptLine, Reduction
from store_engine.office.api_tokens import ApiTokens
from store_engine.office.counter import Counter, Policy
from store_engine.office.receipt_links import ReceiptLinks
from store_engine.office.registry import Registry
from store_engine.office.till import Terms, Till
from store_engine.office.till_money import TillMoney
from store_engine.office.vault import Vault
from store_engine.ports import Kept
from store_engine.ports.api import DeviceState
from store_engine.units import Gtin, to_us
from store_engine.web.application import create_app
from store_engine.web.doors import Doors, Rates, ShopDoor

START_US = to_us(1_764_000_000)
MILK, BREAD, CHEESE, SOAP = "4006381333931", "4006381333948", "4006381333955", "4006381333962"
GOODS = {MILK: ("Milk", 129), BREAD: ("Bread", 249), CHEESE: ("Cheese", 1_899), SOAP: ("Soap", 99)}
UNLIMITED = Rates(per_token_s=1e6, token_burst=1e6, per_address_s=1e6, address_burst=1e6)


def catalog(**changed):
    """What both stores sell; `changed` are other prices, by GTIN."""
    products = {
        Gtin(gtin): Product(
            gtin=Gtin(gtin),
            name=name,
            price=changed.get(gtin, price),
            tax_class="food",
            mass_g=500.0,
            mass_std_g=5.0,
        )
        for gtin, (name, price) in GOODS.items()
    }
    return Catalog(
        products=products,
        tax_rates={"food": 0},
        currency="EUR",
        currency_exponent=2,
        prices_include_tax=True,
        version="opening",
    )


def line(gtin, quantity=1, *, posterior=0.999, charged=True, reductions=()):
    """A line of a receipt."""
    name, price = GOODS[gtin]
    amount = quantity * price
    owed = amount + sum(one.amount for one in reductions)
    return ReceiptLine(
        gtin=gtin,
        name=name,
        quantity=quantity,
        unit_price=price,
        amount=amount,
        tax_class="food",
        tax=0,
        posterior=posterior,
        charged=charged,
        causes=("shelf-1/0/17", "tracker/0/410"),
        reductions=tuple(reductions),
        owed=owed if charged else 0,
    )


def usual_lines():
    """Sure, fairly sure with a reduction, costly, and not sure enough to charge."""
    cut = Reduction(kind="promotion", id="two", name="2 for 4.00", amount=-98)
    return [
        line(MILK),
        line(BREAD, 2, posterior=0.96, reductions=[cut]),
        line(CHEESE, posterior=0.91),
        line(SOAP, posterior=0.55, charged=False),
    ]


class Devices:
    """A board with one device on it."""

    def states(self):
        return [DeviceState(device="shelf-1", kind="shelves", state="online", heard_us=START_US)]


class OfficeWorld:
    """Everything behind a front door, and the door."""

    def __init__(self, database, *, stores=("shop", "kiosk"), rates=UNLIMITED):
        self.now_us = START_US
        self.database = database
        self.provider = SimulatedProvider(now_us=self.now)
        self.books = SqlBooks(database)
        self.accounts = SqlAccountBook(database)
        self.audit = SqlAudit(database)
        gates = SqlGateBook(database)
        vault = Vault(
            gates, secret=gates.secret(b"s" * 32), now_us=self.now, card_prefixes=("tok_",)
        )
        self.registry = Registry(self.accounts, gates, vault, now_us=self.now)
        self.registry.ring.rotate()
        self.tokens = ApiTokens(SqlTokens(database), now_us=self.now)
        secret = SqlSecrets(database).secret("receipt links", b"l" * 32)
        self.links = ReceiptLinks(secret, public_url="https://shop.example")
        self.prices = SqlPriceBooks(database)
        self.shops = {store: self._shop(store) for store in stores}
        self.doors = Doors(
            shops=self.shops,
            tokens=self.tokens,
            links=self.links,
            registry=self.registry,
            accounts=self.accounts,
            subscriptions=SqlSubscriptions(database),
            audit=self.audit,
            now_us=self.now,
            rates=rates,
        )
        self.app = create_app(self.doors)
        self.client = TestClient(self.app, raise_server_exceptions=False, follow_redirects=False)
        self.records = {store: SqlRecords(database, store=store) for store in stores}
        self.visits = Count()

    def _shop(self, store):
        terms = Terms(store=store, currency="EUR", exponent=2, hold=5_000)
        till = Till(self.books, self.provider, terms=terms, now_us=self.now)
        casebook = SqlCasebook(self.database, store=store)
        return ShopDoor(
            store=store,
            records=ShopReader(self.database, store=store),
            casebook=casebook,
            counter=Counter(
                casebook=casebook,
                receipts=RecordsReader(self.database, store=store),
                money=TillMoney(till),
                policy=Policy(),
                now_us=self.now,
            ),
            till=till,
            prices=self.prices,
            opening_prices=catalog(),
            on_shelves=frozenset(GOODS),
            devices=Devices(),
        )

    def now(self):
        return self.now_us

    def pass_s(self, seconds):
        self.now_us += to_us(seconds)

    def token(self, role="admin", stores=("*",), **more):
        """Headers of a request with a new token."""
        _, text = self.tokens.create("somebody", role=role, stores=stores, **more)
        return {"Authorization": f"Bearer {text}"}

    # ---- what happens at a shop --------------------------------------------------------------

    def come_in(self, account="ada", *, store="shop"):
        """Start a visit; return its name and its party."""
        if self.accounts.account(account) is None:
            self.registry.add(account, methods=[f"tok_{account}"])
        self.visits[store] += 1
        visit = f"door-1.0.{self.visits[store]}"
        party = self.books.bind(
            party=f"{store}.{visit}", account=account, store=store, time_us=self.now_us
        )
        entered = self.shops[store].till.open(
            party=party, store=store, entry=f"{store}/{visit}", time_us=self.now_us
        )
        assert entered.accepted
        cart = LiveCart(
            store=store,
            visit=visit,
            time_us=self.now_us,
            lines=(CartLine(gtin=MILK, name="Milk", quantity=1, posterior=0.9),),
            total=129,
            currency="EUR",
        )
        started = VisitStarted(
            event=f"{visit}/started",
            time_us=self.now_us,
            visit=visit,
            account=party,
            gate="door-1",
            track="1",
        )
        changed = CartChanged(event=f"{visit}/cart", time_us=self.now_us, cart=cart)
        self.records[store].commit(Kept(events=[started, changed]))
        return visit, party

    def shop(self, account="ada", *, store="shop", lines=None):
        """Have somebody come in, take something and be charged; return the receipt."""
        visit, party = self.come_in(account, store=store)
        self.pass_s(134)
        paper = self._receipt(store, visit, party, lines or usual_lines())
        issued = ReceiptIssued(event=f"{visit}/receipt", time_us=self.now_us, receipt=paper)
        ended = VisitEnded(event=f"{visit}/ended", time_us=self.now_us, visit=visit)
        self.records[store].commit(Kept(events=[issued, ended]))
        charged = self.shops[store].till.charge(
            key=f"{store}/{visit}/charge",
            account=party,
            amount=paper.total,
            currency="EUR",
            receipt=paper.receipt,
        )
        assert charged.outcome == "charged"
        return paper

    def _receipt(self, store, visit, party, lines):
        owed = [one for one in lines if one.charged]
        return Receipt(
            receipt=f"{store}.{visit}",
            store=store,
            visit=visit,
            account=party,
            entered_us=self.now_us - to_us(134),
            left_us=self.now_us,
            lines=tuple(lines),
            subtotal=sum(one.amount for one in owed),
            tax=0,
            total=sum(one.owed for one in owed),
            currency="EUR",
            currency_exponent=2,
            prices_include_tax=True,
            discount=sum(cut.amount for one in owed for cut in one.reductions),
        )

    def link(self, paper):
        """The path of a receipt's page."""
        return self.links.path(paper.store, paper.receipt)

    def taken(self):
        """What the provider took and did not give back."""
        return sum(hold.captured - hold.refunded for hold in self.provider.ledger.holds())
