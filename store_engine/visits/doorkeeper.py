"""Who may come in: scans, the answers to them, and the admissions they leave behind.

The rule for taps, in full:

1. An accepted tap admits one person through its gate, from a moment before the tap until
   `admission_ms` after its answer. Crossings use the oldest admission first.
2. A card held to the reader again within `REPEAT_S`, while its first tap is still unused, asks
   nothing new: it is a *spare* of that first tap. A spare admits somebody only within
   `FOLLOW_S` behind the person before them on the same card, and only while nobody else's
   admission is waiting. So a nervous double tap admits no stranger, and a family that taps twice
   and walks in together is one visit.
3. A group's tap admits as many as its credential is for, each within `GROUP_S` behind the one
   before. It has no spares: they said how many they are.
4. Whoever is admitted by an account with an open visit joins that visit (see `book.py`).
"""

from typing import Any

import msgspec

from store_engine.events import EntryRefused, EntryRequested, Event, event_id
from store_engine.messages import EntryDecision, GateScan
from store_engine.promotions import Shopper
from store_engine.store import Policy
from store_engine.units import to_us

REPEAT_S = 3.0  # between two taps of one card that mean one tap (guess: readers re-read in 1 s)
FOLLOW_S = 5.0  # between people who walk in together on one card (guess)
GROUP_S = 8.0  # between people of one group; longer, and the next shopper might pass as one (guess)
EARLY_S = 1.0  # a gate may report a crossing this much before its scan (guess: clock error)
KEPT_S = 10.0  # an admission outlives its end by this: crossings are judged late (entrances)


class Tap(msgspec.Struct, frozen=True, kw_only=True):
    """One presented credential and what has become of it; gone once used, refused or expired."""

    scan: str  # MessageRef
    gate: str
    credential: str
    scanned_us: int
    account: str = ""  # set once accepted
    shopper: Shopper = Shopper()
    people: int = 1  # how many it admits in all
    used: int = 0  # ... and has admitted so far
    until_us: int = 0  # admits until then; a spare opens when the tap before it is used
    spare_of: str = ""  # scan of the first tap
    causes: tuple[str, ...] = ()

    @property
    def visit(self) -> str:
        """The id of the visit this tap would start: its device, boot and sequence."""
        return visit_id(self.scan)

    def admits(self, gate: str, time_us: int) -> bool:
        """Whether somebody who passed `gate` at `time_us` may have come in on this tap."""
        early_us = self.scanned_us - to_us(EARLY_S)
        return bool(self.account) and self.gate == gate and early_us <= time_us <= self.until_us


def visit_id(scan: str) -> str:
    """Return a readable visit id, unique across restarts: "door-1/0/4" -> "door-1.0.4"."""
    return scan.replace("/", ".")


def _behind(shopper: Shopper) -> Shopper:
    """Return what a spare brings in: vouchers are the first tap's, on whose visit they count."""
    return msgspec.structs.replace(shopper, vouchers=())


class Doorkeeper:
    """All taps that may still let somebody in, in order of their scans."""

    def __init__(self, store: str, policy: Policy) -> None:
        self._store = store
        self._admission_us = policy.admission_ms * 1_000
        self._taps: list[Tap] = []
        self._given_up: list[Tap] = []  # refused for want of an answer, which may yet come
        self._lapsed: list[Tap] = []  # accepted, and nobody came in

    def ask(self, scan: GateScan, time_us: int) -> list[Event]:
        """Take a scan in; a repeat of an unused tap asks nothing."""
        if any(tap.scan == scan.ref for tap in self._taps):
            return []
        first = self._repeated(scan, time_us)
        tap = Tap(
            scan=scan.ref,
            gate=scan.device,
            credential=scan.credential,
            scanned_us=time_us,
            account=first.account if first else "",
            shopper=_behind(first.shopper) if first else Shopper(),
            spare_of=first.scan if first else "",
            causes=(*first.causes, scan.ref) if first else (scan.ref,),
        )
        self._taps.append(tap)
        if first:
            return []
        return [
            EntryRequested(
                event=event_id(self._store, tap.visit, "entry_requested"),
                time_us=time_us,
                causes=(scan.ref,),
                gate=scan.device,
                scan=scan.ref,
                credential=scan.credential,
            )
        ]

    def _repeated(self, scan: GateScan, time_us: int) -> Tap | None:
        """Return the unused first tap that this scan repeats."""
        same = [
            tap
            for tap in self._taps
            if (tap.gate, tap.credential) == (scan.device, scan.credential)
            and abs(time_us - tap.scanned_us) <= to_us(REPEAT_S)
        ]
        firsts = {tap.spare_of or tap.scan for tap in same}
        return next((tap for tap in self._taps if tap.scan in firsts), None)

    def answer(self, decision: EntryDecision, time_us: int) -> list[Event]:
        """Take an answer in; one to a scan that waits for none (repeated, too late) is ignored."""
        tap = next((tap for tap in self._taps if tap.scan == decision.scan), None)
        if tap is None or tap.account or tap.spare_of:
            self._answer_late(decision)
            return []
        if not decision.accepted or not decision.account:
            reason = decision.reason or "no account given"
            return [self._refuse(tap, reason, time_us, causes=(tap.scan, decision.ref))]
        self._taps = [self._accepted(other, tap, decision, time_us) for other in self._taps]
        return []

    def _answer_late(self, decision: EntryDecision) -> None:
        """Somebody would have been let in, and has given up."""
        late = [tap for tap in self._given_up if tap.scan == decision.scan]
        self._given_up = [tap for tap in self._given_up if tap.scan != decision.scan]
        if decision.accepted:
            causes = (decision.scan, decision.ref)
            self._lapsed += [
                msgspec.structs.replace(tap, account=decision.account, causes=causes)
                for tap in late
            ]

    def take_lapsed(self) -> list[Tap]:
        """Return the admissions that nobody used since the last look, one per tap."""
        lapsed, self._lapsed = self._lapsed, []
        return lapsed

    def admitted(self) -> frozenset[str]:
        """Return the accounts that may still come in."""
        return frozenset(tap.account for tap in self._taps if tap.account)

    def _accepted(self, other: Tap, tap: Tap, decision: EntryDecision, time_us: int) -> Tap:
        if other is not tap and other.spare_of != tap.scan:
            return other
        until_us = max(tap.scanned_us, time_us) + self._admission_us if other is tap else 0
        causes = (tap.scan, decision.ref) if other is tap else (tap.scan, decision.ref, other.scan)
        return msgspec.structs.replace(
            other,
            account=decision.account,
            shopper=decision.shopper if other is tap else _behind(decision.shopper),
            people=decision.people if other is tap else 1,
            until_us=until_us,
            causes=causes,
        )

    def _refuse(self, tap: Tap, reason: str, time_us: int, *, causes: tuple[str, ...]) -> Event:
        self._taps = [other for other in self._taps if tap.scan not in (other.scan, other.spare_of)]
        return EntryRefused(
            event=event_id(self._store, tap.visit, "entry_refused"),
            time_us=time_us,
            causes=causes,
            gate=tap.gate,
            scan=tap.scan,
            reason=reason,
        )

    def claim(self, gate: str, time_us: int) -> Tap | None:
        """Spend the admission of somebody who passed `gate` then: oldest first, spares last."""
        fitting = [tap for tap in self._taps if tap.admits(gate, time_us)]
        tap = min(fitting, key=lambda tap: (bool(tap.spare_of), tap.scanned_us), default=None)
        if tap is None:
            return None
        if tap.people > 1:
            self._claim_of_group(tap, time_us)
            return tap
        first, follow_us = tap.spare_of or tap.scan, time_us + to_us(FOLLOW_S)
        self._taps = [
            msgspec.structs.replace(other, until_us=follow_us) if other.spare_of == first else other
            for other in self._taps
            if other.scan != tap.scan
        ]
        return tap

    def _claim_of_group(self, tap: Tap, time_us: int) -> None:
        """Spend one of a group's admissions; the last one ends the tap and its spares."""
        used, until_us = tap.used + 1, time_us + to_us(GROUP_S)
        left = msgspec.structs.replace(tap, used=used, until_us=until_us)
        self._taps = [left if other.scan == tap.scan else other for other in self._taps]
        if used == tap.people:
            self._taps = [o for o in self._taps if tap.scan not in (o.scan, o.spare_of)]

    def awaits_answer(self, gate: str, time_us: int) -> bool:
        """Whether an unanswered scan may yet admit somebody who passed `gate` then."""
        latest_us = time_us + to_us(EARLY_S)
        return any(
            tap.gate == gate and not tap.account and tap.scanned_us <= latest_us
            for tap in self._taps
        )

    def pass_time(self, now_us: int) -> list[Event]:
        """Refuse scans that got no answer, and forget admissions that nobody used."""
        unanswered = [
            tap
            for tap in self._taps
            if not tap.account and not tap.spare_of and now_us > tap.scanned_us + self._admission_us
        ]
        refused = [
            self._refuse(tap, "no answer from accounts", now_us, causes=(tap.scan,))
            for tap in unanswered
        ]
        self._given_up += unanswered
        firsts = {tap.scan for tap in self._taps if not tap.spare_of}
        oldest_us = now_us - to_us(KEPT_S)
        over = [
            tap
            for tap in self._taps
            if tap.account and tap.until_us < oldest_us and tap.spare_of not in firsts
        ]
        self._taps = [tap for tap in self._taps if tap not in over]
        self._lapsed += [tap for tap in over if not tap.spare_of and not tap.used]
        return refused

    def snapshot(self) -> dict[str, Any]:
        """Return all taps as plain values."""
        taps = {"open": self._taps, "given_up": self._given_up, "lapsed": self._lapsed}
        return dict(msgspec.to_builtins(taps))

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Hold exactly the taps that `snapshot` held."""
        taps = msgspec.convert(snapshot, dict[str, list[Tap]])
        self._taps, self._given_up = taps["open"], taps["given_up"]
        self._lapsed = taps["lapsed"]
