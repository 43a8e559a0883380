"""What nobody waits for: open questions, holds beyond their bound, debts.

Looks at the payments that are due, again and again. What a till left unfinished, because it was
killed or the provider could not be reached, is finished here.
"""

import threading

import structlog

from store_engine.errors import ConflictError, RecordsError, StoreEngineError, UnreachableError
from store_engine.office.cashier import Cashier, NowUs
from store_engine.ports.office import Books, PaymentRow, Provider

LOOK_EVERY_S = 1.0  # while nothing is due (guess: released "within seconds" after a crash)
AT_ONCE = 50  # payments taken in one look (guess)

_log = structlog.get_logger(__name__)


class Worker:
    """Finishes what is due. Several may work on the same books."""

    def __init__(self, books: Books, provider: Provider, *, now_us: NowUs) -> None:
        self._books = books
        self._cashier = Cashier(books, provider, now_us=now_us)
        self._now_us = now_us
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def look(self) -> int:
        """Finish what is due now, as far as the provider answers; return how much that was."""
        due = self._books.due(now_us=self._now_us(), limit=AT_ONCE)
        return sum(self._finish(row) for row in due if not self._stopping.is_set())

    def start(self) -> None:
        """Look on a thread of its own until `stop`."""
        self._thread = threading.Thread(target=self.run, name="office-worker", daemon=True)
        self._thread.start()

    def run(self) -> None:
        """Look until `stop`."""
        while not self._stopping.is_set():
            try:
                finished = self.look()
            except RecordsError as error:
                _log.warning("the books cannot be read", error=str(error))
                finished = 0
            if not finished:
                self._stopping.wait(LOOK_EVERY_S)

    def stop(self) -> None:
        """Let `run` return soon, and wait a moment for it."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=1.0)  # a slow provider is not waited for

    def _finish(self, row: PaymentRow) -> bool:
        """Take one payment as far as it goes; whatever is wrong with it stops no other."""
        try:
            payment = self._cashier.drive(row.payment)
            if payment.owed is not None:
                self._books.part(party=payment.party)
        except UnreachableError as error:
            _log.info("not answered yet", payment=row.payment, error=str(error))
            return self._postpone(row)
        except StoreEngineError as error:
            _log.error("payment not finished", payment=row.payment, error=str(error))
            return self._postpone(row)
        return True

    def _postpone(self, row: PaymentRow) -> bool:
        try:
            self._cashier.postpone(self._cashier.load(row.payment))
        except ConflictError:
            pass  # somebody else is at it
        except RecordsError as error:
            _log.error("the books cannot be written", payment=row.payment, error=str(error))
        return False
