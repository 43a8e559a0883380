"""One contestant in one session against the truth: what counts, in numbers that add up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from benchmarks.accuracy.sessions import Session, Trial
from benchmarks.accuracy.told import Told, ToldReceipt, least_sure
from sim.scene import Truth
from sim.truth import owed_by
from store_engine.scoring import Basket, Score, same_basket, score
from store_engine.units import seconds_between, to_us


class JudgedTrip(NamedTuple):
    """The receipt of one account in one session."""

    account: str
    exact: bool
    reviewed: bool  # a person was asked to look
    certainty: float | None
    latency_s: float | None  # from the true exit until the edge could hand it over, store time


class JudgedLine(NamedTuple):
    """One line that was told, charged or not."""

    posterior: float
    right: bool  # exactly this quantity was owed


@dataclass(frozen=True, kw_only=True)
class Judged:
    """How one contestant did in one session."""

    trial: Trial
    contestant: str
    score: Score
    trips: tuple[JudgedTrip, ...]
    lines: tuple[JudgedLine, ...]  # those with a posterior
    store_s: float  # how long the session was
    cpu_s: float | None
    failure: str = ""  # what the contestant broke down with; it then told nothing


def judge(session: Session, contestant: str, told: Told, *, failure: str = "") -> Judged:
    """Return how a contestant did. The truth is read here and nowhere earlier."""
    receipts = {receipt.account: receipt for receipt in told.receipts}
    owed = owed_by(session.truth)
    exits_us = _exits_us(session.truth)
    accounts = sorted({*receipts, *owed})
    nothing = {account: ToldReceipt(account=account, lines=()) for account in accounts}
    receipts = {**nothing, **receipts}
    return Judged(
        trial=session.trial,
        contestant=contestant,
        score=score(
            charged={account: receipts[account].charged for account in accounts},
            owed=owed,
            prices=session.prices,
        ),
        trips=tuple(
            _trip(receipts[account], owed.get(account, {}), exits_us.get(account))
            for account in accounts
        ),
        lines=tuple(
            line
            for account in accounts
            for line in _lines(receipts[account], owed.get(account, {}))
        ),
        store_s=session.store_s,
        cpu_s=told.cpu_s,
        failure=failure,
    )


def _trip(receipt: ToldReceipt, owed: Basket, exit_us: int | None) -> JudgedTrip:
    told_us = receipt.told_us
    return JudgedTrip(
        account=receipt.account,
        exact=same_basket(receipt.charged, owed),
        reviewed=receipt.reviewed,
        certainty=least_sure(receipt.lines) if receipt.certainty is None else receipt.certainty,
        latency_s=None if told_us is None or exit_us is None else seconds_between(exit_us, told_us),
    )


def _lines(receipt: ToldReceipt, owed: Basket) -> list[JudgedLine]:
    return [
        JudgedLine(line.posterior, line.quantity == owed.get(line.gtin, 0))
        for line in receipt.lines
        if line.posterior is not None
    ]


def _exits_us(truth: Truth) -> Mapping[str, int]:
    """Return when the last person of each account truly left."""
    left: dict[str, int] = {}
    for visit in truth.visits:
        exit_us = truth.start_us + to_us(visit.left_s)
        left[visit.account] = max(exit_us, left.get(visit.account, 0))
    return left
