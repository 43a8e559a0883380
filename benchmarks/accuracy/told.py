"""What a contestant says about a session: receipts, in the same words for every engine."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from store_engine.events import Event, ReceiptIssued, ReviewRequested
from store_engine.messages import Receipt


class ToldLine(NamedTuple):
    """One product on a receipt."""

    gtin: str
    quantity: int
    posterior: float | None = None  # that exactly `quantity` is right; None: the engine cannot say
    charged: bool = True


@dataclass(frozen=True, kw_only=True)
class ToldReceipt:
    """What one account is told in one session: the trip that is judged."""

    account: str
    lines: tuple[ToldLine, ...]
    certainty: float | None = None  # that the whole receipt is right; None: the engine cannot say
    reviewed: bool = False  # a person is asked to look at it
    told_us: int | None = None  # when the edge could hand it over; None: not known

    @property
    def charged(self) -> dict[str, int]:
        """What is charged: GTIN -> quantity."""
        return {line.gtin: line.quantity for line in self.lines if line.charged}


@dataclass(frozen=True, kw_only=True)
class Told:
    """Everything a contestant says about a session."""

    receipts: tuple[ToldReceipt, ...]
    cpu_s: float | None = None  # None: measured elsewhere


def least_sure(lines: Iterable[ToldLine]) -> float | None:
    """Return the posterior of the least sure line: 1 without lines, None where any is unknown.

    Stands in for the certainty of a receipt whose engine gives none.
    """
    posteriors = [line.posterior for line in lines]
    known = [posterior for posterior in posteriors if posterior is not None]
    return min(known, default=1.0) if len(known) == len(posteriors) else None


def from_events(decided: Iterable[tuple[int, Event]]) -> tuple[ToldReceipt, ...]:
    """Return what the engine's events say. Each comes with the microsecond it was decided at.

    That is the arrival (edge clock) which settled them, so waiting for late messages counts.
    """
    issued: dict[str, list[tuple[int, Receipt]]] = {}
    asked: set[str] = set()  # visits
    for time_us, event in decided:
        if isinstance(event, ReceiptIssued):
            issued.setdefault(event.receipt.account, []).append((time_us, event.receipt))
        elif isinstance(event, ReviewRequested):
            asked.add(event.visit)
    return tuple(_merged(account, issued[account], asked) for account in sorted(issued))


def from_baskets(baskets: Mapping[str, Counter[str]]) -> tuple[ToldReceipt, ...]:
    """Return receipts of an engine that only counts: sure of nothing, charging everything."""
    return tuple(
        ToldReceipt(
            account=account,
            lines=tuple(ToldLine(gtin, count) for gtin, count in sorted(basket.items()) if count),
        )
        for account, basket in sorted(baskets.items())
    )


def _merged(account: str, issued: list[tuple[int, Receipt]], asked: set[str]) -> ToldReceipt:
    """Several visits of one account in one session are one trip, as sure as its least sure part."""
    lines: dict[tuple[str, bool], ToldLine] = {}
    for _, receipt in issued:
        for line in receipt.lines:
            key = (line.gtin, line.charged)
            before = lines.get(key, ToldLine(line.gtin, 0, 1.0, line.charged))
            lines[key] = ToldLine(
                line.gtin,
                before.quantity + line.quantity,
                min(before.posterior or 0.0, line.posterior),
                line.charged,
            )
    told = tuple(lines[key] for key in sorted(lines))
    return ToldReceipt(
        account=account,
        lines=told,
        certainty=min(receipt.certainty for _, receipt in issued),
        reviewed=any(receipt.visit in asked for _, receipt in issued),
        told_us=max(time_us for time_us, _ in issued),
    )
