"""What to do about a claim: give back at once what is small, ask a person about the rest."""

from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from store_engine.case_events import (
    REASON_MAX,
    CaseDecided,
    CaseEvent,
    CaseOpened,
    CaseQueued,
    CaseSettled,
    Claim,
    Decision,
)
from store_engine.complaints.case import MOVES, Case
from store_engine.messages import Receipt, ReceiptLine
from store_engine.units import US_PER_S

US_PER_DAY = 86_400 * US_PER_S
PIECES_MAX = 100  # of one product in one claim (guess: nobody carries more)

SAID: dict[Decision, str] = {
    "refund": "Refunded. Sorry for the mistake.",
    "charge": "Thank you for telling us. It is charged now.",
    "close": "Nothing is changed.",
}
SOLD_AFTER_ALL = "We found that you are old enough to buy this. It is charged now."


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What the shopkeeper decides about claims."""

    refund_at_once_max: int = 1_000  # minor units of one claim (guess: a sandwich)
    refunds_at_once: int = 3  # per account in `window_days`; more are looked at (guess)
    window_days: int = 30  # (guess)
    open_days: int = 30  # a receipt may be contested for this long (guess: a monthly statement)


class Said(NamedTuple):
    """A claim, as a shopper or the engine makes it."""

    claim: Claim
    gtin: str = ""  # "" for the whole receipt
    quantity: int = 0  # pieces too many, or not charged; 0: all pieces of the line
    reason: str = ""
    price: int = 0  # minor units per piece, of a product that was not charged


class Standing(NamedTuple):
    """What is known about the payment behind a receipt."""

    captured: int  # minor units
    refunded: int  # minor units, promised refunds included
    refunds_at_once: int  # that the account got within the policy's window


class Refused(NamedTuple):
    """A claim or an answer that cannot be: why, for whoever made it."""

    reason: str


def open_case(
    case: str, receipt: Receipt, standing: Standing, policy: Policy, *, said: Said, time_us: int
) -> list[CaseEvent] | Refused:
    """Return the words that open `case` and, where the policy can, decide it; else it is queued.

    `case` is unique for ever: the money that it moves, moves under this name.
    """
    line = next((line for line in receipt.lines if line.gtin == said.gtin), None)
    if refused := _refused(receipt, line, policy, said, time_us):
        return Refused(refused)
    opened = CaseOpened(
        case=case,
        time_us=time_us,
        store=receipt.store,
        receipt=receipt.receipt,
        payment=receipt.account,
        claim=said.claim,
        gtin=said.gtin,
        quantity=said.quantity or (line.quantity if line else 0),
        amount=_in_question(receipt, line, said),
        reason=said.reason,
        evidence=line.causes if line else (),
        certainty=line.posterior if line else receipt.certainty,
    )
    return [opened, _first_answer(opened, line, standing, policy)]


def _refused(
    receipt: Receipt, line: ReceiptLine | None, policy: Policy, said: Said, time_us: int
) -> str:
    if time_us > receipt.left_us + policy.open_days * US_PER_DAY:
        return f"receipt {receipt.receipt}: can be contested for {policy.open_days} days only"
    if len(said.reason) > REASON_MAX:
        return f"reason: {len(said.reason)} characters, at most {REASON_MAX}"
    if said.claim == "not_charged":
        return "" if 1 <= said.quantity <= PIECES_MAX else _quantity_refused(said, PIECES_MAX)
    if said.gtin and line is None:
        return f"receipt {receipt.receipt}: has no line {said.gtin}"
    if said.claim == "held" and not (line and line.held):
        return f"receipt {receipt.receipt}: line {said.gtin or '(none)'} is not held"
    most = line.quantity if line else 0
    return "" if 0 <= said.quantity <= most else _quantity_refused(said, most)


def _quantity_refused(said: Said, most: int) -> str:
    return f"quantity {said.quantity} of {said.gtin or 'the whole receipt'}: at most {most}"


def _in_question(receipt: Receipt, line: ReceiptLine | None, said: Said) -> int:
    """Return what the pieces cost, in minor units: the whole line or its share, rounded down."""
    if said.claim == "not_charged":
        return said.price * said.quantity
    if line is None:
        return receipt.total
    pieces = said.quantity or line.quantity
    owed = _owed_if_sold(receipt, line) if said.claim == "held" else line.owed
    return owed * pieces // line.quantity


def _owed_if_sold(receipt: Receipt, line: ReceiptLine) -> int:
    """Return what a line that was not charged costs: its shelf price, with taxes."""
    included = receipt.prices_include_tax if line.tax_included is None else line.tax_included
    return line.reduced + (0 if included else line.tax)


def _first_answer(
    opened: CaseOpened, line: ReceiptLine | None, standing: Standing, policy: Policy
) -> CaseEvent:
    if opened.claim in ("not_taken", "fewer") and line is not None and not line.charged:
        return _decided(opened, "close", 0, note="This line was not charged.")
    if why := _needs_a_person(opened, line, standing, policy):
        return CaseQueued(case=opened.case, time_us=opened.time_us, why=why)
    return _decided(opened, "refund", opened.amount)


def _needs_a_person(
    opened: CaseOpened, line: ReceiptLine | None, standing: Standing, policy: Policy
) -> str:
    """Return why no rule can decide, "" when one can."""
    if opened.claim == "held":
        return "the shopper's age was not known"
    if opened.claim not in ("not_taken", "fewer"):
        return f"claim {opened.claim!r} is always looked at"
    if line is None:
        return "it is about the whole receipt"
    left = standing.captured - standing.refunded
    if opened.amount > left:
        return f"amount {opened.amount}: only {left} of {standing.captured} is left to refund"
    if opened.amount > policy.refund_at_once_max:
        return f"amount {opened.amount}: at most {policy.refund_at_once_max} is refunded at once"
    if standing.refunds_at_once >= policy.refunds_at_once:
        return f"{standing.refunds_at_once} refunds at once in {policy.window_days} days"
    return ""


def answer(
    case: Case, standing: Standing, *, decision: Decision, amount: int, by: str, time_us: int
) -> list[CaseEvent] | Refused:
    """Return a person's decision on a waiting case.

    A refund gives back at most what is still captured; a charge is at most what is in question.
    """
    if case.state != "waiting":
        return Refused(f"case {case.opened.case}: is {case.state}, it waits for nobody")
    limits = {
        "refund": standing.captured - standing.refunded,
        "charge": case.opened.amount,
        "close": 0,
    }
    least, most = int(decision != "close"), limits[decision]
    if not least <= amount <= most:
        return Refused(f"amount {amount}: a {decision} is from {least} to {most}")
    sold = case.opened.claim == "held" and decision == "charge"
    decided = _decided(case.opened, decision, amount, by=by, note=SOLD_AFTER_ALL if sold else "")
    return [msgspec.structs.replace(decided, time_us=time_us)]


def _decided(
    opened: CaseOpened, decision: Decision, amount: int, *, by: str = "policy", note: str = ""
) -> CaseDecided:
    return CaseDecided(
        case=opened.case,
        time_us=opened.time_us,
        decision=decision,
        amount=amount,
        by=by,
        note=note or SAID[decision],
    )


def settle(case: Case, *, moved: int, note: str, time_us: int) -> list[CaseEvent]:
    """Return the word that the money moved or cannot, nothing when that was said before."""
    if "settle" not in MOVES[case.state]:
        return []
    return [CaseSettled(case=case.opened.case, time_us=time_us, moved=moved, note=note)]
