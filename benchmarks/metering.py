"""An engine with a clock on it: processor time per message, per room and per step.

Rooms are wrapped from outside, as a profiler would: nothing in the engine knows. Processor time
of this process is what counts, so that a busy machine does not make the engine look slow;
collecting garbage is part of it.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from store_engine.accounts import Account, AccountDirectory
from store_engine.adapters.simulated_payments import InMemoryPayments
from store_engine.effects import LocalResponder
from store_engine.engine import Engine
from store_engine.events import Event
from store_engine.intake import FrontDoor, Refusal
from store_engine.ports import RawArrival
from store_engine.store import Store
from store_engine.units import AccountId

NS_PER_S = 1e9
T = TypeVar("T")


class Call(NamedTuple):
    """What one message cost, with the answers that it led to."""

    received_us: int
    door_ns: int  # to decode and check it
    handle_ns: int  # all of `Engine.handle`


@dataclass(slots=True)
class Tally:
    """What the calls of one method cost so far."""

    calls: int = 0
    total_ns: int = 0
    worst_ns: int = 0

    def note(self, cost_ns: int) -> None:
        """Count one call."""
        self.calls += 1
        self.total_ns += cost_ns
        self.worst_ns = max(self.worst_ns, cost_ns)


class Clocked:
    """Stands in for a room and tallies what each of its methods costs."""

    def __init__(self, room: object) -> None:
        self.room = room
        self.tallies: dict[str, Tally] = {}

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.room, name)
        if not callable(found):
            return found  # asked again each time: properties change
        tally = self.tallies[name] = Tally()
        self.__dict__[name] = timed = _timed(found, tally)
        return timed

    @property
    def total_ns(self) -> int:
        """Everything in this room so far."""
        return sum(tally.total_ns for tally in self.tallies.values())

    def calls(self, method: str) -> int:
        """Return how often a method was called."""
        return self.tallies[method].calls if method in self.tallies else 0

    def worst_ms(self, method: str) -> float:
        """Return what the costliest call of a method took, milliseconds."""
        return self.tallies[method].worst_ns / 1e6 if method in self.tallies else 0.0

    def start_counting(self) -> None:
        """Forget what was counted so far."""
        for tally in self.tallies.values():
            tally.calls = tally.total_ns = tally.worst_ns = 0


def _timed(method: Callable[..., T], tally: Tally) -> Callable[..., T]:
    clock = time.process_time_ns

    def call(*args: Any, **named: Any) -> T:
        began_ns = clock()
        try:
            return method(*args, **named)
        finally:
            tally.note(clock() - began_ns)

    return call


@dataclass
class MeteredEngine:
    """The engine behind its front door, with a back end that answers at once.

    by_room: clock the rooms too, which costs a little itself: never in a run whose totals count.
    """

    store: Store
    accounts: AccountDirectory
    by_room: bool = False
    calls: list[Call] = field(default_factory=list)
    refused: int = 0

    def __post_init__(self) -> None:
        self.engine = Engine(self.store)
        self.rooms: Mapping[str, Clocked] = clock_rooms(self.engine) if self.by_room else {}
        self._door = FrontDoor(self.store)
        self.forget_payments()

    def start_counting(self) -> None:
        """Forget what was counted so far."""
        self.calls.clear()
        for room in self.rooms.values():
            room.start_counting()

    def forget_payments(self) -> None:
        """Give the simulated provider a new ledger: its memory is not the engine's."""
        payments = InMemoryPayments(self.accounts.payments)
        self._responder = LocalResponder(accounts=self.accounts, payments=payments)

    def feed(self, raw: RawArrival) -> list[Event]:
        """Return the events that one payload decides; `calls` then has its cost."""
        clock = time.process_time_ns
        began_ns = clock()
        accepted = self._door.accept(raw)
        opened_ns = clock()
        if isinstance(accepted, Refusal):
            self.refused += 1
            return []
        events = self.engine.handle(accepted)
        cost_ns = clock() - opened_ns
        self.calls.append(Call(raw.received_us, opened_ns - began_ns, cost_ns))
        return events + self._answered(events, raw.received_us) if events else events

    def _answered(self, events: list[Event], received_us: int) -> list[Event]:
        """Handle the answers to what events ask for, and return what those decide."""
        clock = time.process_time_ns
        found: list[Event] = []
        unanswered = deque(events)
        while unanswered:
            for answer in self._responder.answer(unanswered.popleft(), received_us=received_us):
                began_ns = clock()
                decided = self.engine.handle(answer)
                self.calls.append(Call(received_us, 0, clock() - began_ns))
                found += decided
                unanswered += decided
        return found


def clock_rooms(engine: Engine) -> dict[str, Clocked]:
    """Put a clock on every stateful part of an engine: those it takes snapshots of."""
    parts = [name for name in vars(engine) if name.removeprefix("_") in engine.snapshot()]
    clocked = {
        name: Clocked(part) for name in parts if hasattr(part := vars(engine)[name], "restore")
    }
    vars(engine).update(clocked)
    return {name.removeprefix("_"): room for name, room in clocked.items()}


def cost_s(calls: list[Call]) -> float:
    """Return the processor time of calls, in seconds."""
    return sum(call.door_ns + call.handle_ns for call in calls) / NS_PER_S


def worst_handle_ms(calls: list[Call]) -> float:
    """Return the longest single `Engine.handle`, in milliseconds."""
    return max((call.handle_ns for call in calls), default=0) / 1e6


def worst_lag_s(calls: list[Call]) -> float:
    """Return how far a live engine would have fallen behind at worst, in seconds.

    One server, first come first served, that needs each message's processor time: a message is
    done at max(its arrival, the one before done) + its cost.
    """
    done_us = worst_us = 0.0
    for call in calls:
        done_us = max(done_us, float(call.received_us)) + (call.door_ns + call.handle_ns) / 1e3
        worst_us = max(worst_us, done_us - call.received_us)
    return worst_us / 1e6


def people(count: int) -> AccountDirectory:
    """Return accounts for a crowd: person-1 and so on, all of whom can pay."""
    names = [f"person-{number}" for number in range(1, count + 1)]
    return AccountDirectory(
        tuple(
            Account(account=AccountId(name), credentials=(f"scan-{name}",), payment=f"tok_{name}")
            for name in names
        )
    )


def credentials(accounts: AccountDirectory) -> list[tuple[str, str]]:
    """Return (credential, account) of everybody, as the simulator wants them."""
    return [(one.credentials[0], str(one.account)) for one in accounts.shoppers]
