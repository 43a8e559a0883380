"""Vouchers as a shopkeeper handles them: issued to somebody or to whoever has the code, void."""

import base64
import secrets
from collections.abc import Callable

from store_engine.card_numbers import holds_card_number
from store_engine.errors import RequestError
from store_engine.ports.accounts import AccountBook
from store_engine.ports.vouchers import VoucherBook, VoucherRow
from store_engine.promotions import PER_MILLION

CODE_BYTES = 10  # 80 bits: nobody guesses a voucher that is nobody's yet (guess)
NAME_MAX = 60  # characters on a receipt (guess)


class Vouchers:
    """Issues vouchers, and takes them back."""

    def __init__(
        self, book: VoucherBook, accounts: AccountBook, *, now_us: Callable[[], int]
    ) -> None:
        self._book = book
        self._accounts = accounts
        self._now_us = now_us

    def issue(
        self,
        *,
        account: str = "",
        name: str = "Voucher",
        amount: int = 0,
        currency: str = "",
        exponent: int = 0,
        rate_ppm: int = 0,
        until_us: int | None = None,
    ) -> VoucherRow:
        """Issue a voucher: an amount, or a share of what is left to pay.

        Args:
            account: whose; left out: nobody's until somebody claims it with its id.
            name: as a receipt says it.
            amount: minor units off; 0: `rate_ppm` counts.
            currency: of `amount`.
            exponent: digits after the point of `amount`.
            rate_ppm: parts per million off; 0: `amount` counts.
            until_us: good for visits that start before; None: for good.

        Raises:
            RequestError: one of these is not possible.
        """
        self._check(account, name, amount=amount, rate_ppm=rate_ppm, currency=currency)
        now_us = self._now_us()
        if until_us is not None and until_us <= now_us:
            raise RequestError("voucher: would have run out already")
        issued = VoucherRow(
            voucher=f"v-{base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode().lower()}",
            account=account,
            name=name,
            amount=amount,
            rate_ppm=rate_ppm,
            currency=currency if amount else "",
            exponent=exponent if amount else 0,
            until_us=until_us,
            issued_us=now_us,
        )
        self._book.add(issued)
        return issued

    def claim(self, voucher: str, *, account: str) -> VoucherRow:
        """Make a voucher that is nobody's an account's; raises `RequestError` unless it can be."""
        self._check_account(account)
        if not self._book.claim(voucher, account=account):
            found = self._known(voucher)
            why = "somebody else has it" if found.account else found.state(self._now_us())
            raise RequestError(f"voucher {voucher}: cannot be claimed: {why}")
        return self._known(voucher)

    def take_back(self, voucher: str) -> None:
        """Let nobody redeem a voucher from now on; a visit that has it already may.

        Raises:
            RequestError: it is not there, or was used.
        """
        self._known(voucher)
        if not self._book.take_back(voucher, time_us=self._now_us()):
            raise RequestError(f"voucher {voucher}: was used")

    def all(self, account: str = "") -> list[VoucherRow]:
        """Return the vouchers of an account, or all of them, newest first."""
        return self._book.vouchers(account=account)

    def _known(self, voucher: str) -> VoucherRow:
        found = self._book.voucher(voucher)
        if found is None:
            raise RequestError(f"voucher {voucher}: not known here")
        return found

    def _check(self, account: str, name: str, *, amount: int, rate_ppm: int, currency: str) -> None:
        if account:
            self._check_account(account)
        if not 1 <= len(name) <= NAME_MAX or "\0" in name:
            raise RequestError(f"voucher: a name has 1 to {NAME_MAX} characters, not {len(name)}")
        if holds_card_number(name):
            raise RequestError("voucher: its name looks like a card number, and none may be kept")
        if (amount > 0) == (rate_ppm > 0) or amount < 0 or not 0 <= rate_ppm <= PER_MILLION:
            raise RequestError("voucher: either an amount above 0, or above 0 and at most 100 %")
        if amount and not currency:
            raise RequestError("voucher: an amount needs a currency")

    def _check_account(self, account: str) -> None:
        if self._accounts.account(account) is None:
            raise RequestError(f"account {account}: not known here")
