"""The registry: who may shop, what they present, how they pay; keys and codes.

For the command line and the HTTP API. What a person wrote is checked here: a card number is
refused wherever it stands, and the message does not repeat it.
"""

import secrets
from collections.abc import Callable, Iterable, Sequence

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from store_engine.access import SigningOrder, new_key, sign_code
from store_engine.access.codes import LIFETIME_MAX_S, LIFETIME_S
from store_engine.account_ports import (
    PEOPLE_MAX,
    AccountBook,
    AccountRow,
    Algorithm,
    CodeKey,
    CredentialKind,
    CredentialRow,
    GateBook,
    Newcomer,
)
from store_engine.accounts import Account
from store_engine.card_numbers import holds_card_number
from store_engine.errors import ConflictError, RequestError
from store_engine.office.vault import Vault, kind_of_handle
from store_engine.office_ports import PaymentMethod
from store_engine.promotions import Role

ISSUER = "store-engine"
TOKEN_BYTES = 16  # of randomness in everything made up here: nobody guesses 128 bits


class Registry:
    """Keeps accounts, credentials and keys in order."""

    def __init__(
        self, accounts: AccountBook, gates: GateBook, vault: Vault, *, now_us: Callable[[], int]
    ) -> None:
        self._accounts = accounts
        self._gates = gates
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
        presents = [self._credential(account, text) for text in credentials]
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

    # ---- codes and their keys ----------------------------------------------------------------

    def issue_code(
        self, account: str, *, store: str, people: int = 1, lifetime_s: int = LIFETIME_S
    ) -> str:
        """Return a new entry code of an account: short-lived, good once, in one store or "*".

        Raises:
            RequestError: the account is not known, a number is out of bounds, or there is no key.
        """
        if not 1 <= people <= PEOPLE_MAX:
            raise RequestError(f"code: {people} people, 1 to {PEOPLE_MAX} are allowed")
        if not 1 <= lifetime_s <= LIFETIME_MAX_S:
            raise RequestError(f"code: {lifetime_s} s, 1 to {LIFETIME_MAX_S} are allowed")
        order = SigningOrder(
            subject=self.account(account).subject,
            store=store,
            jti=secrets.token_urlsafe(TOKEN_BYTES),
            issued_us=self._now_us(),
            lifetime_s=lifetime_s,
            people=people,
        )
        return sign_code(self._signing_key(), order)

    def _signing_key(self) -> CodeKey:
        keys = [k for k in self._gates.keys().values() if k.private_pem and k.retired_us is None]
        if not keys:
            raise RequestError("no key signs codes here yet: make one (accounts keys rotate)")
        return max(keys, key=lambda key: (key.created_us, key.key))

    def rotate_keys(self, *, algorithm: Algorithm = "EdDSA") -> CodeKey:
        """Sign with a new key from now on; return it.

        Keys that signed here so far retire: their private halves are forgotten, and the codes they
        signed until now stay good until they expire.
        """
        now_us = self._now_us()
        signing = [key for key in self._gates.keys().values() if key.private_pem]
        private: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey
        if algorithm == "EdDSA":
            private = ed25519.Ed25519PrivateKey.generate()
        else:
            private = ec.generate_private_key(ec.SECP256R1())
        name = f"k-{secrets.token_hex(8)}"
        key = new_key(private, key=name, issuer=ISSUER, created_us=now_us)
        self._gates.put_key(key)
        for old in signing:
            self._gates.put_key(msgspec.structs.replace(old, private_pem="", retired_us=now_us))
        return key


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
