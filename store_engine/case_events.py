"""The life of a case, as it was decided: durable words, one sequence per case.

A case is something about one receipt that somebody should look at: a shopper says that a line is
wrong, or the engine is not sure of it. One queue holds both, so nobody has to look in two places.
"""

from typing import Annotated, Literal, TypeAlias

import msgspec

Claim: TypeAlias = Literal[
    "not_taken",  # "I did not take this"
    "fewer",  # "I took fewer of this"
    "wrong_price",
    "not_charged",  # "I was not charged for this": the shopper wants to pay
    "other",
    "unsure",  # the engine asks
    "held",  # not charged because nobody knew the shopper's age: staff say what is right
]
Decision: TypeAlias = Literal["refund", "charge", "close"]

REASON_MAX = 500  # characters a shopper may write (guess: a few sentences)


class CaseWord(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """What every word about a case carries."""

    case: str
    time_us: int


class CaseOpened(CaseWord, frozen=True, tag="case_opened"):
    """Somebody says that a receipt is not right, or may not be."""

    store: str
    receipt: str
    payment: str  # the party that the receipt belongs to
    claim: Claim
    gtin: str = ""  # the line it is about; "" when it is about the whole receipt
    quantity: int = 0  # pieces too many, or pieces not charged
    amount: int = 0  # minor units in question, as the receipt prices them
    reason: Annotated[str, msgspec.Meta(max_length=REASON_MAX)] = ""
    evidence: tuple[str, ...] = ()  # MessageRefs behind the line
    certainty: float = 1.0  # how sure the engine was of the line


class CaseDecided(CaseWord, frozen=True, tag="case_decided"):
    """What is to be done; the money moves under the case's name, so it moves once."""

    decision: Decision
    amount: int  # minor units to give back or to charge; 0 when the case is closed
    by: str  # "policy", or who decided
    note: str = ""  # what the shopper is told


class CaseSettled(CaseWord, frozen=True, tag="case_settled"):
    """The money moved, or could not."""

    moved: int  # minor units
    note: str = ""  # why it could not


class CaseQueued(CaseWord, frozen=True, tag="case_queued"):
    """No rule decides it: a person has to."""

    why: str


CaseEvent: TypeAlias = CaseOpened | CaseQueued | CaseDecided | CaseSettled
