"""Performs requested effects once; the answers re-enter as messages.

An event asks (`EntryRequested`, `ChargeRequested`, `ReleaseRequested`), its id is the idempotency
key, and the answer comes back through the front door. What could not be asked is asked again with
the same key until it is answered: a provider's outage delays a charge and never loses or doubles
one.
"""

import functools
import itertools
from collections.abc import Callable, Iterable
from typing import TypeAlias

import structlog

from store_engine.errors import EffectError, UnreachableError
from store_engine.events import ChargeRequested, EntryRequested, Event, ReleaseRequested
from store_engine.lanes import Lanes
from store_engine.messages import Arrival, EntryDecision, Message, PaymentResult
from store_engine.ports import Accounts, ChargeOutcome, Payments

ACCOUNTS, PAYMENTS = "accounts", "payments"  # the devices that answer
# A provider takes 0.3 s and a charge mostly one call, so 50 exits a second keep 15 threads busy;
# twice that for bursts and adjustments. A gate admits one person a second. (guess)
CHARGES_AT_ONCE, ENTRIES_AT_ONCE = 32, 8

_log = structlog.get_logger(__name__)

Build = Callable[..., Message]  # builds an answer from device, boot, sequence and time_us
Answer = Callable[[str, Build, str], None]  # device, answer, event id of the effect
Alarm = Callable[[str, str, str], None]  # kind, text, what it is about
Effect: TypeAlias = EntryRequested | ChargeRequested | ReleaseRequested


def decide_entry(accounts: Accounts, event: EntryRequested) -> Build:
    """Ask whether the holder of a credential may come in."""
    admission = accounts.admit(event.credential, time_us=event.time_us, entry=event.event)
    return functools.partial(
        EntryDecision,
        scan=event.scan,
        accepted=admission.accepted,
        account=admission.account,
        reason=admission.reason,
        shopper=admission.shopper,
        people=admission.people,
    )


def charge(payments: Payments, event: ChargeRequested | ReleaseRequested) -> Build:
    """Charge an account, or let go of what is held for it, under the event's id.

    A refusal of the request itself is an answer too: the debt stays open, visibly.

    Raises:
        UnreachableError: it cannot be asked now.
    """
    try:
        outcome = _outcome(payments, event)
    except UnreachableError:
        raise
    except EffectError as error:
        outcome = ChargeOutcome("declined", 0, "", str(error))
    return functools.partial(
        PaymentResult,
        request=event.event,
        outcome=outcome.outcome,
        amount=outcome.amount,
        provider_ref=outcome.provider_ref,
        reason=outcome.reason,
    )


def _outcome(payments: Payments, event: ChargeRequested | ReleaseRequested) -> ChargeOutcome:
    if isinstance(event, ReleaseRequested):
        return payments.release(key=event.event, account=event.account)
    return payments.charge(
        key=event.event,
        account=event.account,
        amount=event.amount,
        currency=event.currency,
        receipt=event.receipt,
    )


class Effects:
    """Performs effects beside the engine's loop, in order for each credential and each account."""

    def __init__(
        self, *, accounts: Accounts, payments: Payments, answer: Answer, alarm: Alarm
    ) -> None:
        self._answer = answer
        self._alarm = alarm
        self._entries = self._lanes(
            ACCOUNTS, functools.partial(decide_entry, accounts), ENTRIES_AT_ONCE
        )
        self._charges = self._lanes(PAYMENTS, functools.partial(charge, payments), CHARGES_AT_ONCE)

    def perform(self, events: Iterable[Event]) -> None:
        """Begin what these events ask for; returns at once."""
        for event in events:
            if isinstance(event, EntryRequested):
                self._entries.add(event)
            elif isinstance(event, ChargeRequested | ReleaseRequested):
                self._charges.add(event)

    def close(self) -> None:
        """Begin nothing more. What is not answered is performed again after the next start."""
        self._entries.close()
        self._charges.close()

    def _lanes(self, device: str, perform: Callable[..., Build], threads: int) -> Lanes[Effect]:
        def do(event: Effect) -> None:
            self._answer(device, perform(event), event.event)

        def failed(event: Effect, times: int, error: Exception, wait_s: float) -> None:
            _log.warning(
                "effect not done", event_id=event.event, error=str(error), again_in_s=wait_s
            )
            if times == 1:
                self._alarm(f"{device}_unreachable", f"{event.event}: {error}", event.event)

        return Lanes(f"effects-{device}", do, lane_of=_lane, failed=failed, threads=threads)


def _lane(event: Effect) -> str:
    return event.credential if isinstance(event, EntryRequested) else event.account


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
        if isinstance(event, ChargeRequested | ReleaseRequested) and self._payments is not None:
            return [self._arrival(PAYMENTS, charge(self._payments, event), received_us)]
        return []

    def _arrival(self, device: str, build: Build, received_us: int) -> Arrival:
        sequence = next(self._sequences[device])
        said = build(device=device, boot=0, sequence=sequence, time_us=received_us)
        return Arrival(said, received_us)
