"""Which receipts a person is asked about: the least sure ones, within a budget.

What is not sure is never charged in the meantime: until somebody answers, doubt is settled in the
shopper's favour. The budget keeps asking from becoming the way the shop works.
"""

from store_engine.events import Event, ReviewRequested, event_id
from store_engine.messages import Receipt
from store_engine.store import Policy, Store

SPARE = 1  # reviews that may be asked before the first trips have earned one


class Reviews:
    """Counts trips and questions; at most `review_budget` of all trips, plus `SPARE`, are asked."""

    def __init__(self, policy: Policy) -> None:
        self._below = policy.review_below
        self._budget = policy.review_budget
        self._trips = 0
        self._asked = 0

    def wants(self, certainty: float) -> bool:
        """Count a trip; return whether a person should look at it."""
        self._trips += 1
        earned = SPARE + self._budget * self._trips if self._budget else 0.0
        wanted = certainty < self._below and self._asked + 1 <= earned
        self._asked += wanted
        return wanted

    def snapshot(self) -> list[int]:
        """Return the counts."""
        return [self._trips, self._asked]

    def restore(self, snapshot: list[int]) -> None:
        """Go on from these counts."""
        self._trips, self._asked = snapshot


def ask(receipt: Receipt, store: Store, *, time_us: int) -> Event:
    """Return the question about a receipt: which lines, how sure, and on which evidence."""
    unsure = [line for line in receipt.lines if line.posterior < store.policy.charge_above]
    weakest = unsure or sorted(receipt.lines, key=lambda line: line.posterior)[:1]
    evidence = [cause for line in receipt.lines for cause in line.causes]
    return ReviewRequested(
        event=event_id(store.map.store, receipt.visit, "review_requested"),
        time_us=time_us,
        causes=tuple(dict.fromkeys(evidence)),
        visit=receipt.visit,
        account=receipt.account,
        receipt=receipt.receipt,
        certainty=receipt.certainty,
        about=tuple(line.gtin for line in weakest),
    )
