"""Words and protocols of privacy: what is kept about a person, and how it goes.

A *person* is an account and everything that leads to it. What is kept under a party, the pseudonym
of one visit, is about nobody once the link between the two is gone.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

ERASED = "(erased)"  # what stands where a person's text or name stood

Kind: TypeAlias = Literal[
    "vault",  # credentials as they were read
    "answers",  # what gates were answered, codes that were used
    "refused payloads",
    "events",  # what engines decided: carts, evidence, who was let in
    "notes",  # what back ends are told
    "audit",
    "tokens",  # of the HTTP API, revoked or run out
    "case texts",  # what people wrote in closed cases
    "links",  # which account a party was
    "money",  # receipts, payments, cases and trips
]


class Standing(NamedTuple):
    """What is going on with a person right now."""

    visits: Sequence[str]  # parties that are open, visits without an end
    payments: Mapping[str, str]  # payment -> its state; "waiting for OPERATION" where asked
    cases: Mapping[str, str]  # case -> its state
    requests: Sequence[str]  # effects that an engine asked for and nobody answered
    engines: Sequence[str]  # stores whose engine still has a credential of theirs in mind


class Erasure(NamedTuple):
    """What an erasure did: why nothing, or how many rows of each table."""

    refused: Sequence[str] = ()
    rows: Mapping[str, int] = {}


Judge: TypeAlias = Callable[[Standing], Sequence[str]]


class PersonBook(Protocol):
    """What a store of record keeps about persons. Every call raises `RecordsError`."""

    def find(self, text: str, *, handle: str) -> list[str]:
        """Return the accounts that `text` leads to.

        Args:
            text: an account's id, part of a name, a token, a party, a visit or a receipt.
            handle: of `text`, if it is a credential.
        """
        ...

    def everything(self, account: str) -> dict[str, Any] | None:
        """Return all that is kept about a person, as plain values; None when nothing is."""
        ...

    def erase(self, account: str, judge: Judge) -> Erasure | None:
        """Erase a person unless `judge` says why not, in one transaction; None when unknown.

        Receipts and payments stay, under their pseudonyms.
        """
        ...

    def idle(self, *, before_us: int, after: str, limit: int) -> list[str]:
        """Return shoppers behind the account `after` who have not come in since, in order."""
        ...


class RetentionBook(Protocol):
    """What a store of record keeps for a time. Every call raises `RecordsError`."""

    def drop(self, kind: Kind, *, before_us: int, limit: int) -> int:
        """Delete about `limit` rows from before then that nobody needs; return how many."""
        ...


class Scrubber(Protocol):
    """Makes sure that what was deleted is in no byte of the database's files either."""

    def scrub(self, *, deep: bool) -> list[str]:
        """Overwrite what was deleted; return what may be left, in words.

        `deep`: write the database anew, which takes as long as copying it.
        """
        ...


class OldFiles(Protocol):
    """Files that are kept for a time: recordings of sessions."""

    def delete(self, *, before_us: int) -> list[str]:
        """Delete those last written before then; return their names."""
        ...
