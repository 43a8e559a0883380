"""What a provider's answer means for a tab: at most one effect, whatever comes back."""

from collections.abc import Mapping

import msgspec

from store_engine.checkout.tab import Move, Tab, moved
from store_engine.events import (
    AlertRaised,
    ChargeDeclined,
    ChargeSettled,
    ChargeWaived,
    Event,
    event_id,
)
from store_engine.messages import Alert, PaymentResult
from store_engine.store import Store
from store_engine.units import format_money

RELEASE = "release_requested"
MOVE_OF: Mapping[str, Move] = {"charged": "charged", "declined": "declined", "released": "waived"}


def request_id(store: Store, visit: str) -> str:
    """Return the id of a visit's only charge request: the idempotency key of the charge."""
    return event_id(store.map.store, visit, "charge_requested")


def is_release(store: Store, result: PaymentResult) -> bool:
    """Whether an answer says that a hold was let go of: nothing follows from it."""
    asked = result.request.startswith(event_id(store.map.store, ""))
    return asked and result.outcome == "released" and result.request.endswith(f"/{RELEASE}")


def visit_of(store: Store, request: str) -> str:
    """Return the visit a request id belongs to, "" when it is none of this store's."""
    before, after = request_id(store, "\0").split("\0")
    if not (request.startswith(before) and request.endswith(after)):
        return ""
    return request[len(before) : len(request) - len(after)]


def answer(
    tab: Tab, result: PaymentResult, store: Store, *, time_us: int
) -> tuple[Tab, list[Event]]:
    """Return the tab after a provider's answer to its request, and what to say about it."""
    if _is_repeat(tab, result):
        return tab, []
    if result.outcome == "charged" and result.amount != tab.amount:
        text = f"{_money(tab.amount, store)} asked for, {_money(result.amount, store)} moved"
        return _alerted(tab, result, store, kind="payment_mismatch", text=text, time_us=time_us)
    move = MOVE_OF[result.outcome]
    after = moved(tab, move)
    if after is None:
        text = f"already {tab.state} ({tab.provider_ref}), now reported {result.outcome}"
        return _alerted(tab, result, store, kind="payment_conflict", text=text, time_us=time_us)
    after = msgspec.structs.replace(after, provider_ref=result.provider_ref)
    if move == "charged":
        return after, [_settled(after, result, store, time_us=time_us)]
    if move == "waived":
        return after, [_waived(after, result, store, time_us=time_us)]
    text = f"{_money(tab.amount, store)} declined: {result.reason or 'no reason given'}"
    after, alerts = _alerted(after, result, store, kind="card_declined", text=text, time_us=time_us)
    return after, [_declined(after, result, store, time_us=time_us), *alerts]


def stray(store: Store, result: PaymentResult, *, time_us: int, ordinal: int) -> AlertRaised:
    """Return the alert for an answer to a question that nobody asked."""
    event = event_id(store.map.store, "payments", "payment_unknown", ordinal)
    text = f"{result.outcome} {_money(result.amount, store)} for unknown request {result.request}"
    return _alert(event, result, store, kind="payment_unknown", text=text, time_us=time_us)


def _is_repeat(tab: Tab, result: PaymentResult) -> bool:
    """A redelivered answer: the same outcome, and the same payment where one was made."""
    if tab.state != MOVE_OF[result.outcome]:
        return False
    same_payment = (result.amount, result.provider_ref) == (tab.amount, tab.provider_ref)
    return result.outcome != "charged" or same_payment


def _settled(tab: Tab, result: PaymentResult, store: Store, *, time_us: int) -> ChargeSettled:
    return ChargeSettled(
        event=event_id(store.map.store, tab.visit, "charge_settled"),
        time_us=time_us,
        causes=(result.ref,),
        visit=tab.visit,
        request=result.request,
        amount=result.amount,
        provider_ref=result.provider_ref,
    )


def _waived(tab: Tab, result: PaymentResult, store: Store, *, time_us: int) -> ChargeWaived:
    return ChargeWaived(
        event=event_id(store.map.store, tab.visit, "charge_waived"),
        time_us=time_us,
        causes=(result.ref,),
        visit=tab.visit,
        request=result.request,
        reason=result.reason,
    )


def _declined(tab: Tab, result: PaymentResult, store: Store, *, time_us: int) -> ChargeDeclined:
    return ChargeDeclined(
        event=event_id(store.map.store, tab.visit, "charge_declined"),
        time_us=time_us,
        causes=(result.ref,),
        visit=tab.visit,
        request=result.request,
        reason=result.reason,
    )


def _alerted(
    tab: Tab, result: PaymentResult, store: Store, *, kind: str, text: str, time_us: int
) -> tuple[Tab, list[Event]]:
    event = event_id(store.map.store, tab.visit, kind, tab.alerts)
    about = f"visit {tab.visit}: {text}"
    alert = _alert(event, result, store, kind=kind, text=about, time_us=time_us, visit=tab.visit)
    return msgspec.structs.replace(tab, alerts=tab.alerts + 1), [alert]


def _alert(
    event: str,
    result: PaymentResult,
    store: Store,
    *,
    kind: str,
    text: str,
    time_us: int,
    visit: str = "",
) -> AlertRaised:
    alert = Alert(
        alert=event,
        store=store.map.store,
        time_us=time_us,
        kind=kind,
        text=text,
        about=visit or result.request,
        causes=(result.ref,),
    )
    return AlertRaised(event=event, time_us=time_us, causes=(result.ref,), alert=alert)


def _money(amount: int, store: Store) -> str:
    catalog = store.catalog
    return format_money(amount, currency=catalog.currency, exponent=catalog.currency_exponent)
