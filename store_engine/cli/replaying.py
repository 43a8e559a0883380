"""Running a recording through an engine for the commands that need its events."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from store_engine.adapters.recording_tools import RecordingSummary, describe
from store_engine.adapters.recordings import McapRecording
from store_engine.adapters.simulated_payments import InMemoryPayments
from store_engine.cli.shared import progress
from store_engine.effects import LocalResponder
from store_engine.events import Event, ReceiptIssued
from store_engine.messages import EntryDecision, PaymentResult, Receipt
from store_engine.ports import Onlooker, RawArrival
from store_engine.replay import Replay
from store_engine.store_files import load_accounts, load_store
from store_engine.topics import topic_for
from store_engine.units import AccountId


@dataclass(kw_only=True)
class Replayed:
    """A replay that ran."""

    replay: Replay
    summary: RecordingSummary
    events: list[Event] = field(default_factory=list)
    explained: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # by visit
    wall_s: float = 0.0

    @property
    def receipts(self) -> list[Receipt]:
        """Every receipt that was issued, in order."""
        return [event.receipt for event in self.events if isinstance(event, ReceiptIssued)]


def responder_for(recording: Path, store: Path, summary: RecordingSummary) -> LocalResponder:
    """Return a stand-in back end for the effects whose answers were not recorded."""
    accounts = load_accounts(store)
    recorded = {topic.topic.split("/")[-1] for topic in summary.topics}
    admitted = {} if _leaf(EntryDecision) not in recorded else _admitted_in(recording)
    payments = InMemoryPayments({**admitted, **accounts.payments})
    return LocalResponder(
        accounts=None if _leaf(EntryDecision) in recorded else accounts,
        payments=None if _leaf(PaymentResult) in recorded else payments,
    )


def _leaf(message: type[EntryDecision | PaymentResult]) -> str:
    return topic_for(message).pattern.split("/")[-1]


def _admitted_in(recording: Path) -> dict[AccountId, str]:
    """Return the accounts a recording admits; whoever was let in is taken to be able to pay."""
    decode = msgspec.json.Decoder(EntryDecision).decode
    decisions = [
        decode(raw.payload)
        for raw in McapRecording(recording)
        if raw.topic.endswith(_leaf(EntryDecision))
    ]
    return {AccountId(one.account): "tok_recorded" for one in decisions if one.accepted}


def replay_file(
    recording: Path, store: Path, *, speed: float = 0.0, onlooker: Onlooker | None = None
) -> Replayed:
    """Replay a recording; `speed` 1 is real time, 0 as fast as it goes."""
    summary = describe(recording)
    replay = Replay(load_store(store), responder_for(recording, store, summary), onlooker)
    result = Replayed(replay=replay, summary=summary)
    started = time.perf_counter()
    with progress() as bar:
        task = bar.add_task(f"replaying {recording.name}", total=max(summary.messages, 1))
        for count, raw in enumerate(_paced(McapRecording(recording), speed), start=1):
            events = replay.feed(raw)
            result.events += events
            for event in events:
                if isinstance(event, ReceiptIssued):  # now: an engine forgets in a long session
                    visit = event.receipt.visit
                    result.explained[visit] = replay.engine.explain(visit)
            if count % 500 == 0:
                bar.update(task, completed=count)
    result.wall_s = time.perf_counter() - started
    return result


def _paced(recording: McapRecording, speed: float) -> Iterator[RawArrival]:
    """Yield the recording's payloads at `speed` times real time; 0 does not wait."""
    first_us: int | None = None
    started = time.monotonic()
    for raw in recording:
        if speed > 0:
            first_us = raw.received_us if first_us is None else first_us
            due_s = (raw.received_us - first_us) / 1e6 / speed
            time.sleep(max(0.0, started + due_s - time.monotonic()))
        yield raw
