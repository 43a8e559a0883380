"""Performs requested effects once; the answers re-enter as messages.

An event asks (`EntryRequested`, `ChargeRequested`), its id is the idempotency key, and the answer
comes back through the front door. What could not be asked is asked again with the same key until
it is answered: a provider's outage delays a charge and never loses or doubles one.
"""

import functools
import heapq
import itertools
import threading
import time
from collections.abc import Callable, Iterable

import structlog

from store_engine.errors import EffectError, UnreachableError
from store_engine.events import ChargeRequested, EntryRequested, Event
from store_engine.messages import Arrival, EntryDecision, Message, PaymentResult
from store_engine.ports import Accounts, Payments

ACCOUNTS, PAYMENTS = "accounts", "payments"  # the devices that answer
RETRY_FIRST_S, RETRY_MAX_S = 0.5, 30.0  # doubling in between (guess)

_log = structlog.get_logger(__name__)

Build = Callable[..., Message]  # builds an answer from device, boot, sequence and time_us
Answer = Callable[[str, Build, str], None]  # device, answer, event id of the effect
Alarm = Callable[[str, str, str], None]  # kind, text, what it is about


def decide_entry(accounts: Accounts, event: EntryRequested) -> Build:
    """Ask whether the holder of a credential may come in."""
    admission = accounts.admit(event.credential, time_us=event.time_us)
    return functools.partial(
        EntryDecision,
        scan=event.scan,
        accepted=admission.accepted,
        account=admission.account,
        reason=admission.reason,
    )


def charge(payments: Payments, event: ChargeRequested) -> Build:
    """Charge an account under the event's id. Raises `UnreachableError` when it cannot ask.

    A refusal of the request itself is an answer too: the debt stays open, visibly.
    """
    try:
        outcome = payments.charge(
            key=event.event, account=event.account, amount=event.amount, currency=event.currency
        )
    except UnreachableError:
        raise
    except EffectError as error:
        return functools.partial(
            PaymentResult, request=event.event, outcome="declined", amount=0, reason=str(error)
        )
    return functools.partial(
        PaymentResult,
        request=event.event,
        outcome="charged" if outcome.charged else "declined",
        amount=outcome.amount,
        provider_ref=outcome.provider_ref,
        reason=outcome.reason,
    )


class Effects:
    """Performs effects beside the engine's loop, each kind on a thread of its own."""

    def __init__(
        self, *, accounts: Accounts, payments: Payments, answer: Answer, alarm: Alarm
    ) -> None:
        self._entries = _Performer(
            ACCOUNTS, functools.partial(decide_entry, accounts), answer=answer, alarm=alarm
        )
        self._charges = _Performer(
            PAYMENTS, functools.partial(charge, payments), answer=answer, alarm=alarm
        )

    def perform(self, events: Iterable[Event]) -> None:
        """Begin what these events ask for; returns at once."""
        for event in events:
            if isinstance(event, EntryRequested):
                self._entries.begin(event)
            elif isinstance(event, ChargeRequested):
                self._charges.begin(event)

    def close(self) -> None:
        """Begin nothing more. What is not answered is performed again after the next start."""
        self._entries.close()
        self._charges.close()


class _Performer:
    """One thread that performs one kind of effect, in order, retrying what was unreachable."""

    def __init__(
        self, device: str, perform: Callable[..., Build], *, answer: Answer, alarm: Alarm
    ) -> None:
        self._device = device
        self._perform = perform
        self._answer = answer
        self._alarm = alarm
        self._order = itertools.count()
        self._due: list[tuple[float, int, int, Event]] = []  # when, order, attempts so far, what
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=f"effects-{device}", daemon=True)
        self._thread.start()

    def begin(self, event: Event, *, in_s: float = 0.0, attempts: int = 0) -> None:
        with self._changed:
            due = (time.monotonic() + in_s, next(self._order), attempts, event)
            heapq.heappush(self._due, due)
            self._changed.notify()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(
            timeout=1.0
        )  # a slow provider is not waited for: its answer is kept there

    def _run(self) -> None:
        while (due := self._next()) is not None:
            attempts, event = due
            try:
                built = self._perform(event)
            except Exception as error:  # whatever a provider's client raises
                self._try_again(event, attempts + 1, error)
            else:
                self._answer(self._device, built, event.event)

    def _next(self) -> tuple[int, Event] | None:
        with self._changed:
            while not self._closed:
                wait_s = self._due[0][0] - time.monotonic() if self._due else None
                if wait_s is not None and wait_s <= 0:
                    _, _, attempts, event = heapq.heappop(self._due)
                    return attempts, event
                self._changed.wait(wait_s)
        return None

    def _try_again(self, event: Event, attempts: int, error: Exception) -> None:
        wait_s = min(RETRY_FIRST_S * 2 ** min(attempts - 1, 16), RETRY_MAX_S)
        _log.warning("effect not done", event_id=event.event, error=str(error), again_in_s=wait_s)
        if attempts == 1:
            self._alarm(f"{self._device}_unreachable", f"{event.event}: {error}", event.event)
        self.begin(event, in_s=wait_s, attempts=attempts)


class LocalResponder:
    """Answers effects at once, outside any real store (port `Responder`): replay, simulation.

    Numbers its answers from 0, so the same events always get the same answers. A kind of effect
    whose back end is None stays unanswered: its answers are in the recording.
    """

    def __init__(
        self, *, accounts: Accounts | None = None, payments: Payments | None = None
    ) -> None:
        self._accounts = accounts
        self._payments = payments
        self._sequences = {ACCOUNTS: itertools.count(), PAYMENTS: itertools.count()}

    def answer(self, event: object, *, received_us: int) -> list[Arrival]:
        """Return the messages that answer `event`, none when it asks for nothing."""
        if isinstance(event, EntryRequested) and self._accounts is not None:
            return [self._arrival(ACCOUNTS, decide_entry(self._accounts, event), received_us)]
        if isinstance(event, ChargeRequested) and self._payments is not None:
            return [self._arrival(PAYMENTS, charge(self._payments, event), received_us)]
        return []

    def _arrival(self, device: str, build: Build, received_us: int) -> Arrival:
        sequence = next(self._sequences[device])
        said = build(device=device, boot=0, sequence=sequence, time_us=received_us)
        return Arrival(said, received_us)
