"""One payment, as its words tell it."""

import msgspec

from store_engine.payment_events import Answered, Asked
from store_engine.payments.table import State

SURPLUS = "surplus"  # name of the refunds that give back what was taken beyond what is owed


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """Money that a provider keeps aside for us."""

    ref: str
    amount: int  # minor units, as are all amounts here
    method: str
    stale: bool = False  # it could not be taken: only to be let go of


class Capture(msgspec.Struct, frozen=True, kw_only=True):
    """Money taken."""

    ref: str
    amount: int
    refunded: int = 0


class Dispute(msgspec.Struct, frozen=True, kw_only=True):
    """Money that a bank took back, for now or for good."""

    dispute: str
    amount: int
    won: bool | None = None  # None: not decided yet


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """Where one payment stands; a fold of its words."""

    payment: str
    party: str = ""
    store: str = ""
    entry: str = ""
    currency: str = ""
    exponent: int = 0
    hold_wanted: int = 0
    state: State = "new"
    count: int = 0  # words so far
    opened_us: int = 0
    updated_us: int = 0
    linked_us: int = 0  # when the link was offered
    request: str = ""  # what asked for the money, or for letting go
    receipt: str = ""
    owed: int | None = None  # None: they are still shopping
    hold: Hold | None = None
    captures: tuple[Capture, ...] = ()
    written_off: int = 0
    forgiven: dict[str, int] = {}  # the part of it that refunds forgave, by refund
    link: str = ""
    disputes: tuple[Dispute, ...] = ()
    asked: tuple[Asked, ...] = ()  # everything the provider was asked for
    answered: dict[str, Answered] = {}  # by operation
    undone: frozenset[str] = frozenset()  # operations of refunds that came back
    spent: frozenset[str] = frozenset()  # methods that declined this debt
    declined: str = ""  # why the provider last said no

    @property
    def waiting(self) -> tuple[Asked, ...]:
        """What the provider was asked for and has not answered, oldest first."""
        return tuple(asked for asked in self.asked if asked.operation not in self.answered)

    @property
    def free(self) -> bool:
        """Whether this party never pays."""
        return self.state in ("free", "waived")

    @property
    def captured(self) -> int:
        """What was taken."""
        return sum(capture.amount for capture in self.captures)

    @property
    def refunded(self) -> int:
        """What was given back."""
        return sum(capture.refunded for capture in self.captures)

    @property
    def disputed(self) -> int:
        """What banks keep while they think."""
        return sum(dispute.amount for dispute in self.disputes if dispute.won is None)

    @property
    def charged_back(self) -> int:
        """What banks kept."""
        return sum(dispute.amount for dispute in self.disputes if dispute.won is False)

    @property
    def outstanding(self) -> int:
        """What is still to be paid."""
        if self.owed is None or self.free:
            return 0
        return max(0, self.owed - self.captured - self.written_off)

    @property
    def surplus(self) -> int:
        """What was taken beyond what is owed, and is to be given back."""
        asked = sum(asked.amount for asked in self.asked if asked.request == SURPLUS)
        return max(0, self.captured - (self.owed or 0) - asked)

    @property
    def refundable(self) -> int:
        """What may still be given back."""
        return max(
            0,
            self.captured
            - self.refunded
            - sum(asked.amount for asked in self.waiting if asked.kind == "refund")
            - self.disputed
            - self.charged_back,
        )
