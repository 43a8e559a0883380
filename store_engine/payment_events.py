"""The life of a payment, as it was decided: durable words, one sequence per payment.

A payment is named after the party it pays for: a pseudonym given at the gate, one per visit. Who
the party is stands elsewhere (`parties` in the store of record) and can be erased; these words
hold no account and no provider token, only the name of a payment method.

Every call to a provider is an `Asked`, kept before it is made, and an `Answered`, kept after. The
operation's name is its idempotency key, so a call cut short is made again under the same name.
"""

from typing import Literal, TypeAlias

import msgspec

Operation: TypeAlias = Literal["authorise", "adjust", "capture", "release", "refund"]


class PaymentWord(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """What every word about a payment carries."""

    payment: str
    time_us: int


class Opened(PaymentWord, frozen=True, tag="opened"):
    """Somebody asks to come in; the payment of what they may take begins.

    A second payment of one party (see `payments`) begins with the charge that asked for it.
    """

    party: str  # whom it is about; the first payment of a party has its name
    store: str
    entry: str  # EventId of the `EntryRequested`, or of the charge, that it answers
    currency: str
    exponent: int  # digits after the point
    hold: int = 0  # minor units to authorise before anybody comes in; 0: nothing
    free: bool = False  # staff and testers: what they owe is kept, and never asked for


class Asked(PaymentWord, frozen=True, tag="asked"):
    """The provider is about to be asked for something."""

    operation: str  # unique for ever: the idempotency key
    kind: Operation
    amount: int  # minor units; 0 for a release
    method: str = ""  # payment method to authorise on
    on: str = ""  # provider reference it acts on: of a hold, or of a capture
    reason: str = ""  # why, for refunds and releases
    request: str = ""  # name of the refund that asked for it; one refund may take several
    lines: tuple[str, ...] = ()  # GTINs of the receipt lines that are given back


class Answered(PaymentWord, frozen=True, tag="answered"):
    """What the provider did."""

    operation: str
    kind: Operation  # of what was asked
    outcome: Literal["done", "declined"]
    amount: int  # minor units held, moved or given back; 0 when declined or released
    ref: str = ""  # the provider's name for it
    reason: str = ""  # why it was declined


class Refused(PaymentWord, frozen=True, tag="refused"):
    """No method of the account could be held: nobody comes in on this payment."""

    reason: str


class Owed(PaymentWord, frozen=True, tag="owed"):
    """The visit is over and this is what it costs; 0 when nothing was taken."""

    request: str  # EventId of the request that it answers
    receipt: str
    amount: int  # minor units


class LinkOffered(PaymentWord, frozen=True, tag="link_offered"):
    """No method of the account pays: the shopper may pay by a link."""

    link: str  # name of the link; its secret is kept apart
    amount: int


class LinkPaid(PaymentWord, frozen=True, tag="link_paid"):
    """The shopper paid by the link."""

    link: str
    amount: int
    ref: str  # the provider's name for the capture


class WrittenOff(PaymentWord, frozen=True, tag="written_off"):
    """A debt is given up, or the part of it that a refund forgives."""

    amount: int
    reason: str
    request: str = ""  # name of the refund


class RefundFailed(PaymentWord, frozen=True, tag="refund_failed"):
    """A refund that the provider had taken on came back: the money is with us again."""

    operation: str  # of the refund
    capture: str
    amount: int
    reason: str


class DisputeOpened(PaymentWord, frozen=True, tag="dispute_opened"):
    """The shopper's bank took the money back until the dispute is closed."""

    dispute: str  # the provider's name for it
    amount: int


class DisputeClosed(PaymentWord, frozen=True, tag="dispute_closed"):
    """The bank decided; a lost dispute keeps the money away."""

    dispute: str
    won: bool


PaymentEvent: TypeAlias = (
    Opened
    | Asked
    | Answered
    | Refused
    | Owed
    | LinkOffered
    | LinkPaid
    | WrittenOff
    | RefundFailed
    | DisputeOpened
    | DisputeClosed
)
