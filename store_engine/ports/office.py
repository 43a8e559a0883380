"""Protocols of the office: what the till, the desk and the complaints counter need of the world.

The engine asks the office two things (`ports.Accounts`, `ports.Payments`): may they come in, and
charge what they took. Behind these doors the office keeps accounts, payments and complaints in the
store of record, and moves money through a provider.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol, TypeAlias

import msgspec

from store_engine.case_events import CaseEvent, Claim
from store_engine.messages import Receipt
from store_engine.payment_events import PaymentEvent

# ---- the provider that moves the money ---------------------------------------------------------


class ProviderAnswer(NamedTuple):
    """What a payment provider says it did."""

    outcome: Literal["done", "declined"]
    amount: int  # minor units held, moved or given back
    ref: str  # the provider's name for the hold, capture or refund
    reason: str = ""  # why it was declined


class Provider(Protocol):
    """Moves money. A key acts once: the same call under the same key gives the same answer.

    Every call raises `UnreachableError` when its outcome is not known (it may or may not have
    happened), and `EffectError` when the request itself is refused (unknown hold, more than was
    held or captured, a key used for something else): then nothing happened.
    """

    def authorise(self, *, key: str, method: str, amount: int, currency: str) -> ProviderAnswer:
        """Hold `amount` on a payment method (the provider's token)."""
        ...

    def adjust(self, *, key: str, hold: str, amount: int) -> ProviderAnswer:
        """Make a hold `amount` in all; a declined one leaves the hold as it was."""
        ...

    def capture(self, *, key: str, hold: str, amount: int) -> ProviderAnswer:
        """Take `amount`, at most what is held, and let go of the rest."""
        ...

    def release(self, *, key: str, hold: str) -> ProviderAnswer:
        """Let go of a hold; one that is gone already is done."""
        ...

    def refund(self, *, key: str, capture: str, amount: int) -> ProviderAnswer:
        """Give back up to what was captured and not refunded yet."""
        ...

    def find(self, *, key: str) -> ProviderAnswer | None:
        """Return what became of the call under `key`, None when it never happened."""
        ...


NoticeKind: TypeAlias = Literal[
    "held",
    "captured",
    "released",
    "declined",
    "refunded",
    "refund_failed",
    "dispute_opened",
    "dispute_closed",
]


class ProviderNotice(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider says of its own accord; it may come twice, late and out of order."""

    notice: str  # the provider's name for it: the same name says the same thing
    kind: NoticeKind
    ref: str  # the hold or the capture that it is about, as in `ProviderAnswer.ref`
    operation: str = ""  # the key of the call that it came of, where the provider says
    amount: int = 0  # minor units held, captured, given back, failed to give back, or disputed
    dispute: str = ""  # the provider's name for the dispute
    won: bool = False  # of a closed dispute: the money stays here
    reason: str = ""  # why it was declined, failed or disputed
    time_us: int


class RefusedNotice(NamedTuple):
    """A notice that is not to be believed: forged, too old, or not what it says it is."""

    reason: str


class Noticeboard(Protocol):
    """Where a provider keeps its notices to be fetched."""

    def notices(self, *, after: str = "", limit: int = 100) -> list[ProviderNotice]:
        """Return the notices behind the one named `after`, oldest first; "" is the beginning."""
        ...


class NoticeReader(Protocol):
    """Reads the notices that a provider sends over HTTP."""

    def read(
        self, body: bytes, signature: str, *, now_us: int
    ) -> ProviderNotice | RefusedNotice | None:
        """Return a genuine notice, why it is none, or None when it concerns nobody here."""
        ...


# ---- the store of record, as the office sees it ------------------------------------------------


class PaymentRow(msgspec.Struct, frozen=True, kw_only=True):
    """One payment at a glance: where it stands, for lists and for the worker."""

    payment: str
    store: str
    state: str
    currency: str
    exponent: int
    held: int  # minor units, as are the rest
    owed: int
    captured: int
    refunded: int
    waiting: str  # operation asked and not answered, "" when none
    updated_us: int
    try_at_us: int | None  # when the worker should look at it (again), None: never


class PaymentMethod(NamedTuple):
    """One way an account pays; the token is the provider's, never a card number."""

    method: str
    token: str


class Books(Protocol):
    """Payments, parties and methods in the store of record."""

    def load(self, payment: str) -> list[PaymentEvent]:
        """Return everything decided about a payment, oldest first."""
        ...

    def append(self, row: PaymentRow, events: Sequence[PaymentEvent], *, after: int) -> None:
        """Keep `events` behind the first `after` ones, and the payment's row, or nothing.

        No events at all: only the row changes, for example when the worker looks at it again.

        Raises:
            ConflictError: there are not exactly `after` events: somebody else decided meanwhile.
        """
        ...

    def payment(self, payment: str) -> PaymentRow | None:
        """Return a payment at a glance."""
        ...

    def payment_of(self, ref: str) -> str | None:
        """Return the payment whose `Answered` or `LinkPaid` carries this provider reference."""
        ...

    def due(self, *, now_us: int, limit: int) -> list[PaymentRow]:
        """Return payments that the worker should look at, longest due first."""
        ...

    def bind(self, *, party: str, account: str, store: str, time_us: int) -> str:
        """Return the open party of an account in a store: an earlier one, or `party` from now on.

        Two taps of one card at one moment get the same answer.
        """
        ...

    def part(self, *, party: str) -> None:
        """Close a party: the account's next entry is a new visit."""
        ...

    def methods(self, party: str) -> list[PaymentMethod]:
        """Return the payment methods of the account behind a party, its favourite first."""
        ...


class CaseRow(msgspec.Struct, frozen=True, kw_only=True):
    """One case at a glance: what it is about and where it stands."""

    case: str
    receipt: str
    payment: str
    store: str
    claim: Claim
    state: str
    amount: int  # minor units in question, or decided
    at_once: bool  # a refund that no person decided
    opened_us: int
    updated_us: int


class Casebook(Protocol):
    """Cases in the store of record."""

    def load(self, case: str) -> list[CaseEvent]:
        """Return everything decided about a case, oldest first."""
        ...

    def append(self, row: CaseRow, events: Sequence[CaseEvent], *, after: int) -> None:
        """Keep `events` behind the first `after` ones, and the case's row, or nothing.

        Raises:
            ConflictError: there are not exactly `after` events: somebody else decided meanwhile.
        """
        ...

    def cases(
        self, *, receipt: str = "", states: Sequence[str] = (), limit: int = 100
    ) -> list[CaseRow]:
        """Return cases of a receipt or of all, in some states or in any, oldest first."""
        ...

    def refunds_at_once(self, *, payment: str, since_us: int) -> int:
        """Count the refunds that no person decided, of the account behind a payment, since then."""
        ...


class ReceiptBook(Protocol):
    """Receipts in the store of record."""

    def receipt(self, receipt: str) -> Receipt | None:
        """Return a receipt."""
        ...
