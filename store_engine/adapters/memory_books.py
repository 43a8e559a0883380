"""The office's books in memory (port `Books`): for replays and tests, gone with the process."""

import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from store_engine.errors import ConflictError
from store_engine.payment_events import Answered, LinkPaid, PaymentEvent
from store_engine.ports.office import PaymentMethod, PaymentRow


class Party(NamedTuple):
    """Who a pseudonym stands for."""

    account: str
    store: str
    open: bool


class MemoryBooks:
    """Any number of threads may use them.

    methods: of each account, its favourite first; a party that nobody bound is its own account.
    """

    def __init__(self, methods: Mapping[str, Sequence[PaymentMethod]] | None = None) -> None:
        self.account_methods = {name: list(known) for name, known in (methods or {}).items()}
        self._events: dict[str, list[PaymentEvent]] = defaultdict(list)
        self._rows: dict[str, PaymentRow] = {}
        self._refs: dict[str, str] = {}  # payment by provider reference
        self._parties: dict[str, Party] = {}
        self._lock = threading.Lock()

    def load(self, payment: str) -> list[PaymentEvent]:
        """Return everything decided about a payment, oldest first."""
        with self._lock:
            return list(self._events[payment]) if payment in self._events else []

    def append(self, row: PaymentRow, events: Sequence[PaymentEvent], *, after: int) -> None:
        """Keep `events` behind the first `after` ones, and the payment's row, or nothing.

        Raises:
            ConflictError: there are not exactly `after` events: somebody else decided meanwhile.
        """
        with self._lock:
            known = self._events[row.payment]
            if len(known) != after:
                raise ConflictError(f"payment {row.payment}: {len(known)} events, not {after}")
            known += events
            self._rows[row.payment] = row
            for event in events:
                if isinstance(event, Answered | LinkPaid) and event.ref:
                    self._refs.setdefault(event.ref, row.payment)

    def payment(self, payment: str) -> PaymentRow | None:
        """Return a payment at a glance."""
        return self._rows.get(payment)

    def payment_of(self, ref: str) -> str | None:
        """Return the payment whose `Answered` or `LinkPaid` carries this provider reference."""
        return self._refs.get(ref)

    def due(self, *, now_us: int, limit: int) -> list[PaymentRow]:
        """Return payments that the worker should look at, longest due first."""
        with self._lock:
            rows = [(row.try_at_us, row.payment, row) for row in self._rows.values()]
        due = sorted((at, name, row) for at, name, row in rows if at is not None and at <= now_us)
        return [row for _, _, row in due[:limit]]

    def bind(self, *, party: str, account: str, store: str, time_us: int) -> str:  # noqa: ARG002
        """Return the open party of an account in a store: an earlier one, or `party`."""
        with self._lock:
            if party in self._parties:
                return party
            for name, known in self._parties.items():
                if known == Party(account, store, open=True):
                    return name
            self._parties[party] = Party(account, store, open=True)
            return party

    def part(self, *, party: str) -> None:
        """Close a party: the account's next entry is a new visit."""
        with self._lock:
            if party in self._parties:
                self._parties[party] = self._parties[party]._replace(open=False)

    def methods(self, party: str) -> list[PaymentMethod]:
        """Return the payment methods of the account behind a party, its favourite first."""
        known = self._parties.get(party)
        return list(self.account_methods.get(known.account if known else party, ()))
