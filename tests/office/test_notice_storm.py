"""A storm of notices: many times, out of order, at once. The books end as if each came once."""

import random
import time
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from store_engine.adapters.memory_books import MemoryBooks
from store_engine.errors import UnreachableError
from store_engine.office.notices import heed
from store_engine.ports.office import ProviderNotice
from tests.office.till_world import JPY, USD, World

TIMES, AT_ONCE = 6, 8
TOLD = {
    "won": "paid",
    "lost": "charged back",
    "came-back": "paid",
    "everything": "charged back",
    "unsure": "paid",
    "empty": "released",
}


class SlowBooks(MemoryBooks):
    """Books that others write in while one reads: decisions are often out of date."""

    def load(self, payment):
        events = super().load(payment)
        time.sleep(0.0005)
        return events


@pytest.fixture(autouse=True)
def _books_are_slow(monkeypatch):
    monkeypatch.setattr("tests.office.till_world.MemoryBooks", SlowBooks)


class Day:
    """A day at the shop; nobody has heard yet what the provider says about it."""

    def __init__(self, terms):
        self.world = World(terms=terms, **{name: [f"tok_{name}"] for name in TOLD})
        for name in ("won", "lost", "came-back", "everything"):
            self.pay(name)
        came_back = [self.refund_came_back("came-back", 1_300)]
        came_back += [self.refund_came_back("everything", 200)]
        self.dispute("won", 1_300, won=True)
        self.dispute("lost", 1_000, won=False)
        self.refund("everything", 300)  # and this one stays with them
        self.dispute("everything", 500, won=False)
        self.dispute("everything", 200, won=True)
        self.world.come_in("empty", entry="empty")
        self.world.release("party-empty", key="empty/left")
        self.pay_and_hear_nothing("unsure")
        self.notices = [*self.world.provider.notices(), *came_back]

    def pay(self, name):
        self.world.come_in(name, entry=name)
        self.world.charge(1_300, f"party-{name}", key=f"{name}/charge", receipt=name)

    def pay_and_hear_nothing(self, name):
        self.world.come_in(name, entry=name)
        self.world.trouble.unreachable_after = 1
        with pytest.raises(UnreachableError):
            self.world.charge(1_300, f"party-{name}", key=f"{name}/charge", receipt=name)

    def capture(self, name):
        return self.world.reading.payment(f"party-{name}").captures[0].ref

    def dispute(self, name, amount, *, won):
        case = f"{name}/{amount}"
        self.world.provider.dispute(capture=self.capture(name), amount=amount, dispute=case)
        self.world.provider.close_dispute(dispute=case, won=won)

    def refund(self, name, amount):
        """Give something back; return what the provider knows it as."""
        payment, refund = f"party-{name}", f"{name}/{amount} back"
        self.world.till.refund(payment, refund=refund, amount=amount, reason="wrong")
        return self.world.reading.payment(payment).asked[-1].operation

    def refund_came_back(self, name, amount):
        """Refund something; return the notice, days later, that it could not be given back."""
        return ProviderNotice(
            notice=f"{name}/came back",
            kind="refund_failed",
            ref=self.capture(name),
            operation=self.refund(name, amount),
            amount=amount,
            reason="account closed",
            time_us=self.world.now_us,
        )

    def hear(self, notice):
        """Take a notice in; until that is done, it comes again."""
        while True:
            try:
                heed(notice, till=self.world.reading, books=self.world.books)
            except UnreachableError:
                continue
            return

    def books(self):
        """Every word, whatever order the words of a payment were told in."""
        return sorted(map(msgspec.json.encode, self.world.words()))

    def states(self):
        return {name: self.world.state(f"party-{name}") for name in TOLD}


@pytest.mark.parametrize("terms", [USD, JPY], ids=["USD", "JPY"])
@pytest.mark.parametrize("seed", range(4))
def test_a_storm_of_notices_leaves_the_books_as_if_each_came_once(terms, seed):
    calm, storm = Day(terms), Day(terms)
    for notice in calm.notices:
        calm.hear(notice)
    coming = storm.notices * TIMES
    random.Random(seed).shuffle(coming)
    storm.world.trouble.lost_after = storm.world.trouble.lost_before = 0.3
    with ThreadPoolExecutor(AT_ONCE) as couriers:
        list(couriers.map(storm.hear, coming))
    assert storm.books() == calm.books()
    assert storm.states() == calm.states() == TOLD
    assert storm.world.balance() == calm.world.balance()


@pytest.mark.parametrize("terms", [USD, JPY], ids=["USD", "JPY"])
def test_after_a_storm_the_ledger_says_who_has_the_money(terms):
    day = Day(terms)
    for notice in day.notices[::-1] * TIMES:
        day.hear(notice)
    balance = day.world.balance()
    assert balance.charged_back == 1_000 + 500
    assert balance.cash == 5 * 1_300 - 300 - balance.charged_back
