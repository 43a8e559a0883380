"""A store with one door, an engine of twenty lines and a broker in memory, for the service."""

import itertools
import time
from functools import cached_property

import msgspec

from store_engine.accounts import Account, AccountDirectory
from store_engine.adapters.database import open_database, open_existing, sqlite_url
from store_engine.adapters.database.records import SqlRecords
from store_engine.adapters.database.records_reading import RecordsReader
from store_engine.adapters.memory_books import MemoryBooks
from store_engine.adapters.simulated_provider import SimulatedProvider
from store_engine.errors import RecordingError
from store_engine.events import (
    CartChanged,
    ChargeDeclined,
    ChargeRequested,
    ChargeSettled,
    EntryRequested,
    VisitEnded,
    VisitStarted,
)
from store_engine.intake import FrontDoor
from store_engine.messages import EntryDecision, GateScan, LiveCart, PaymentResult
from store_engine.office.till import Terms, Till
from store_engine.ports import Delivery
from store_engine.ports.office import PaymentMethod
from store_engine.service import Adapters, Service
from store_engine.topics import heard_topic
from tests.tiny_store import tiny_store

ADA = Account(account="ada", credentials=("qr-ada",), payment="tok_ada")
BOB = Account(account="bob", credentials=("qr-bob",), payment="tok_declined")
ACCOUNTS = AccountDirectory((ADA, BOB))
METHODS = {one.account: [PaymentMethod("card", one.payment)] for one in (ADA, BOB)}
TERMS = Terms(store="tiny", currency="USD", exponent=2, hold=0)


class TinyEngine:
    """A scan asks to come in; who is let in owes 100; the payment settles it.

    Drops repeated messages by name and can be saved, as the real engine does.
    """

    def __init__(self):
        self.seen = {}

    def handle(self, arrival):
        message = arrival.message
        if message.ref in self.seen:
            return []
        self.seen[message.ref] = True
        return list(self.decide(message))

    def decide(self, message):
        match message:
            case GateScan():
                yield EntryRequested(
                    event=f"entry/{message.ref}",
                    time_us=message.time_us,
                    gate=message.device,
                    scan=message.ref,
                    credential=message.credential,
                )
            case EntryDecision(accepted=True):
                yield from self.shop(message)
            case PaymentResult(outcome="charged"):
                yield ChargeSettled(
                    event=f"settled/{message.request}",
                    time_us=0,
                    visit="",
                    request=message.request,
                    amount=message.amount,
                    provider_ref=message.provider_ref,
                )
            case PaymentResult():
                yield ChargeDeclined(
                    event=f"declined/{message.request}",
                    time_us=0,
                    visit="",
                    request=message.request,
                    reason=message.reason,
                )

    def shop(self, entry):
        visit = entry.scan.replace("/", "-")
        cart = LiveCart(store="tiny", visit=visit, time_us=0, lines=(), total=100, currency="USD")
        yield VisitStarted(
            event=f"{visit}/started",
            time_us=0,
            visit=visit,
            account=entry.account,
            gate="",
            track="",
        )
        yield CartChanged(event=f"{visit}/cart", time_us=0, cart=cart)
        yield ChargeRequested(
            event=f"{visit}/charge",
            time_us=0,
            visit=visit,
            account=entry.account,
            receipt=visit,
            amount=100,
            currency="USD",
        )
        yield VisitEnded(event=f"{visit}/ended", time_us=0, visit=visit)

    def snapshot(self):
        return {"seen": list(self.seen)}

    def restore(self, snapshot):
        self.seen = dict.fromkeys(snapshot["seen"], True)


class MemoryBroker:
    """Keeps one session: delivers again what was not acknowledged, as MQTT does at QoS 1."""

    def __init__(self):
        self.unacknowledged = {}
        self.published = []
        self.retained = {}
        self._packets = itertools.count(1)
        self._deliver = None

    def send(self, topic, payload):
        packet = next(self._packets)
        self.unacknowledged[packet] = (topic, payload)
        if self._deliver is not None:
            self._deliver(topic, payload, Delivery(1, packet))

    def send_scan(self, sequence, credential="qr-ada"):
        scan = GateScan(device="door", sequence=sequence, time_us=sequence, credential=credential)
        self.send(heard_topic("tiny", scan), msgspec.json.encode(scan))

    def start(self, deliver):
        self._deliver = deliver
        for packet, (topic, payload) in self.unacknowledged.items():
            deliver(topic, payload, Delivery(1, packet))

    def acknowledge(self, deliveries):
        for delivery in deliveries:
            self.unacknowledged.pop(delivery.packet, None)

    def caught_up(self):
        return True

    def publish(self, topic, payload, *, qos, retain):
        self.published.append((topic, payload))
        if retain:
            self.retained[topic] = payload

    def pending(self):
        return 0

    def close(self):
        self._deliver = None

    def alerts(self):
        payloads = [payload for topic, payload in self.published if topic.endswith("/alerts")]
        return [msgspec.json.decode(payload)["kind"] for payload in payloads]


class Ticking:
    """A wall clock that goes on by 1 ms at every look, so that stamps are always new."""

    def __init__(self):
        self.now_ns = 1_700_000_000_000_000_000

    def __call__(self):
        self.now_ns += 1_000_000
        return self.now_ns


class FullDisk:
    """A recording sink that cannot write."""

    def write(self, arrival):
        raise RecordingError(
            "session.mcap: cannot record after 0 messages: No space left on device"
        )

    def flush(self):
        raise AssertionError("a recording that failed is not touched again")

    close = flush


class World:
    """Everything that outlives a service: the broker, the disk, the payment provider."""

    def __init__(self, folder):
        self.folder = folder
        self.broker = MemoryBroker()
        self.provider = SimulatedProvider()
        self.till = Till(MemoryBooks(METHODS), self.provider, terms=TERMS, now_us=lambda: 1)
        self.clock = Ticking()
        self.service = None

    def records(self):
        url = sqlite_url(self.folder / "records.sqlite")
        return SqlRecords(open_database(url), store="tiny")

    def start(self, *, records=None, recorder=None, engine=None, tick_s=0.005, **options):
        self.service = Service(
            store="tiny",
            engine=engine or TinyEngine(),
            door=FrontDoor(tiny_store()),
            adapters=Adapters(
                records=records or self.records(),
                listener=self.broker,
                publisher=self.broker,
                accounts=ACCOUNTS,
                payments=self.till,
                recorder=recorder,
            ),
            tick_s=tick_s,
            snapshot_every_s=options.pop("snapshot_every_s", 1_000.0),
            wall_ns=self.clock,
            **options,
        )
        self.service.start()
        return self.service

    def until(self, done, *, timeout_s=5.0):
        give_up_s = time.monotonic() + timeout_s
        while not done():
            assert time.monotonic() < give_up_s, self.service.status()
            self.service.turn()

    @cached_property
    def reading(self):
        return RecordsReader(open_existing(sqlite_url(self.folder / "records.sqlite")))

    def taken(self):
        """What the provider took, in order."""
        return [hold.captured for hold in self.provider.ledger.holds() if hold.captured]

    def events(self):
        return self.reading.events()

    def decided(self, type_):
        return [e.event for e in self.events() if e.__struct_config__.tag == type_]
