"""A shop at work, with everything that keeps something about a person, on disk."""

import itertools

import msgspec

from store_engine.adapters.database.api import SqlAudit, SqlTokens
from store_engine.adapters.database.cases import SqlCasebook
from store_engine.adapters.database.privacy import SqlPersonBook
from store_engine.adapters.database.privacy_retention import SqlRetentionBook
from store_engine.adapters.database.privacy_scrub import SqlScrubber
from store_engine.adapters.database.records import SqlRecords
from store_engine.adapters.database.records_reading import RecordsReader
from store_engine.adapters.recording_files import RecordingFiles
from store_engine.adapters.recordings import McapRecorder
from store_engine.app.privacy import days_kept
from store_engine.complaints import Policy, Said
from store_engine.events import CartChanged, ChargeRequested, EntryRequested, ReceiptIssued
from store_engine.intake import FrontDoor
from store_engine.messages import EntryDecision, GateScan, Receipt, ReceiptLine
from store_engine.office.counter import Counter
from store_engine.office.privacy import SETTLED, Privacy
from store_engine.office.retention import Retention
from store_engine.office.till_money import TillMoney
from store_engine.ports.api import ApiToken, AuditEntry
from store_engine.service import Adapters, Service
from store_engine.settings import RetentionSettings
from store_engine.units import to_us
from tests.app.tiny_world import MemoryBroker, TinyEngine
from tests.office.desk_world import STORE, DeskWorld
from tests.tiny_store import WATER, tiny_store

ADA = "acc-lovelace-1815"
NAME = "Ada Augusta King-Noel"
TOKEN = "tok_adas_visa_4aXq9"
CARD = "tok_adas_tap_77Gh2"
PRINTED = "qr-adas-secret-9Zk31"
TEXT = "My neighbour Charles Babbage saw that I put the water back"
HOLDER = "Adas telephone, the red one"
SCANS = "stores/tiny/gates/door/scans"
DAYS = days_kept(RetentionSettings())


class PaperEngine(TinyEngine):
    """The tiny engine with the names of the real one, and a receipt for everybody."""

    def decide(self, message):
        if isinstance(message, GateScan):
            yield EntryRequested(
                event=f"{STORE}/{visit_of(message.ref)}/entry_requested",
                time_us=message.time_us,
                gate=message.device,
                scan=message.ref,
                credential=message.credential,
            )
            return
        for word in super().decide(message):
            yield msgspec.structs.replace(word, time_us=message.time_us)

    def shop(self, entry: EntryDecision):
        visit = visit_of(entry.scan)
        for word in super().shop(entry):
            yield named(word, visit)
        event = f"{STORE}/{visit}/receipt"
        yield ReceiptIssued(event=event, time_us=0, receipt=paper(visit, entry))


def visit_of(scan):
    return scan.replace("/", ".")


def named(word, visit):
    if isinstance(word, CartChanged):
        return msgspec.structs.replace(word, cart=msgspec.structs.replace(word.cart, visit=visit))
    receipt = {"receipt": visit} if isinstance(word, ChargeRequested) else {}
    return msgspec.structs.replace(word, visit=visit, **receipt)


def paper(visit, entry):
    line = ReceiptLine(
        gtin=WATER, name="Water", quantity=1, unit_price=100, amount=100, tax_class="food", tax=0,
        posterior=1.0, charged=True, causes=(), owed=100,
    )  # fmt: skip
    return Receipt(
        receipt=visit, store="tiny", visit=visit, account=entry.account, entered_us=entry.time_us,
        left_us=entry.time_us, lines=(line,), subtotal=100, tax=0, total=100, currency="USD",
        currency_exponent=2, prices_include_tax=True,
    )  # fmt: skip


class PrivacyWorld(DeskWorld):
    """Everything that keeps anything, and what shows, erases and outdates it."""

    def __init__(self, folder, *, url=None, **rules):
        super().__init__(folder, url=url, **rules)
        self.folder = folder
        self.broker = MemoryBroker()
        self.numbers = itertools.count()
        self.casebook = SqlCasebook(self.database)
        self.reading = RecordsReader(self.database)
        self.persons = SqlPersonBook(self.database)
        self.scrubber = SqlScrubber(self.database)
        self.book = SqlRetentionBook(self.database, settled=SETTLED)
        self.counter = Counter(
            casebook=self.casebook,
            receipts=self.reading,
            money=TillMoney(self.till),
            policy=Policy(),
            now_us=self.now,
        )
        self.privacy = Privacy(
            self.persons, self.scrubber, handle=self.vault.handle, now_us=self.now
        )
        self.open_service()

    def open_service(self):
        self.service = Service(
            store="tiny",
            engine=PaperEngine(),
            door=FrontDoor(tiny_store()),
            adapters=Adapters(
                records=SqlRecords(self.database, store="tiny"),
                listener=self.broker,
                publisher=self.broker,
                accounts=self.desk,
                payments=self.till,
                recorder=McapRecorder(self.folder / "session.mcap", store="tiny"),
                veil=self.vault.veil,
            ),
            tick_s=0.005,
            snapshot_every_s=1_000.0,
            wall_ns=lambda: self.now_us * 1_000,
        )
        self.service.start()

    def retention(self, **days):
        return Retention(
            self.book,
            self.persons,
            self.privacy,
            RecordingFiles(None),
            self.scrubber,
            days={**DAYS, **days},
        )

    # ---- what happens in the shop

    def open_accounts(self):
        self.registry.add(ADA, name=NAME, methods=[TOKEN], credentials=[CARD, PRINTED])
        self.registry.add("bob", name="Bob", methods=["tok_bob"], credentials=["qr-bob"])

    def scan(self, credential, **more):
        said = GateScan(
            device="door",
            sequence=next(self.numbers),
            time_us=self.now_us,
            credential=credential,
        )
        self.broker.send(SCANS, msgspec.json.encode(msgspec.to_builtins(said) | more))
        self.work()

    def work(self):
        """Let everything that was sent be handled, and answered."""
        for _ in range(2_000):
            self.service.turn()
            if not self.broker.unacknowledged and not self.reading.pending_effects():
                return
        raise AssertionError(self.service.status())

    def pass_days(self, days):
        self.pass_s(days * 86_400)

    def visits_of_ada(self):
        """Three visits, one contested; what people and programs did about it."""
        code = self.code(ADA)
        for credential in (CARD, PRINTED, code):
            self.scan(credential)
        self.scan("qr-bob")
        receipt = next(one for one in self.reading.receipts() if "door" in one.receipt)
        self.contest(receipt.receipt)
        self.use_the_api(receipt.receipt)
        self.broker.send(SCANS.replace("door", "attic"), f'{{"from": "{NAME}"}}'.encode())
        self.work()
        return code

    def contest(self, receipt, text=TEXT):
        said = Said("not_taken", gtin=WATER, quantity=1, reason=text)
        return self.counter.contest(receipt, said, request="r1")

    def use_the_api(self, receipt):
        token = ApiToken(
            token="t1", digest="d1", holder=HOLDER, role="shopper", scopes=(), stores=("*",),
            account=ADA, created_us=self.now_us,
        )  # fmt: skip
        SqlTokens(self.database).add(token)
        log = SqlAudit(self.database)
        for on in (f"store=tiny account={ADA}", "account=acc-lovelace", f"receipt={receipt}"):
            log.begin(
                AuditEntry(
                    time_us=self.now_us, who="t9", what="GET /v1/accounts", on=on, outcome=200
                )
            )

    def settle_down(self):
        """Stop the engine, which writes down that it has forgotten who tapped; it may be idle."""
        self.service.close()
        self.service = None

    def close(self):
        if self.service is not None:
            self.service.close()
        self.database.close()

    def later_us(self, days):
        return self.now_us + to_us(days * 86_400)
