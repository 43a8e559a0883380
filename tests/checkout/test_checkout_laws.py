"""Whatever the provider says, in any order, with restarts: never twice, never more than owed."""

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from store_engine.checkout import Checkout
from store_engine.events import ChargeRequested, ChargeSettled, Event, ReceiptIssued
from tests.checkout.till import (
    COLA,
    PRICES,
    WATER,
    belief,
    charged,
    declined,
    line,
    started,
    till_store,
)


class CheckoutMachine(RuleBasedStateMachine):
    """A till, its shoppers, and a provider that answers whatever it likes."""

    shopping = Bundle("shopping")
    settled = Bundle("settled")

    def __init__(self) -> None:
        super().__init__()
        self.checkout = Checkout(till_store())
        self.visits = 0
        self.events: list[Event] = []

    @rule(target=shopping)
    def enter(self) -> str:
        self.visits += 1
        visit = f"door.0.{self.visits}"
        self.checkout.start(started(visit))
        return visit

    @rule(
        target=settled,
        visit=consumes(shopping),
        water=st.integers(0, 3),
        cola=st.integers(0, 3),
        posterior=st.floats(0, 1),
    )
    def walk_out(self, visit: str, water: int, cola: int, posterior: float) -> str:
        lines = [line(WATER, water, 0.95)] if water else []
        lines += [line(COLA, cola, posterior)] if cola else []
        self.events += self.checkout.settle(belief(*lines, visit=visit))
        return visit

    @rule(visit=settled, water=st.integers(1, 9))
    def believe_again(self, visit: str, water: int) -> None:
        self.events += self.checkout.settle(belief(line(WATER, water), visit=visit))

    @rule(visit=settled, ref=st.sampled_from(["p-1", "p-2"]))
    def answer_charged(self, visit: str, ref: str) -> None:
        asked = [event.amount for event in self._asked(visit)]
        result = charged(asked[0] if asked else 0, visit=visit, provider_ref=ref)
        self.events += self.checkout.paid(result, 0)

    @rule(visit=settled, amount=st.integers(0, 2 * sum(PRICES.values())))
    def answer_any_amount(self, visit: str, amount: int) -> None:
        self.events += self.checkout.paid(charged(amount, visit=visit), 0)

    @rule(visit=st.one_of(shopping, settled))
    def answer_declined(self, visit: str) -> None:
        self.events += self.checkout.paid(declined(visit=visit), 0)

    @rule()
    def restart(self) -> None:
        frozen = msgspec.msgpack.encode(self.checkout.snapshot())
        self.checkout = Checkout(till_store())
        self.checkout.restore(msgspec.msgpack.decode(frozen))
        assert msgspec.msgpack.encode(self.checkout.snapshot()) == frozen

    @invariant()
    def nobody_is_asked_or_charged_twice(self) -> None:
        for kind in (ChargeRequested, ChargeSettled, ReceiptIssued):
            visits = [_visit(event) for event in self.events if isinstance(event, kind)]
            assert len(visits) == len(set(visits))

    @invariant()
    def nobody_is_charged_more_than_the_receipt_says(self) -> None:
        owed = {
            event.receipt.visit: event.receipt.total
            for event in self.events
            if isinstance(event, ReceiptIssued)
        }
        for event in self.events:
            if isinstance(event, ChargeSettled | ChargeRequested):
                assert event.amount == owed[event.visit] > 0

    @invariant()
    def event_ids_are_never_used_twice(self) -> None:
        ids = [event.event for event in self.events]
        assert len(ids) == len(set(ids))

    def _asked(self, visit: str) -> list[ChargeRequested]:
        asked = [event for event in self.events if isinstance(event, ChargeRequested)]
        return [event for event in asked if event.visit == visit]


def _visit(event: Event) -> str:
    return event.receipt.visit if isinstance(event, ReceiptIssued) else event.visit


TestCheckoutMachine = CheckoutMachine.TestCase
TestCheckoutMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
