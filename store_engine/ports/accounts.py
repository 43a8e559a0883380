"""Accounts, credentials and keys: the words of the desk, and where they are kept.

An account is somebody who may shop. What they present at a gate is kept as a *handle* only: a
keyed hash, so that the same credential is recognised and none can be read out of the database.
"""

from collections.abc import Sequence
from typing import Annotated, Literal, NamedTuple, Protocol, TypeAlias

import msgspec

from store_engine.ports import Admission
from store_engine.ports.office import PaymentMethod
from store_engine.promotions import Role

CredentialKind: TypeAlias = Literal["card", "badge", "token"]
Algorithm: TypeAlias = Literal["EdDSA", "ES256"]

PEOPLE_MAX = 20  # people on one credential (guess: a school class is let in by a person)
People = Annotated[int, msgspec.Meta(ge=1, le=PEOPLE_MAX)]


class AccountRow(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may shop, or who works here."""

    account: str
    subject: str  # what entry codes call them: random, says nothing about the account
    name: str = ""
    role: Role = ""
    member: bool = False
    adult: bool = False  # their age was checked: goods with an age limit need no other check
    blocked: str = ""  # why they may not come in, "" when they may
    created_us: int = 0


class CredentialRow(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is presented at a gate, other than a code."""

    handle: str
    account: str
    kind: CredentialKind
    people: People = 1  # how many it admits at once
    expires_us: int | None = None  # it is refused from here on
    revoked: bool = False


class CodeKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that entry codes are signed with. Its algorithm is fixed: a code cannot choose."""

    key: str  # the key id (kid) that codes name
    algorithm: Algorithm
    issuer: str  # who signs with it
    public_pem: str
    private_pem: str = ""  # "" where somebody else signs, or the key is retired
    created_us: int = 0
    retired_us: int | None = None  # codes issued from here on are refused


class VaultItem(NamedTuple):
    """A credential as it was read, for the moment until it is decided upon."""

    handle: str
    credential: str
    kept_us: int


class Newcomer(NamedTuple):
    """A new account with what it presents and how it pays, favourite first."""

    account: AccountRow
    credentials: Sequence[CredentialRow] = ()
    methods: Sequence[PaymentMethod] = ()


class AccountBook(Protocol):
    """Accounts, what they present and how they pay, in the store of record.

    Every call raises `RecordsError` when the store of record fails; nothing is kept then.
    """

    def add(self, *newcomers: Newcomer) -> None:
        """Keep new accounts: all of them or none.

        Raises:
            ConflictError: an account, a credential or a method is there already.
        """
        ...

    def change(self, account: AccountRow) -> None:
        """Keep an account as it is now; one that is not there stays so."""
        ...

    def account(self, account: str) -> AccountRow | None:
        """Return an account."""
        ...

    def account_of_subject(self, subject: str) -> AccountRow | None:
        """Return whom entry codes call so."""
        ...

    def accounts(self, *, after: str = "", limit: int = 1_000) -> list[AccountRow]:
        """Return accounts in order of their names, those behind `after`."""
        ...

    def who_are(self, parties: Sequence[str]) -> dict[str, str]:
        """Return the accounts behind parties; nothing for those that are not known (any more)."""
        ...

    def add_method(self, account: str, method: PaymentMethod) -> None:
        """Keep one more way to pay, behind the others. Raises `ConflictError` if it is there."""
        ...

    def remove_method(self, account: str, method: str) -> None:
        """Forget a way to pay."""
        ...

    def methods_of(self, account: str) -> list[PaymentMethod]:
        """Return how an account pays, its favourite first."""
        ...

    def add_credential(self, credential: CredentialRow) -> None:
        """Keep a new credential. Raises `ConflictError` if somebody has it."""
        ...

    def revoke(self, handle: str) -> None:
        """Refuse a credential from now on."""
        ...

    def credential(self, handle: str) -> CredentialRow | None:
        """Return what is known of a presented credential."""
        ...

    def credentials_of(self, account: str) -> list[CredentialRow]:
        """Return everything an account may present."""
        ...


class GateBook(Protocol):
    """What the desk remembers of gates: keys and used codes, answers, the vault.

    Every call raises `RecordsError` when the store of record fails; nothing is kept then.
    """

    def secret(self, fresh: bytes) -> bytes:
        """Return the secret that handles are made with: `fresh` if there was none so far."""
        ...

    def code_keys(self) -> dict[str, CodeKey]:
        """Return all keys, by key id."""
        ...

    def put_key(self, key: CodeKey) -> None:
        """Keep a key, or what became of it."""
        ...

    def use_code(self, code: str, *, entry: str, expires_us: int) -> str:
        """Use a code up for an entry; return the entry that has it, an earlier one perhaps."""
        ...

    def answer(self, entry: str) -> Admission | None:
        """Return what an entry was answered."""
        ...

    def keep_answer(self, entry: str, admission: Admission, *, time_us: int) -> Admission:
        """Keep the answer to an entry; return the one that counts, an earlier one perhaps."""
        ...

    def put_away(self, item: VaultItem) -> None:
        """Keep a credential until it is decided upon."""
        ...

    def look_up(self, handle: str) -> VaultItem | None:
        """Return a credential that was put away."""
        ...

    def throw_away(self, handle: str) -> None:
        """Forget a credential that was put away."""
        ...

    def forget(self, *, vault_us: int, answers_us: int, codes_us: int) -> None:
        """Forget what was put away or answered before then, and codes that ran out before then."""
        ...
