"""How a card bank answers: the rules of the simulated provider, without a clock or a memory.

A rule takes a request and the hold that it acts on, and returns the bank's answer and the hold as
it is afterwards. It raises `EffectError` when the request makes no sense: then nothing happened.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

from store_engine.adapters.bank_ledger import Hold, Kind, Request
from store_engine.errors import EffectError
from store_engine.ports.office import ProviderAnswer

TOKEN = "tok_"  # noqa: S105 - every payment method is such a token, never a card number
LIMIT_TOKEN = "tok_limit_"  # noqa: S105 - tok_limit_5000: no hold of more than 5000 minor units

# Tokens of cards that decline at one step, in the manner of real providers' test cards.
DECLINING: Mapping[str, tuple[Kind, str]] = {
    "tok_declined": ("authorise", "card declined"),
    "tok_expired_card": ("authorise", "card expired"),
    "tok_insufficient_funds": ("authorise", "insufficient funds"),
    "tok_adjust_declined": ("adjust", "insufficient funds"),
    "tok_capture_declined": ("capture", "hold expired"),
    "tok_refund_declined": ("refund", "card account closed"),
}
CLOSED = "/closed"  # the closing of a dispute is named after the dispute, with this behind


class Terms(NamedTuple):
    """What the bank agreed to."""

    amount_max: int = 99_999_999  # minor units; datasheet: the most that Stripe takes, 8 digits
    hold_lasts_us: int = 7 * 24 * 3600 * 1_000_000  # datasheet: online card holds, 7 days


Verdict: TypeAlias = tuple[ProviderAnswer, Hold | None]


def decide(request: Request, hold: Hold | None, *, now_us: int, terms: Terms) -> Verdict:
    """Answer a request that acts on `hold`, None for a hold that the bank does not know.

    Raises:
        EffectError: the request makes no sense; the message names it and the limit.
    """
    if request.kind != "release" and not 0 < request.asked <= terms.amount_max:
        raise EffectError(
            f"{request.key}: amount {request.asked} is not positive, or beyond {terms.amount_max}"
        )
    if request.kind == "authorise":
        return _authorise(request, expires_us=now_us + terms.hold_lasts_us)
    if hold is None:
        raise EffectError(f"{request.key}: no hold or capture {request.on!r}")
    if hold.state == "open" and now_us >= hold.expires_us:
        hold = hold._replace(state="expired")
    return _RULES[request.kind](request, hold)


def _authorise(request: Request, *, expires_us: int) -> Verdict:
    if not request.method.startswith(TOKEN):
        raise EffectError(f"{request.key}: no such payment method; tokens begin with {TOKEN!r}")
    if len(request.currency) != 3:
        raise EffectError(f"{request.key}: currency {request.currency!r} has not 3 letters")
    ref = f"ho_{request.key}"
    reason = _declined(request, request.method)
    if reason:
        return ProviderAnswer("declined", 0, ref, reason), None
    hold = Hold(
        ref=ref,
        method=request.method,
        currency=request.currency,
        held=request.asked,
        expires_us=expires_us,
    )
    return ProviderAnswer("done", hold.held, ref), hold


def _adjust(request: Request, hold: Hold) -> Verdict:
    reason = _declined_on_hold(request, hold)
    if reason:
        return ProviderAnswer("declined", 0, hold.ref, reason), hold
    return ProviderAnswer("done", request.asked, hold.ref), hold._replace(held=request.asked)


def _capture(request: Request, hold: Hold) -> Verdict:
    reason = _declined_on_hold(request, hold)
    if request.asked > hold.held:
        raise EffectError(f"{request.key}: capture of {request.asked}, {hold.held} held")
    if reason:
        return ProviderAnswer("declined", 0, hold.ref, reason), hold
    ref = f"ca_{request.key}"
    taken = hold._replace(state="captured", capture=ref, captured=request.asked)
    return ProviderAnswer("done", request.asked, ref), taken


def _release(request: Request, hold: Hold) -> Verdict:
    if hold.state == "captured":
        raise EffectError(f"{request.key}: hold {hold.ref!r} is captured already")
    return ProviderAnswer("done", 0, hold.ref), hold._replace(state="released")


def _refund(request: Request, hold: Hold) -> Verdict:
    left = _captured(request, hold) - hold.refunded
    if request.asked > left:
        raise EffectError(
            f"{request.key}: refund of {request.asked} on {request.on!r}: "
            f"{hold.captured} captured, {hold.refunded} refunded already"
        )
    reason = _declined(request, hold.method)
    if not reason and request.asked > left - hold.disputed:
        reason = "disputed"  # the shopper's bank has that money, not this one
    ref = f"re_{request.key}"
    if reason:
        return ProviderAnswer("declined", 0, ref, reason), hold
    given = hold._replace(refunded=hold.refunded + request.asked)
    return ProviderAnswer("done", request.asked, ref), given


def _dispute(request: Request, hold: Hold) -> Verdict:
    left = _captured(request, hold) - hold.refunded - hold.disputed
    if request.asked > left:
        raise EffectError(f"{request.key}: dispute of {request.asked}, {left} left of the capture")
    disputed = hold._replace(disputed=hold.disputed + request.asked)
    return ProviderAnswer("done", request.asked, request.key), disputed


def _dispute_won(request: Request, hold: Hold) -> Verdict:
    back = hold._replace(disputed=hold.disputed - request.asked)
    return _dispute_lost(request, hold)[0], back


def _dispute_lost(request: Request, hold: Hold) -> Verdict:
    return ProviderAnswer("done", request.asked, request.key.removesuffix(CLOSED)), hold


_RULES: Mapping[Kind, Callable[[Request, Hold], Verdict]] = {
    "adjust": _adjust,
    "capture": _capture,
    "release": _release,
    "refund": _refund,
    "dispute": _dispute,
    "dispute_won": _dispute_won,
    "dispute_lost": _dispute_lost,
}


def _declined(request: Request, method: str) -> str:
    """Return why this card declines this step, "" when it does not."""
    kind, reason = DECLINING.get(method, ("", ""))
    if kind == request.kind:
        return reason
    limit = method.removeprefix(LIMIT_TOKEN)
    if limit != method and request.kind in ("authorise", "adjust") and request.asked > int(limit):
        return "insufficient funds"
    return ""


def _declined_on_hold(request: Request, hold: Hold) -> str:
    if hold.state == "expired":
        return "hold expired"
    if hold.state != "open":
        raise EffectError(f"{request.key}: hold {hold.ref!r} is {hold.state} already")
    return _declined(request, hold.method)


def _captured(request: Request, hold: Hold) -> int:
    if hold.state != "captured" or request.on != hold.capture:
        raise EffectError(f"{request.key}: {request.on!r} is no capture")
    return hold.captured
