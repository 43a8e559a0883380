"""The registry: who may shop, what they present, how they pay.

For the command line and the HTTP API. What a person wrote is checked here: a card number is
refused wherever it stands, and the message does not repeat it.
"""

import secrets
from collections.abc import Callable, Iterable, Sequence

import msgspec

from store_engine.accounts import Account
from store_engine.card_numbers import holds_card_number
from store_engine.errors import ConflictError, RequestError
from store_engine.office.handles import kind_of_handle
from store_engine.office.key_ring import CODE_LIFETIME_S, KeyRing
from store_engine.office.vault import Vault
from store_engine.ports.accounts import (
    PEOPLE_MAX,
    AccountBook,
    AccountRow,
    CredentialKind,
    CredentialRow,
    GateBook,
    Newcomer,
)
from store_engine.ports.office import PaymentMethod
from store_engine.promotions import Role

TOKEN_BYTES = 16  # of randomness in everything made up here: nobody guesses 128 bits


class Registry:
    """Keeps accounts and credentials in order, and has the keys of their codes on its `ring`."""

    def __init__(
        self, accounts: AccountBook, gates: GateBook, vault: Vault, *, now_us: Callable[[], int]
    ) -> None:
        self._accounts = accounts
        self.ring = KeyRing(gates, now_us=now_us)
        self._vault = vault
        self._now_us = now_us

    # ---- accounts ----------------------------------------------------------------------------

    def add(
        self,
        account: str,
        *,
        name: str = "",
        role: Role = "",
        member: bool = False,
        adult: bool = False,
        credentials: Sequence[str] = (),
        people: int = 1,
        methods: Sequence[str] = (),
    ) -> AccountRow:
        """Open an account, with what it presents and its payment methods, favourite first.

        Args:
            account: its id; never leaves the office.
            name: how people call its holder.
            role: "" for a shopper; everybody else is never charged.
            member: whether member prices hold for them.
            adult: whether their age was checked.
            credentials: what they present at a gate, as it is read there.
            people: how many each of them admits at once.
            methods: the provider's tokens of their payment methods.

        Raises:
            RequestError: it is there already, or holds what looks like a card number.
        """
        _check(account, name, *credentials, *methods)
        row = AccountRow(
            account=account,
            subject=_subject(),
            name=name,
            role=role,
            member=member,
            adult=adult,
            created_us=self._now_us(),
        )
        presents = [self._credential(account, text, people=people) for text in credentials]
        newcomer = Newcomer(row, presents, [_method(token) for token in methods])
        try:
            self._accounts.add(newcomer)
        except ConflictError as error:
            raise RequestError(
                f"account {account}: it is there already, or one of its credentials is"
            ) from error
        return row

    def import_accounts(self, accounts: Iterable[Account]) -> int:
        """Open the accounts of a file that are not there yet; return how many those were.

        Raises:
            RequestError: a credential is somebody else's, or looks like a card number; then none
                was opened.
        """
        missing = [one for one in accounts if self._accounts.account(one.account) is None]
        try:
            self._accounts.add(*(self._newcomer(one) for one in missing))
        except ConflictError as error:
            raise RequestError("an account or credential of the file is there already") from error
        return len(missing)

    def import_first(self, accounts: Iterable[Account]) -> int:
        """Open the accounts of a file if there are none at all; return how many were opened."""
        return 0 if self._accounts.accounts(limit=1) else self.import_accounts(accounts)

    def _newcomer(self, one: Account) -> Newcomer:
        _check(one.account, one.name, one.payment, one.blocked, *one.credentials)
        row = AccountRow(
            account=one.account,
            subject=_subject(),
            name=one.name,
            role=one.role,
            member=one.member,
            adult=one.adult,
            blocked=one.blocked,
            created_us=self._now_us(),
        )
        presents = [
            self._credential(one.account, text, people=one.people, expires_us=one.expires_us)
            for text in one.credentials
        ]
        return Newcomer(row, presents, [_method(one.payment)] if one.payment else [])

    def account(self, account: str) -> AccountRow:
        """Return an account. Raises `RequestError` when there is none of this id."""
        row = self._accounts.account(account)
        if row is None:
            raise RequestError(f"account {account}: not known here")
        return row

    def block(self, account: str, why: str) -> None:
        """Let an account in no more, or again with `why` empty."""
        _check(why)
        self._accounts.change(msgspec.structs.replace(self.account(account), blocked=why))

    # ---- what they present, how they pay -----------------------------------------------------

    def add_credential(
        self, account: str, credential: str, *, people: int = 1, expires_us: int | None = None
    ) -> CredentialRow:
        """Let an account present something more, which admits `people` at once.

        Raises:
            RequestError: the account is not known, somebody has the credential, it looks like a
                card number or is a code, or `people` is out of bounds.
        """
        _check(credential)
        row = self._credential(
            self.account(account).account, credential, people=people, expires_us=expires_us
        )
        try:
            self._accounts.add_credential(row)
        except ConflictError as error:
            raise RequestError(f"account {account}: somebody has this credential") from error
        return row

    def add_badge(self, account: str) -> str:
        """Make a badge for somebody who works here; return what to write on it, once.

        Raises:
            RequestError: the account is a shopper's: a badge would let them shop for nothing.
        """
        if not self.account(account).role:
            raise RequestError(f"account {account}: a badge needs an account with a role")
        badge = f"badge-{secrets.token_urlsafe(TOKEN_BYTES)}"
        row = self._credential(account, badge)
        self._accounts.add_credential(msgspec.structs.replace(row, kind="badge"))
        return badge

    def add_method(self, account: str, token: str) -> PaymentMethod:
        """Let an account pay in one more way: by the provider's `token`."""
        _check(token)
        method = _method(token)
        self._accounts.add_method(self.account(account).account, method)
        return method

    def _credential(
        self, account: str, text: str, *, people: int = 1, expires_us: int | None = None
    ) -> CredentialRow:
        if not 1 <= people <= PEOPLE_MAX:
            raise RequestError(f"account {account}: {people} people, 1 to {PEOPLE_MAX} are allowed")
        handle = self._vault.handle(text)
        if kind_of_handle(handle) == "code":
            raise RequestError(f"account {account}: codes are signed, not kept")
        kept: CredentialKind = "card" if kind_of_handle(handle) == "card" else "token"
        return CredentialRow(
            handle=handle,
            account=account,
            kind=kept,
            people=people,
            expires_us=expires_us,
        )

    # ---- codes -------------------------------------------------------------------------------

    def issue_code(
        self, account: str, *, store: str, people: int = 1, lifetime_s: int = CODE_LIFETIME_S
    ) -> str:
        """Return a new entry code of an account: short-lived, good once, in one store or "*".

        Raises:
            RequestError: the account is not known, a number is out of bounds, or there is no key.
        """
        subject = self.account(account).subject
        return self.ring.sign(subject, store=store, people=people, lifetime_s=lifetime_s)


def _subject() -> str:
    return f"s-{secrets.token_urlsafe(TOKEN_BYTES)}"


def _method(token: str) -> PaymentMethod:
    """Name a payment method by chance: durable events know the name, and it tells nothing."""
    return PaymentMethod(f"m-{secrets.token_hex(8)}", token)


def _check(*texts: str) -> None:
    if any(holds_card_number(text) for text in texts):
        raise RequestError(
            "this looks like a card number, and none may be kept: use the provider's token"
        )
