"""Derives the gate messages that the AutoCheckout export lacks.

A target whose state says it came in by the entrance gets a scan, its accepted decision and a
crossing in at its first position, and a crossing out at its last, wherever in the store those
are: in BENCHMARK-1 the shopper already stands in the aisle when the export begins.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from store_engine.adapters.aifi_export import ExportedTarget, TargetsFrame
from store_engine.messages import (
    Arrival,
    EntryDecision,
    GateCrossing,
    GateScan,
    Message,
    Point2,
)
from store_engine.units import US_PER_S, GateId

SCAN_LEAD_US = 2 * US_PER_S  # people present their credential before they are inside (guess)
DECISION_LEAD_US = 1 * US_PER_S  # ... and the answer is there before they pass (guess)
EXIT_LAG_US = 100_000  # out at the first frame that lacks them; frames come at 15 Hz (guess)


class Presence(NamedTuple):
    """When and where one target was first and last seen."""

    target: str
    entered: bool
    first_us: int
    first_at: Point2
    last_us: int
    last_at: Point2


def presences_of(frames: Iterable[TargetsFrame]) -> tuple[Presence, ...]:
    """Return every target's first and last appearance, in order of the first."""
    seen: dict[str, Presence] = {}
    for frame in frames:
        for target in frame.targets:
            at = _stands_at(target)
            if at is None:
                continue  # the tracker still names them for a frame or two once they are gone
            now = Presence(target.target, target.entered, frame.time_us, at, frame.time_us, at)
            before = seen.setdefault(target.target, now)
            seen[target.target] = before._replace(
                entered=before.entered or target.entered, last_us=frame.time_us, last_at=at
            )
    return tuple(seen.values())


def _stands_at(target: ExportedTarget) -> Point2 | None:
    """Return the floor under the neck: it sways less than the head."""
    joint = target.neck or target.head
    return None if joint is None else (joint.at[0], joint.at[1])


def gate_messages(presences: Sequence[Presence], gate: GateId) -> list[Arrival]:
    """Return scans, decisions and crossings, each device's numbered in order of time."""
    drafts = [draft for one in presences if one.entered for draft in _passage(one, gate)]
    sequences: Counter[str] = Counter()
    arrivals: list[Arrival] = []
    scans: dict[str, str] = {}  # credential -> ref of its scan
    for message in sorted(drafts, key=lambda draft: draft.time_us):
        numbered = msgspec.structs.replace(message, sequence=sequences[message.device])
        if isinstance(numbered, GateScan):
            scans[numbered.credential] = numbered.ref
        elif isinstance(numbered, EntryDecision):
            numbered = msgspec.structs.replace(numbered, scan=scans[numbered.account])
        sequences[message.device] += 1
        arrivals.append(Arrival(numbered, numbered.time_us))
    return arrivals


def _passage(one: Presence, gate: GateId) -> tuple[Message, ...]:
    """Return one target's gate messages, not numbered yet. Credential and account are one name."""
    name = f"aifi:{one.target}"
    return (
        GateScan(device=gate, sequence=0, time_us=one.first_us - SCAN_LEAD_US, credential=name),
        EntryDecision(
            device="accounts",
            sequence=0,
            time_us=one.first_us - DECISION_LEAD_US,
            scan="",
            accepted=True,
            account=name,
        ),
        GateCrossing(
            device=gate,
            sequence=0,
            time_us=one.first_us,
            direction="in",
            position=one.first_at,
        ),
        GateCrossing(
            device=gate,
            sequence=0,
            time_us=one.last_us + EXIT_LAG_US,
            direction="out",
            position=one.last_at,
        ),
    )


def gate_notes(presences: Sequence[Presence]) -> list[str]:
    """Say for whom gate messages were derived, and for whom not."""
    derived = [one for one in presences if one.entered]
    main = f"gate messages derived for {len(derived)} of {len(presences)} targets"
    others = (
        f"target {one.target}: never marked as having come in by the entrance, no gate messages"
        for one in presences
        if not one.entered
    )
    return [main, *others]
