"""Vouchers as the office keeps them: words and port.

A voucher belongs to an account, or to nobody until somebody claims it with its code. It is *kept
for* one entry at a time: that entry's visit may redeem it, no other. A visit and its receipt are
named after the entry that began it, so what a voucher is kept for is the name of that receipt.
"""

from collections.abc import Sequence
from typing import Literal, Protocol, TypeAlias

import msgspec

from store_engine.promotions import Voucher

VoucherState: TypeAlias = Literal["unclaimed", "good", "kept", "expired", "void", "used"]


class VoucherRow(msgspec.Struct, frozen=True, kw_only=True):
    """One voucher and what became of it."""

    voucher: str  # its id; whoever knows it may claim it while it is nobody's
    account: str = ""  # whose; nobody's yet, or used: then only the receipt tells
    name: str  # as a receipt says it
    amount: int = 0  # minor units off; 0: `rate_ppm` counts
    rate_ppm: int = 0  # share off; 0: `amount` counts
    currency: str = ""  # of `amount`; a share is good in any
    exponent: int = 0  # digits after the point, of `amount`
    until_us: int | None = None  # good for visits that start before
    issued_us: int
    void_us: int | None = None  # taken back
    store: str = ""  # where it is kept or was used
    receipt: str = ""  # the receipt that may redeem it, or did
    kept_us: int | None = None  # since when it is kept for that receipt
    used_us: int | None = None

    @property
    def offer(self) -> Voucher:
        """What a basket gets for it."""
        return Voucher(
            voucher=self.voucher,
            name=self.name,
            amount=self.amount,
            rate_ppm=self.rate_ppm,
            until_us=self.until_us,
        )

    def state(self, now_us: int) -> VoucherState:
        """Return where it stands."""
        if self.used_us is not None:
            return "used"
        if self.void_us is not None:
            return "void"
        if self.receipt:
            return "kept"
        if self.until_us is not None and now_us >= self.until_us:
            return "expired"
        return "good" if self.account else "unclaimed"


class VoucherBook(Protocol):
    """Vouchers in the store of record.

    Every call raises `RecordsError` when the store of record fails; nothing is kept then.
    """

    def add(self, voucher: VoucherRow) -> None:
        """Keep a new voucher. Raises `ConflictError` if there is one of this name."""
        ...

    def voucher(self, voucher: str) -> VoucherRow | None:
        """Return a voucher."""
        ...

    def vouchers(self, *, account: str = "", limit: int = 1_000) -> list[VoucherRow]:
        """Return the vouchers of an account, or all of them, newest first."""
        ...

    def claim(self, voucher: str, *, account: str) -> bool:
        """Make a voucher that is nobody's an account's; return whether it is now."""
        ...

    def take_back(self, voucher: str, *, time_us: int) -> bool:
        """Let nobody redeem a voucher from now on; return False if it was used before."""
        ...

    def keep(
        self, *, account: str, receipt: str, store: str, currency: str, time_us: int, limit: int
    ) -> list[VoucherRow]:
        """Keep an account's good vouchers for a receipt; return all that are kept for it.

        Those that run out first come first. Each is kept for one receipt: of two that ask at the
        same moment one gets it. The same receipt may ask again.
        """
        ...

    def kept_for(self, receipt: str) -> list[VoucherRow]:
        """Return what is kept for a receipt and not used."""
        ...

    def settle(self, receipt: str, *, redeemed: Sequence[str], time_us: int) -> None:
        """Mark what a receipt redeemed as used, and let go of the rest that is kept for it.

        A voucher that is used is nobody's any more: who had it stands on no list.
        """
        ...

    def kept_before(self, time_us: int, *, store: str, limit: int) -> list[VoucherRow]:
        """Return what has been kept in a store since before then, longest first."""
        ...
