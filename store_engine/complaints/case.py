"""The states of a case, what may follow what, and the fold over its words."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias

import msgspec

from store_engine.case_events import (
    CaseDecided,
    CaseEvent,
    CaseOpened,
    CaseQueued,
    CaseSettled,
    Decision,
)
from store_engine.errors import InvariantError

State: TypeAlias = Literal["opened", "waiting", "to refund", "to charge", "closed"]
Move: TypeAlias = Literal["queue", "refund", "charge", "close", "settle"]

# Read aloud: an opened case waits for a person, or is decided at once: refund, charge, or close.
# A waiting one is decided by a person in the same three ways. Once the money has moved, or it is
# clear that it cannot, the case is closed. Closed is final: who disagrees opens another case.
MOVES: Mapping[State, Mapping[Move, State]] = {
    "opened": {
        "queue": "waiting",
        "refund": "to refund",
        "charge": "to charge",
        "close": "closed",
    },
    "waiting": {"refund": "to refund", "charge": "to charge", "close": "closed"},
    "to refund": {"settle": "closed"},
    "to charge": {"settle": "closed"},
    "closed": {},
}


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """Where one case stands."""

    opened: CaseOpened
    state: State = "opened"
    why: str = ""  # it waits for a person
    decision: Decision | None = None
    decided_by: str = ""
    amount: int = 0  # minor units to move
    moved: int = 0  # minor units moved
    note: str = ""  # what the shopper is told
    words: int = 0  # how many events made it


def fold(events: Iterable[CaseEvent]) -> Case | None:
    """Return where a case stands after `events`, None before the first."""
    case: Case | None = None
    for event in events:
        case = apply(case, event)
    return case


def apply(case: Case | None, event: CaseEvent) -> Case:
    """Return the case after `event`, which was decided and so is not questioned again."""
    if isinstance(event, CaseOpened):
        return Case(opened=event, words=1)
    if case is None:
        raise InvariantError(f"case {event.case}: begins with {type(event).__name__}")
    match event:
        case CaseQueued():
            return _moved(case, "queue", why=event.why)
        case CaseDecided():
            return _moved(
                case,
                event.decision,
                decision=event.decision,
                decided_by=event.by,
                amount=event.amount,
                note=event.note,
            )
        case CaseSettled():
            return _moved(case, "settle", moved=event.moved, note=event.note or case.note)


def _moved(case: Case, move: Move, **changes: Any) -> Case:
    state = MOVES[case.state][move]
    return msgspec.structs.replace(case, state=state, words=case.words + 1, **changes)
