"""The running service: one loop that hears, decides, keeps, and only then speaks.

Each turn takes what the inbox holds, hands it to the engine, and keeps payloads, events and
requested effects in one commit. Afterwards it publishes, begins the effects and acknowledges to
the broker, in any order as far as correctness goes: a crash before the commit makes the broker
deliver again, a crash after it makes the next start republish and perform again, under the same
keys. So everything happens at least once outside and exactly once in the books.
"""

import contextlib
import functools
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from store_engine.announcements import Announcement, announcement, say
from store_engine.card_numbers import masked, masked_bytes
from store_engine.catalog import Catalog
from store_engine.effects import Effects
from store_engine.errors import RecordsError, SupersededError
from store_engine.events import Event, event_id
from store_engine.inbox import Inbound, Inbox
from store_engine.intake import Refusal, refuse_biometrics
from store_engine.messages import AgeChecked, Alert, Arrival, PricesChanged
from store_engine.ports import (
    Accounts,
    DeadLetter,
    Delivery,
    Kept,
    Listener,
    Payments,
    Publisher,
    RawArrival,
    RecordingSink,
    Records,
)
from store_engine.recovery import Decides, Door, recover, state_of
from store_engine.session_recording import SessionRecording
from store_engine.units import to_us

COMMIT_WITHIN_S = 0.010  # arrivals that decide nothing share a commit for this long (guess)
BATCH_MAX = 500  # arrivals in one commit (guess)
CATALOG = "catalog"  # the device that says new prices
OFFICE = "office"  # the device that says what people in the shop saw to
KEEP_AGAIN_S = 1.0  # between attempts while the store of record fails (guess)

_log = structlog.get_logger(__name__)


class Observer(Protocol):
    """Watches the loop, for measuring; times are of the monotonic clock."""

    def heard(self, arrival: Arrival, received_ns: int) -> None:
        """An accepted message is about to be handled; it reached us at `received_ns`."""
        ...

    def said(self, event: Event, said_ns: int) -> None:
        """An event was kept, and published or begun, at `said_ns`."""
        ...


@dataclass(frozen=True, kw_only=True)
class Adapters:
    """What the service touches the world with."""

    records: Records
    listener: Listener
    publisher: Publisher
    accounts: Accounts
    payments: Payments
    recorder: RecordingSink | None = None
    # Takes out of a device's payload what must not be kept of it: credentials, above all.
    veil: Callable[[RawArrival], RawArrival] = lambda raw: raw


@dataclass(kw_only=True)
class _Batch:
    """What one commit will keep, and whom to tell afterwards."""

    journal: list[RawArrival] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    heard: list[RawArrival] = field(default_factory=list)  # refused ones too: what is recorded

    @property
    def size(self) -> int:
        """How many arrivals it holds."""
        return len(self.journal) + len(self.dead_letters)


class Service:
    """One store's engine at work."""

    def __init__(
        self,
        *,
        store: str,
        engine: Decides,
        door: Door,
        adapters: Adapters,
        tick_s: float,
        snapshot_every_s: float,
        observer: Observer | None = None,
        wall_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self.counters: Counter[str] = Counter()
        self._store = store
        self._engine = engine
        self._door = door
        self._adapters = adapters
        self._recording = SessionRecording(adapters.recorder, alarm=self._alarm)
        self._tick_s = tick_s
        self._snapshot_every_us = to_us(snapshot_every_s)
        self._observer = observer
        self._wall_ns = wall_ns
        self._stopping = threading.Event()
        self._boot = adapters.records.begin_life()
        self._received_us = recover(
            engine, door, adapters.records, again=lambda raw: self._recording.write([raw])
        )
        began_us = self._received_us or wall_ns() // 1_000
        self._snapshot_due_us = began_us + self._snapshot_every_us
        self._tick_due_s = time.monotonic()
        self._inbox = Inbox(
            store=store, boot=self._boot, not_before_us=self._received_us, wall_ns=wall_ns
        )
        self._effects = Effects(
            accounts=adapters.accounts,
            payments=adapters.payments,
            answer=lambda device, build, event: self._inbox.say(device, build, answers=event),
            alarm=self._alarm,
        )

    # ---- life --------------------------------------------------------------------------------

    def start(self) -> None:
        """Say and do again what may have been cut short, then begin to listen."""
        records = self._adapters.records
        if records.snapshot() is None:  # else a journal would begin with whatever files say later
            self._keep_state()
        for event in (*records.unpublished(), *records.live_carts()):
            self._publish(announcement(self._store, event))
        self._effects.perform(records.pending_effects())
        self._adapters.listener.start(self._inbox.hear)

    def change_prices(self, book: Catalog) -> None:
        """Price visits that start from now on by `book`; safe from any thread."""
        self._inbox.say(CATALOG, functools.partial(PricesChanged, book=book))

    def check_age(self, visit: str, by: str, *, adult: bool) -> None:
        """Note that somebody looked at a shopper's age; safe from any thread."""
        self._inbox.say(OFFICE, functools.partial(AgeChecked, visit=visit, by=by, adult=adult))

    def run(self) -> None:
        """Work until `stop`."""
        while not self._stopping.is_set():
            self.turn()

    def stop(self) -> None:
        """Let `run` return soon; safe from any thread and from signal handlers."""
        self._stopping.set()
        self._inbox.close()

    def close(self) -> None:
        """Save the state and let go of everything. What was not kept comes again."""
        self._effects.close()
        self._adapters.listener.close()
        with contextlib.suppress(RecordsError):  # else the next start says a few things again
            published = self._adapters.publisher.pending() == 0
            self._adapters.records.commit(Kept(published=published))
        self._save_snapshot()
        self._let_go()

    def abandon(self) -> None:
        """Let go of everything after a failure: the next start recovers from the last commit."""
        self._effects.close()
        self._adapters.listener.close()
        self._let_go()

    def _let_go(self) -> None:
        self._recording.close()
        self._adapters.records.close()
        _log.info("stopped", **self.status())

    def status(self) -> dict[str, int]:
        """Return everything counted since the start."""
        engine: Mapping[str, int] = getattr(self._engine, "counters", {})
        return {**engine, **self.counters}

    # ---- one turn ----------------------------------------------------------------------------

    def turn(self) -> None:
        """Handle what has arrived, keep it, then speak. Waits at most until the next tick."""
        batch = self._gather()
        if batch.size == 0:
            return
        new = self._keep(batch)
        for event in new:
            self._publish(announcement(self._store, event))
        self._effects.perform(new)
        self._observe_said(new)
        self._adapters.listener.acknowledge(batch.deliveries)
        self._recording.write(batch.heard)  # after the commit: a recording holds only what was kept
        if self._received_us >= self._snapshot_due_us:
            self._save_snapshot()

    def _gather(self) -> _Batch:
        """Handle arrivals until there is something to say, or enough of them share a commit."""
        batch = _Batch()
        inbound = self._first()
        give_up_s = time.monotonic() + COMMIT_WITHIN_S
        while inbound is not None:
            self._handle(inbound, batch)
            wait_s = give_up_s - time.monotonic()
            if batch.size >= BATCH_MAX or wait_s <= 0:
                break
            inbound = self._inbox.take(0.0 if batch.events else wait_s)
        return batch

    def _first(self) -> Inbound | None:
        """Wait for an arrival; quiet time counts as one when the broker has no more for us."""
        wait_s = self._tick_due_s - time.monotonic()
        if wait_s <= 0:
            self._tick_due_s = time.monotonic() + self._tick_s
            tick = self._inbox.tick() if self._adapters.listener.caught_up() else None
            if tick is not None:
                return tick
            wait_s = self._tick_s
        return self._inbox.take(wait_s)

    def _handle(self, inbound: Inbound, batch: _Batch) -> None:
        self.counters["received"] += 1
        self._received_us = inbound.raw.received_us
        if inbound.delivery is not None:
            batch.deliveries.append(inbound.delivery)
            inbound = inbound._replace(raw=self._adapters.veil(inbound.raw))
        accepted = self._let_in(inbound, batch)
        if isinstance(accepted, Refusal):
            self.counters["refused"] += 1
            batch.dead_letters.append(DeadLetter(*accepted))
            return
        if self._observer is not None:
            self._observer.heard(accepted, inbound.received_ns)
        batch.events += self._engine.handle(accepted)
        batch.journal.append(inbound.raw)
        if inbound.answers:
            batch.answered.append(inbound.answers)

    def _let_in(self, inbound: Inbound, batch: _Batch) -> Arrival | Refusal:
        raw = inbound.raw
        if inbound.delivery is not None and raw.topic.split("/")[2:3] == ["edge"]:
            # A broker that carried an answer to an effect could be made to forge one.
            reason = f"topic {raw.topic!r}: only the engine's own edge speaks there"
            return refuse_biometrics(raw) or _without_card_numbers(Refusal(raw, reason))
        accepted = self._door.accept(raw)
        if isinstance(accepted, Refusal):
            accepted = _without_card_numbers(accepted)
            raw = accepted.raw
        batch.heard.append(raw)
        return accepted

    def _keep(self, batch: _Batch) -> list[Event]:
        """Commit, however long it takes: meanwhile the broker holds what comes."""
        published = self._adapters.publisher.pending() == 0
        kept = Kept(batch.journal, batch.events, batch.dead_letters, batch.answered, published)
        new = self._commit(kept)
        self.counters["commits"] += 1
        self.counters["events"] += len(new)
        if len(new) != len(batch.events):
            self.counters["repeated_events"] += len(batch.events) - len(new)
            _log.error("the engine decided an event twice; the first decision stands")
        return new

    def _commit(self, kept: Kept) -> list[Event]:
        failing = False
        while True:
            try:
                return self._adapters.records.commit(kept)
            except RecordsError as error:
                if self._stopping.is_set() or isinstance(error, SupersededError):
                    raise
                if not failing:
                    self._alarm("records_failing", f"nothing can be kept: {error}", "records")
                failing = True
                self._stopping.wait(KEEP_AGAIN_S)

    # ---- saying ------------------------------------------------------------------------------

    def _publish(self, said: Announcement | None) -> None:
        if said is not None:
            self._adapters.publisher.publish(
                said.topic, said.payload, qos=said.qos, retain=said.retain
            )

    def _observe_said(self, events: list[Event]) -> None:
        if self._observer is not None:
            for event in events:
                self._observer.said(event, time.monotonic_ns())

    def _alarm(self, kind: str, text: str, about: str) -> None:
        """Tell the store about trouble at the edge. Not an event: a replay has other troubles."""
        _log.error(text, kind=kind, about=about)
        self.counters["alarms"] += 1
        name = event_id(self._store, "edge", self._boot, kind, self.counters["alarms"])
        alert = Alert(
            alert=name,
            store=self._store,
            time_us=self._wall_ns() // 1_000,
            kind=kind,
            text=text,
            about=about,
        )
        self._publish(say(self._store, alert))

    # ---- snapshots ---------------------------------------------------------------------------

    def _save_snapshot(self) -> None:
        self._snapshot_due_us = self._received_us + self._snapshot_every_us
        # The recording must reach at least to where the journal will begin.
        self._recording.flush()
        self._keep_state()

    def _keep_state(self) -> None:
        try:
            self._adapters.records.save_snapshot(state_of(self._engine, self._received_us))
        except RecordsError as error:  # the journal goes on growing: a restart takes longer
            self._alarm("snapshot_failed", str(error), "records")
        else:
            self.counters["snapshots"] += 1


def _without_card_numbers(refusal: Refusal) -> Refusal:
    """Anything may be in what nobody can read: a card that was swiped into the wrong reader."""
    raw, reason = refusal
    kept = RawArrival(raw.received_us, masked(raw.topic), masked_bytes(raw.payload))
    return Refusal(kept, masked(reason))
