"""Complaints: what is put right after the door [claims].

    a shopper's claim, ReviewRequested ─▶ open_case ─▶ CaseOpened ─▶ CaseDecided (small, trusted)
                                                                 └─▶ CaseQueued (a person decides)
    a person's answer ─▶ answer ─▶ CaseDecided          the money moved ─▶ settle ─▶ CaseSettled

Pure decisions over the words of one case; the office keeps them and moves the money.
"""

from store_engine.complaints.case import MOVES, Case, Move, State, apply, fold
from store_engine.complaints.decide import (
    Policy,
    Refused,
    Said,
    Standing,
    answer,
    open_case,
    settle,
)

__all__ = [
    "MOVES",
    "Case",
    "Move",
    "Policy",
    "Refused",
    "Said",
    "Standing",
    "State",
    "answer",
    "apply",
    "fold",
    "open_case",
    "settle",
]
