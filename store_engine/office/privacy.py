"""Privacy: a person's data is shown to them, and erased when they ask.

    find ─▶ export      everything that is kept about an account, as one document
         └▶ erase       refused while something is going on; else everything but what the law keeps

Receipts and payments stay, under the pseudonyms of their visits, without a way back to the person.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec
import structlog

from store_engine.errors import RequestError
from store_engine.ports.privacy import PersonBook, Scrubber, Standing

EXPORT_VERSION = 1
SETTLED = (  # states of payments in which nothing more is going to happen by itself
    "released",
    "refused",
    "waived",
    "paid",
    "refunded in part",
    "refunded",
    "written off",
    "charged back",
)
NAMED_MAX = 5  # names of one sort that a refusal repeats (guess)

_log = structlog.get_logger(__name__)


class Erased(NamedTuple):
    """What an erasure did."""

    rows: Mapping[str, int]  # table -> rows deleted or changed
    left: list[str]  # where bytes may be left, in words


class Privacy:
    """Persons of one store of record."""

    def __init__(
        self,
        persons: PersonBook,
        scrubber: Scrubber,
        *,
        handle: Callable[[str], str],
        now_us: Callable[[], int],
    ) -> None:
        self._persons = persons
        self._scrubber = scrubber
        self._handle = handle
        self._now_us = now_us

    def find(self, text: str) -> list[str]:
        """Return the accounts that a name, token, credential, party, visit or receipt leads to."""
        return self._persons.find(text, handle=self._handle(text)) if text else []

    def export(self, account: str) -> bytes:
        """Return everything about a person as a JSON document.

        Raises:
            RequestError: nothing is kept about an account of this name.
        """
        sections = self._persons.everything(account)
        if sections is None:
            raise _unknown(account)
        document: dict[str, Any] = {
            "version": EXPORT_VERSION,
            "exported_us": self._now_us(),
            **sections,
        }
        return msgspec.json.format(msgspec.json.encode(document), indent=2)

    def erase(self, account: str) -> Erased:
        """Erase a person, then every byte of what was deleted.

        Raises:
            RequestError: nothing is kept about them, or something is going on; it says what.
            RecordsError: the store of record fails. Erase again: what is gone stays gone.
        """
        rows = self.forget(account)
        return Erased(rows, self._scrubber.scrub(deep=True))

    def forget(self, account: str) -> Mapping[str, int]:
        """Erase a person, and leave the bytes to a later scrub. Raises as `erase`."""
        erasure = self._persons.erase(account, why_not)
        if erasure is None:
            raise _unknown(account)
        if erasure.refused:
            raise RequestError(f"account {account} stays for now: {'; '.join(erasure.refused)}")
        _log.info("a person was erased", rows=sum(erasure.rows.values()))
        return erasure.rows


def why_not(standing: Standing) -> list[str]:
    """Return why a person cannot be erased yet, one line each sort of reason."""
    unsettled = [
        f"{name} ({state})" for name, state in standing.payments.items() if state not in SETTLED
    ]
    open_cases = [f"{name} ({s})" for name, s in standing.cases.items() if s != "closed"]
    found = {
        "a visit is open": standing.visits,
        "a payment is not settled": unsettled,
        "a case is open": open_cases,
        "an engine waits for an answer": standing.requests,
        "an engine has just read a credential of theirs, ask again in a minute": standing.engines,
    }
    return [f"{reason}: {_some(names)}" for reason, names in found.items() if names]


def _some(names: Any) -> str:
    more = len(names) - NAMED_MAX
    return ", ".join(names[:NAMED_MAX]) + (f" and {more} more" if more > 0 else "")


def _unknown(account: str) -> RequestError:
    return RequestError(f"account {account}: not known here")
